//! Why a certificate is held or has ended: since when, by whom, by which decision, as far as the record knows.

use ::lifecycle::{Base, Delta, Outcome, State};
use codes::LegalDate;
use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::certificate::Certificate;
use store::rows::event;

use crate::lifecycle::Kept;
use crate::{NodeError, Province};

/// What stands against a certificate, and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// 暂扣, 停运, 吊销 ….
    pub name: String,
    /// First day in force, ISO.
    pub since: String,
    /// The unit that did it; empty where the record does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// 决定文号; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decision: String,
}

impl Cause {
    /// One line for people: `暂扣：自 2026-11-03 起，演示市交通运输局，演执暂〔2026〕7号`.
    pub fn line(&self) -> String {
        let decision = match self.decision.as_str() {
            "" => String::new(),
            number => format!("决定文号 {number}"),
        };
        let parts = [format!("自 {} 起", self.since), self.unit.clone(), decision];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("，")
    }
}

impl Province {
    /// The causes of what stands against a certificate on a day by what was recorded at `at` (microseconds UTC); none where nothing
    /// does. In the order of the status's words.
    pub(crate) fn why_held(
        &self,
        session: &mut Session,
        one: &Certificate,
        state: &State,
        (today, at): (LegalDate, i64),
    ) -> Result<Vec<Cause>, NodeError> {
        let present = state.on(today);
        let ended = (present.base != Base::Normal).then(|| present.base.name().to_owned());
        // Most certificates are not held: their past is not read.
        if ended.is_none() && present.holds.is_empty() {
            return Ok(Vec::new());
        }
        let history = crate::lifecycle::history_of(session, &self.personal, one)?;
        let mut causes = Vec::new();
        let wanted = ended.map(|name| (name, None)).into_iter();
        let holds = present.holds.iter().map(|hold| (self.rules.hold_name(hold).to_owned(), Some(hold)));
        for (name, hold) in wanted.chain(holds) {
            let sets = |delta: &Delta| match (delta, hold) {
                (Delta::AddHold(added), Some(hold)) => added == hold,
                (Delta::Base(base), None) => *base == present.base,
                _ => false,
            };
            let past = history.past().iter().rev().find(|past| {
                past.outcome == Outcome::Applied
                    && past.recorded_at <= at
                    && past.event.effective_on <= today
                    && past.deltas.iter().any(sets)
            });
            let Some(past) = past else { continue };
            let unit = match event::find(session, &past.event.source, &past.event.event_id)? {
                Some(row) => Kept::open(&self.personal, &row)?.message.operator.unit,
                None => String::new(),
            };
            causes.push(Cause {
                name,
                since: past.event.effective_on.to_string(),
                unit: unit.trim().to_owned(),
                decision: past.event.decision_no.clone(),
            });
        }
        Ok(causes)
    }
}
