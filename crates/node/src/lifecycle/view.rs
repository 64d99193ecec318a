//! What a sender may ask afterwards: a certificate with its past, the results of its events, a lint without an event.

use ::lifecycle::{State, day_of};
use model::{Finding, Record};
use serde::Serialize;
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::event::{self, EventRow};
use store::rows::{result, version};

use super::history::{Kept, parse};
use super::message::BusinessEvent;
use crate::audit::{Act, Actor, append};
use crate::issue::check;
use crate::keys::rfc3339;
use crate::{NodeError, Province};

/// One second in microseconds.
const SECOND: i64 = 1_000_000;

/// Whose certificate and where: what rights are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Row key.
    pub id: String,
    /// Area code.
    pub area: String,
    /// Slug of the kind.
    pub kind: String,
}

/// How a certificate is named.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// By its row key, or by the 证照标识 of any of its versions.
    Key(&'a str),
    /// By the source's own key.
    Subject(&'a str, &'a str),
}

/// A certificate as the register has it; no personal data unless asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CertificateView {
    /// Row key.
    pub id: String,
    /// Slug of the kind.
    pub kind: String,
    /// Its Chinese name.
    pub kind_name: String,
    /// USCC of the issuing authority.
    pub issuer: String,
    /// Area code.
    pub area: String,
    /// 证照标识 of the newest version; absent for an unconverted record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Status in Chinese on this day (`停运`).
    pub status: String,
    /// Last day of validity; absent for 长期.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
    /// Newest version; 0 for an unconverted record.
    pub version: i64,
    /// Acts recorded.
    pub state_seq: i64,
    /// Versions, oldest first.
    pub versions: Vec<VersionLine>,
    /// Answered events in the order of their answers, then those that wait.
    pub events: Vec<EventLine>,
    /// Hints that events of other certificates left here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

/// A version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VersionLine {
    /// 1 to 999.
    pub version: i64,
    /// 证照标识.
    pub identifier: String,
    /// SM3 of the record that it stands on, hex (R3).
    pub record_sm3: String,
    /// Signed at, RFC 3339.
    pub signed_at: String,
}

/// An event of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventLine {
    /// Who sent it.
    pub source: String,
    /// Its id there.
    pub event_id: String,
    /// Chinese name of the kind of event.
    pub event: String,
    /// RFC 3339.
    pub occurred_at: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// `applied`, `waiting`, `refused`, `work` ….
    pub status: String,
    /// The certificate's count after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_seq: Option<i64>,
    /// RFC 3339.
    pub recorded_at: String,
    /// As it was sent, without the photo; only for who may see personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<BusinessEvent>,
}

/// A line of the result feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResultLine {
    /// Number, to go on from.
    pub seq: i64,
    /// The event that it is about.
    pub event_id: String,
    /// The certificate that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// `issued`, `collected`, `refused` ….
    pub what: String,
    /// More about it.
    pub body: serde_json::Value,
    /// RFC 3339.
    pub recorded_at: String,
}

impl Province {
    /// Looks a certificate up, without reading anything of it but area and kind.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn locate(&self, origin: Origin<'_>) -> Result<Option<Located>, NodeError> {
        let found = self.store.read(|session| find(session, origin))?;
        Ok(found.map(|one| Located { id: one.id, area: one.area, kind: one.kind }))
    }

    /// All that a certificate is called in the audit log: its row key, under which acts stand, and the identifiers of its versions, under
    /// which checks do.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn names_of(&self, id: &str) -> Result<Vec<String>, NodeError> {
        let versions = self.store.read(|session| version::of(session, id))?;
        Ok(std::iter::once(id.to_owned()).chain(versions.into_iter().map(|one| one.identifier)).collect())
    }

    /// A certificate with its versions and events. `personal` adds the messages as they were sent. Its audit row is durable
    /// when this returns.
    ///
    /// # Errors
    /// A database that cannot be read or written; a value that cannot be opened.
    pub fn certificate_view(
        &self,
        id: &str,
        personal: bool,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<CertificateView>, NodeError> {
        let view = self.store.read(|session| -> Result<_, NodeError> {
            let Some(one) = certificate::by_id(session, id)? else { return Ok(None) };
            self.view_of(session, one, personal, now).map(Some)
        })?;
        if let Some(view) = &view {
            let act = Act {
                act: if personal { "lifecycle.read_personal" } else { "lifecycle.read" }.to_owned(),
                at: now,
                actor: actor.clone(),
                object: Some(view.id.clone()),
                area: Some(view.area.clone()),
                outcome: "shown".to_owned(),
                ..Act::default()
            };
            let row = self.new_id(now);
            self.store.write(move |session| -> Result<_, NodeError> {
                Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
            })?;
        }
        Ok(view)
    }

    fn view_of(
        &self,
        session: &mut Session,
        one: Certificate,
        personal: bool,
        now: i64,
    ) -> Result<CertificateView, NodeError> {
        let today = day_of(now);
        let state: State = parse(&one.state, "证照状态")?;
        let versions = version::of(session, &one.id)?.into_iter().map(|row| VersionLine {
            version: row.version,
            identifier: row.identifier,
            record_sm3: row.record_sm3,
            signed_at: rfc3339(row.signed_at),
        });
        let versions = versions.collect();
        let mut rows = event::answered(session, &one.id)?;
        rows.extend(event::waiting_on(session, &one.id)?);
        let events: Result<Vec<EventLine>, NodeError> =
            rows.into_iter().map(|row| self.event_line(row, personal)).collect();
        let hints = certificate::hints(session, &one.id)?.into_iter().map(|(_, text)| text).collect();
        let kind = self.data.catalogue.kind(&one.kind, today.date());
        Ok(CertificateView {
            kind_name: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
            status: self.rules.status_name(&state, today),
            versions,
            events: events?,
            hints,
            id: one.id,
            kind: one.kind,
            issuer: one.issuer,
            area: one.area,
            identifier: one.identifier,
            last_day: one.last_day,
            version: one.version,
            state_seq: one.state_seq,
        })
    }

    fn event_line(&self, row: EventRow, personal: bool) -> Result<EventLine, NodeError> {
        let message = if personal { Some(Kept::open(&self.personal, &row)?.message) } else { None };
        Ok(EventLine {
            source: row.source,
            event_id: row.event_id,
            event: row.kind,
            occurred_at: rfc3339(row.occurred_at.div_euclid(SECOND)),
            effective_on: row.effective_on,
            status: row.status,
            state_seq: row.state_seq,
            recorded_at: rfc3339(row.recorded_at.div_euclid(SECOND)),
            message,
        })
    }

    /// What a source is told after the answers: its lines after a number, at most `most`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn results(&self, source: &str, since: i64, most: u32) -> Result<Vec<ResultLine>, NodeError> {
        let rows = self.store.read(|session| result::since(session, source, since, most))?;
        rows.into_iter().map(result_line).collect()
    }

    /// The same for people, newest first: the lines before a number.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn results_back(&self, source: &str, before: i64, most: u32) -> Result<Vec<ResultLine>, NodeError> {
        let rows = self.store.read(|session| result::back(session, source, before, most))?;
        rows.into_iter().map(result_line).collect()
    }

    /// What would be wrong with a record if it were to be issued now; nothing is stored.
    pub fn lint(&self, record: Record, photo: Option<Vec<u8>>, now: i64) -> Vec<Finding> {
        check(self.works(), record, photo, day_of(now).date()).findings
    }
}

fn result_line(row: result::ResultRow) -> Result<ResultLine, NodeError> {
    Ok(ResultLine {
        seq: row.seq,
        event_id: row.event_id,
        certificate: row.certificate_id,
        what: row.what,
        body: parse(&row.body, "结果反馈")?,
        recorded_at: rfc3339(row.recorded_at.div_euclid(SECOND)),
    })
}

fn find(session: &mut Session, origin: Origin<'_>) -> Result<Option<Certificate>, NodeError> {
    Ok(match origin {
        Origin::Subject(source, subject) => certificate::by_subject(session, source, subject)?,
        Origin::Key(key) => match certificate::by_id(session, key)? {
            Some(one) => Some(one),
            None => certificate::by_identifier(session, key)?,
        },
    })
}
