//! What a new version would show, linted and laid out before the transaction that decides.

use ::lifecycle::{Decision, Event};
use codes::LegalDate;
use model::Severity;
use store::rows::{certificate, event};

use super::due::{is_behind, is_incomplete, no_face};
use super::history::{Kept, load, parse};
use super::incoming::{Incoming, carry, load_photo};
use super::intend::{Trial, find};
use crate::issue::{Candidate, check_ahead};
use crate::{NodeError, Province};

/// What a new version would show, and the place of its photo: a face that is carried on keeps the one it has.
pub(super) type Shown<'a> = (Candidate<'a>, Option<String>);

/// The last face of a certificate, and what will change it before the version of an event is made.
struct Last {
    kind: String,
    /// Record, sealed, and photo; nothing before the first version.
    record: Option<(String, Option<String>)>,
    certificate: String,
    /// Versions dated ahead that come first: message, event, photo.
    between: Vec<(Kept, Option<String>)>,
    /// It lacks what a version that was never made would have said.
    missing: bool,
}

impl Province {
    /// The record that an event's new version would show, checked for the day on which it would be made.
    pub(super) fn trial_of(&self, one: &Incoming) -> Result<Option<Shown<'_>>, NodeError> {
        let Ok(event) = &one.event else { return Ok(None) };
        let day = event.effective_on.max(one.today);
        let days = (day.date(), one.today.date());
        if let Some(record) = &one.message.record {
            let photo = match (&one.bytes, &one.photo) {
                (Some(bytes), _) => Some(bytes.as_ref().clone()),
                (None, Some(photo)) => Some(load_photo(self, photo)?),
                (None, None) => None,
            };
            return Ok(Some((check_ahead(self.works(), record.clone(), photo, days), one.photo.clone())));
        }
        // Without a face of its own it may still need a new version: of the last face, with what it says.
        let Some(last) = self.last_face(one, event, day)? else { return Ok(None) };
        let Some(kind) = self.data.catalogue.kind(&last.kind, day.date()) else { return Ok(None) };
        let mut shown: Option<(model::Record, Option<String>)> = None;
        if let Some((sealed, photo)) = last.record {
            let place = certificate::record_place(&last.certificate);
            shown = Some((parse(&self.personal.open(&place, &sealed)?, "照面记录")?, photo));
        }
        for (kept, photo) in last.between {
            shown = match (kept.message.record.clone(), shown) {
                (Some(record), _) => Some((record, photo)),
                (None, Some((record, photo))) => {
                    Some((carry(record, &kept.message, &kept.event, kind), photo))
                }
                (None, None) => None,
            };
        }
        let Some((record, photo)) = shown else { return Ok(None) };
        let record = carry(record, &one.message, event, kind);
        let bytes = photo.as_deref().map(|photo| load_photo(self, photo)).transpose()?;
        let mut candidate = check_ahead(self.works(), record, bytes, days);
        if last.missing {
            candidate.findings.push(no_face(&candidate.record));
        }
        Ok(Some((candidate, photo)))
    }

    /// What an event without a face of its own would carry on; `None` where it needs no version.
    fn last_face(&self, one: &Incoming, event: &Event, day: LegalDate) -> Result<Option<Last>, NodeError> {
        self.store.read(|session| {
            let Some(found) = find(session, self, one)? else { return Ok(None) };
            let subject = one.subject();
            let history = load(session, &self.personal, Some(&found), &found.kind, (&subject.0, &subject.1))?;
            let needs = matches!(
                ::lifecycle::decide(&self.rules, &history, event, one.today),
                Decision::Apply(effect) | Decision::ApplyLate(effect) if effect.version.is_some()
            );
            if !needs && !one.released {
                return Ok(None);
            }
            let mut between = Vec::new();
            if day > one.today {
                for due in event::due_of(session, &found.id, &day.to_string())? {
                    let Some(row) = event::by_id(session, &due.event_row)? else { continue };
                    between.push((Kept::open(&self.personal, &row)?, row.photo));
                }
            }
            let mended = between.iter().any(|(kept, _)| kept.message.record.is_some());
            let missing =
                !mended && (is_behind(&found, &history, one.today) || is_incomplete(session, &found)?);
            let record = certificate::record(session, &found.id)?;
            Ok(Some(Last { kind: found.kind, record, certificate: found.id, between, missing }))
        })
    }
}

pub(super) fn trial(candidate: &Candidate<'_>, photo: Option<String>) -> Trial {
    let errors = candidate.findings.iter().filter(|finding| finding.severity == Severity::Error);
    Trial {
        record: candidate.record.clone(),
        record_sm3: gm::sm3::sm3(&candidate.record.canonical()),
        photo,
        findings: if candidate.is_refused() { candidate.findings.clone() } else { errors.cloned().collect() },
    }
}
