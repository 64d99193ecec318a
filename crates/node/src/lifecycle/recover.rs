//! After a crash: what was intended is finished, with the same bytes; and what a new day brings.

use std::sync::Arc;

use store::rows::certificate::{self};
use store::rows::event;
use store::rows::issue::{self, IntentRow};

use super::history::{Kept, parse};
use super::incoming::{Incoming, load_photo};
use super::intend::{Body, Make, Trial, intent_place};
use super::{Answer, Outcome};
use crate::issue::check;
use crate::{NodeError, Province};

/// Intents and waits that are looked at in one go.
const MOST: u32 = 256;

/// What a recovery did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Intents finished.
    pub finished: usize,
    /// Intents that could not be finished: identifier and why.
    pub stuck: Vec<(String, String)>,
}

impl Province {
    /// Finishes the intents that were open at `until` (microseconds UTC). At start that is all of them; later those older than
    /// a process could still be at work on.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn recover(self: &Arc<Self>, until: i64, now: i64) -> Result<Recovered, NodeError> {
        let mut recovered = Recovered::default();
        loop {
            let open = self.store.read(|session| issue::open_intents(session, until, MOST))?;
            let before = recovered.finished;
            for row in open {
                if recovered.stuck.iter().any(|(identifier, _)| *identifier == row.identifier) {
                    continue;
                }
                match self.finish(&row, now) {
                    Ok(()) => recovered.finished += 1,
                    Err(error) => recovered.stuck.push((row.identifier, error.to_string())),
                }
            }
            if recovered.finished == before {
                return Ok(recovered);
            }
        }
    }

    fn finish(self: &Arc<Self>, row: &IntentRow, now: i64) -> Result<(), NodeError> {
        let lost = |what: &str| {
            NodeError::refused(
                format!("意向“{}”的{what}不在数据库里", row.identifier),
                "请运行 luzheng doctor",
            )
        };
        let body: Body = parse(&self.personal.open(&intent_place(&row.identifier), &row.body)?, "制发意向")?;
        let record = body.record.ok_or_else(|| lost("照面记录"))?;
        let (certificate, stored) = self.store.read(|session| -> Result<_, NodeError> {
            Ok((certificate::by_id(session, &row.certificate_id)?, event::by_id(session, &row.event_row)?))
        })?;
        let certificate = certificate.ok_or_else(|| lost("证照"))?;
        let stored = stored.ok_or_else(|| lost("业务事件"))?;
        let kept = Kept::open(&self.personal, &stored)?;
        let mut incoming =
            Incoming::again(self, kept.message.clone(), kept.actor.clone(), stored.id.clone(), now);
        incoming.photo.clone_from(&stored.photo);
        incoming.digest.clone_from(&stored.content_sm3);
        let photo = stored.photo.as_deref().map(|photo| load_photo(self, photo)).transpose()?;
        // The day of the intent decides, not today: it was fit to be issued then.
        let day = crate::keys::day(body.intent.signed_at);
        let candidate = check(self.works(), record, photo, day);
        if candidate.ready.is_none() {
            let what = format!("“{}”按意向重做时照面不再合规", row.identifier);
            return Err(NodeError::refused(what, "请核对照面规则是否已变，由系统管理员放弃该意向后重新办理"));
        }
        let trial = Trial {
            record_sm3: body.intent.record_sm3,
            photo: stored.photo.clone(),
            findings: Vec::new(),
            record: candidate.record.clone(),
        };
        let make = Make { certificate, effect: body.effect, intent: body.intent, row: stored, kept };
        let batch = Arc::new(vec![incoming]);
        self.issue(&batch, vec![(0, make, &candidate, &trial)])?;
        Ok(())
    }

    /// What a new day brings: waits that are over become work items, versions that are due are issued (or, where their face
    /// could be wrong, left to a person), and what else was recorded ahead comes into force.
    ///
    /// # Errors
    /// A database that cannot be read; the last due version that could not be made, or certificate that could not be brought up to
    /// the day, for a fault of our own.
    pub fn new_day(self: &Arc<Self>, now: i64) -> Result<Vec<Answer>, NodeError> {
        let today = ::lifecycle::day_of(now).to_string();
        let overdue = self.store.read(|session| event::overdue(session, &today, MOST))?;
        let mut answers = Vec::new();
        for (source, subject) in overdue {
            let certificate =
                self.store.read(|session| certificate::by_subject(session, &source, &subject))?;
            answers.extend(self.release(&source, &subject, certificate.map(|one| one.id).as_deref(), now)?);
        }
        // A version brings its certificate up to the day by itself. One that cannot be made leaves the status right all the same.
        let made = self.issue_due(now);
        let in_force = self.come_into_force(now);
        answers.extend(made?);
        answers.extend(in_force?);
        answers.retain(|answer| answer.result != Outcome::Busy);
        Ok(answers)
    }
}
