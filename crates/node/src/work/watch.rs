//! Open items as supervisors see them: all of their areas, to read and to ask after; closing them is the clerks' work.

use store::rows::work as rows;
use store::rows::{certificate, event};

use super::WorkFilter;
use crate::certificate::Within;
use crate::overview::{Listed, MOST};
use crate::{NodeError, Province};

/// An open item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Stable code.
    pub code: String,
    /// What, and what to do.
    pub why: String,
    /// Area code.
    pub area: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Its certificate, where the caller may look at that one.
    pub certificate: Option<CertificateRef>,
    /// Its event, where it lies in the caller's areas.
    pub event: Option<EventRef>,
}

/// What a certificate is found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRef {
    /// Row key.
    pub id: String,
    /// Its kind, in Chinese.
    pub kind: String,
    /// 证照标识; absent while on paper.
    pub identifier: Option<String>,
}

/// What an event is found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRef {
    /// Kind of event (Chinese name).
    pub kind: String,
    /// Who sent it.
    pub source: String,
    /// Its id there.
    pub event_id: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

impl Province {
    /// A page of open items, oldest first; `after` is what the page before gave, empty for the first one. `within`: the certificates
    /// that the caller may look at.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn work_watch(
        &self,
        filter: &WorkFilter,
        within: &Within,
        (after, most): (&str, u32),
        now: i64,
    ) -> Result<Listed<Watched>, NodeError> {
        let place = after.split_once('~').and_then(|(at, id)| Some((at.parse().ok()?, id)));
        self.store.read(|session| {
            let count = rows::count(session, filter, MOST)?;
            let mut found = rows::watched(session, filter, place.unwrap_or((i64::MIN, "")), most + 1)?;
            let more = found.len() > most as usize;
            found.truncate(most as usize);
            let next = found.last().filter(|_| more).map(|last| format!("{}~{}", last.opened_at, last.id));
            let mut listed =
                Listed { rows: Vec::new(), next, count: (count < i64::from(MOST)).then_some(count) };
            for one in found {
                let of = match &one.certificate_id {
                    Some(id) => certificate::by_id(session, id)?,
                    None => None,
                };
                let of = of.filter(|of| within.has(&of.area, &of.kind));
                // The event may be of another area: a licence that ended there, over a vehicle here.
                let event = match &one.event_row {
                    Some(id) => event::by_id(session, id)?,
                    None => None,
                };
                let event = event.filter(|row| filter.reach.holds(&row.area, ""));
                listed.rows.push(Watched {
                    certificate: of.map(|of| CertificateRef {
                        kind: self.kind_text(&of.kind, now),
                        id: of.id,
                        identifier: of.identifier,
                    }),
                    event: event.map(|row| EventRef {
                        kind: row.kind,
                        source: row.source,
                        event_id: row.event_id,
                        recorded_at: row.recorded_at,
                    }),
                    code: one.code,
                    why: one.why,
                    area: one.area,
                    opened_at: one.opened_at,
                });
            }
            Ok(listed)
        })
    }

    /// Codes of the open items within a reach with how many there are, most first; of the first [`MOST`].
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn work_sorts(&self, filter: &WorkFilter) -> Result<Vec<(String, i64)>, NodeError> {
        let found = self.store.read(|session| store::rows::overview::work(session, &filter.reach, MOST))?;
        Ok(found.into_iter().map(|(code, _, n)| (code, n)).collect())
    }
}
