//! What an event would come to, before anybody hands it in.

use ::lifecycle::Decision;

use super::Submitted;
use super::history::load;
use super::incoming::Incoming;
use super::intend::{decide, find};
use super::message::BusinessEvent;
use crate::audit::Actor;
use crate::{NodeError, Province};

impl Province {
    /// Why an event that is handed in now would not be done; `None` when it would. Nothing is written, and nothing is promised: the
    /// certificate may change meanwhile.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub(crate) fn foretell(
        &self,
        message: BusinessEvent,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<String>, NodeError> {
        let incoming = Incoming::read(self, Submitted { message, actor: actor.clone() }, now);
        let event = match &incoming.event {
            Ok(event) => event,
            Err(findings) => return Ok(findings.first().map(|finding| finding.what.clone())),
        };
        self.store.read(|session| {
            let found = find(session, self, &incoming)?;
            let kind = found.as_ref().map(|one| one.kind.clone()).or_else(|| incoming.kind.clone());
            let subject = incoming.subject();
            let history = load(
                session,
                &self.personal,
                found.as_ref(),
                &kind.unwrap_or_default(),
                (&subject.0, &subject.1),
            )?;
            Ok(match decide(self, &history, event, &incoming) {
                Decision::Apply(_) | Decision::ApplyLate(_) | Decision::Same { .. } => None,
                Decision::Wait { why, .. }
                | Decision::Refuse(why)
                | Decision::WorkItem(why)
                | Decision::Conflict(why) => Some(why.what),
            })
        })
    }
}
