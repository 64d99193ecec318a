//! What a holder sees: every certificate with its status and what to do next.

use ::lifecycle::{State, day_of};
use codes::{LegalDate, Validity};
use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::{certificate, deliver, issue};

use super::words::{Facts, days_between};
use super::{DeliveryRecord, HolderSubject};
use crate::audit::{self, Act};
use crate::lifecycle::parse;
use crate::{NodeError, Province, share};

/// How urgent a step is; the page colours by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Good to know.
    Info,
    /// To be done in time.
    Soon,
    /// The certificate cannot be used before.
    Now,
}

/// What to do next. From `data/deliver.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// Stable code (`ACTIVATE`, `RENEW`, `ANNUAL_DUE`, `HELD` …).
    pub code: String,
    /// How urgent.
    pub urgency: Urgency,
    /// Chinese sentence.
    pub text: String,
}

/// Where the face is to be had: [`Province::share_face`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaceRef {
    /// 证照标识 of the newest version.
    pub identifier: String,
    /// Names of the parts, in order (`正本`, `副本`).
    pub parts: Vec<String>,
}

/// One certificate as its holder sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldCertificate {
    /// Row key: names it in every further call.
    pub id: String,
    /// Slug of the kind.
    pub kind: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// 证照标识; `None` while only on paper.
    pub identifier: Option<String>,
    /// 证照编号.
    pub certificate_no: Option<String>,
    /// Name of the issuing authority; its USCC where the directory lacks it.
    pub authority: String,
    /// Plate, for a vehicle's.
    pub plate: Option<String>,
    /// Status in Chinese on this day.
    pub status: String,
    /// Can it be used today: base normal, no hold that forbids, within its dates?
    pub usable: bool,
    /// First day.
    pub valid_from: Option<String>,
    /// Last day, ISO or 长期.
    pub valid_to: Option<String>,
    /// Days until the last day; negative when it is over; `None` for 长期 and unknown.
    pub days_left: Option<i64>,
    /// Last day of 年审.
    pub annual_due: Option<String>,
    /// Is it activated?
    pub activated: bool,
    /// May it be shown (亮证) now? Else [`Province::share_present`] says why.
    pub showable: bool,
    /// Delivery of the newest version.
    pub delivery: Option<DeliveryRecord>,
    /// What to do next, most urgent first.
    pub next: Vec<NextStep>,
    /// The face; `None` while only on paper.
    pub face: Option<FaceRef>,
    /// For one shown under a grant: who granted it and until when.
    pub grant: Option<crate::share::GrantedTo>,
}

/// All that a holder sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MyCertificates {
    /// The holder's own, live ones first.
    pub own: Vec<HeldCertificate>,
    /// 授权给我的.
    pub granted: Vec<HeldCertificate>,
    /// There are more than could be listed.
    pub more: bool,
}

/// Certificates of one list at most; a larger fleet is looked through by plate or number.
const MOST: u32 = 500;

impl Province {
    /// Every certificate of a holder, and those that the holder may show for others. Versions seen here for the first time are
    /// thereby received (送达). Its audit row is durable when this returns.
    ///
    /// # Errors
    /// A database that cannot be read or written; a value that cannot be opened.
    pub fn my_certificates(&self, subject: &HolderSubject, now: i64) -> Result<MyCertificates, NodeError> {
        let mine = self.store.read(|session| -> Result<_, NodeError> {
            let mut mine = MyCertificates::default();
            for number in subject.numbers() {
                let ids = deliver::held_by(session, number, ::lifecycle::Base::Normal.name(), MOST + 1)?;
                mine.more |= ids.len() > MOST as usize;
                for id in ids.into_iter().take(MOST as usize) {
                    // An old and a new form of one number may both stand on a certificate.
                    if mine.own.iter().all(|one| one.id != id) {
                        mine.own.extend(self.held(session, &id, now)?);
                    }
                }
            }
            for (id, grant) in share::granted_to(self, session, subject, now)? {
                if let Some(held) = self.held(session, &id, now)? {
                    mine.granted.push(HeldCertificate { grant: Some(grant), next: Vec::new(), ..held });
                }
            }
            Ok(mine)
        })?;
        let fresh = |one: &&HeldCertificate| one.delivery.as_ref().is_some_and(|it| it.received.is_none());
        let fresh: Vec<String> = mine.own.iter().filter(fresh).map(|one| one.id.clone()).collect();
        let mut act = Act {
            act: "deliver.my_certificates".into(),
            at: now,
            actor: subject.actor(),
            outcome: "shown".into(),
            ..Act::default()
        };
        act.detail.insert("own".into(), mine.own.len().to_string());
        act.detail.insert("granted".into(), mine.granted.len().to_string());
        let entry = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            for id in &fresh {
                deliver::received(session, id, "web", now)?;
            }
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(mine)
    }

    /// One certificate as its holder sees it; `None` where there is none.
    fn held(&self, session: &mut Session, id: &str, now: i64) -> Result<Option<HeldCertificate>, NodeError> {
        let Some(one) = certificate::by_id(session, id)? else { return Ok(None) };
        let today = day_of(now);
        let state = parse::<State>(&one.state, "证照状态")?.on(today);
        let status = self.rules.status_name(&state, today);
        let kind = self.data.catalogue.kind(&one.kind, today.date());
        let record: Option<model::Record> = match certificate::record(session, id)? {
            Some((sealed, _)) => {
                Some(parse(&self.personal.open(&certificate::record_place(id), &sealed)?, "照面记录")?)
            }
            None => None,
        };
        let delivery = deliver::records(session, id)?.into_iter().next().map(super::record::record);
        let activated = deliver::activation(session, id)?.is_some();
        let face = match &one.identifier {
            Some(identifier) => Some(FaceRef {
                parts: issue::files(session, identifier)?.into_iter().map(|file| file.name).collect(),
                identifier: identifier.clone(),
            }),
            None => None,
        };
        let holds: Vec<_> = state.holds.iter().map(|hold| self.rules.hold_name(hold)).collect();
        let holds = holds.join("、");
        let facts =
            Facts { kind: &one.kind, state: &state, status: &status, holds: &holds, activated, today };
        let next = self.data.words.next(&facts);
        let last = match state.valid_to {
            Some(Validity::Until(date)) => Some(date),
            _ => None,
        };
        let authority = self.data.catalogue.authorities.get(&one.issuer, today.date());
        Ok(Some(HeldCertificate {
            kind_name: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
            authority: authority.map_or_else(|| one.issuer.clone(), |one| one.name.clone()),
            plate: record.and_then(|record| record.face.text("KZ_CLHP").map(str::to_owned)),
            usable: self.usable(&state, today),
            valid_from: state.valid_from.map(|day| day.to_string()),
            valid_to: state.valid_to.map(|end| end.to_string()),
            days_left: last.map(|date| days_between(today, date.into())),
            annual_due: state.annual.due.map(|day| day.to_string()),
            showable: activated && one.version > 0 && !state.base.is_terminal(),
            grant: None,
            id: one.id,
            kind: one.kind,
            identifier: one.identifier,
            certificate_no: one.certificate_no,
            status,
            activated,
            delivery,
            next,
            face,
        }))
    }

    /// Base normal, no hold that forbids, within its dates.
    pub(crate) fn usable(&self, state: &State, today: LegalDate) -> bool {
        // A hold that nobody knows forbids.
        let forbids = |slug: &str| {
            self.rules.holds().iter().find(|rule| rule.slug == slug).is_none_or(|rule| rule.forbids_use)
        };
        !state.base.is_terminal()
            && !state.holds.iter().any(|hold| forbids(&hold.0))
            && state.valid_from.is_none_or(|from| from <= today)
            && state.valid_to.is_none_or(|end| end.covers(today.date()))
    }
}
