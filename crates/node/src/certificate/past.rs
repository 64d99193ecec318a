//! What has happened to a certificate, one event a step: when it took effect, when it was recorded, who did it, what it changed.

use model::Finding;
use store::rows::event::EventRow;

use crate::lifecycle::{Kept, Mended, stored_answer};
use crate::{NodeError, Province};

/// One event of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Row key of the event.
    pub id: String,
    /// Who sent it.
    pub source: String,
    /// Its id there.
    pub event_id: String,
    /// Chinese name of the kind of event.
    pub event: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// Microseconds UTC.
    pub occurred_at: i64,
    /// Microseconds UTC.
    pub recorded_at: i64,
    /// `applied`, `waiting`, `refused`, `work`, `unfit`, `open`.
    pub status: String,
    /// Who did it in the business system: name and unit.
    pub operator: String,
    /// Number of the decision.
    pub decision_no: String,
    /// The certificate's count after it.
    pub state_seq: Option<i64>,
    /// What was done.
    pub changes: Vec<String>,
    /// Why it was not done: what, and what to do.
    pub why: Option<(String, String)>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Last day of a wait.
    pub wait_until: Option<String>,
    /// How people mended what was sent.
    pub mended: Vec<Mended>,
}

impl Step {
    /// Where it came from, for people.
    #[must_use]
    pub fn source_name(&self) -> &str {
        model::state::party(&self.source)
    }

    /// The status in Chinese.
    #[must_use]
    pub fn status_name(&self) -> &'static str {
        model::state::event(&self.status)
    }
}

impl Province {
    /// A line of what was done with names in place of its codes.
    fn named_change(&self, line: &str, at: i64) -> String {
        if let Some((code, rest)) = line.strip_prefix("资格 ").and_then(|rest| rest.split_once('：')) {
            return format!("{}（{code}）：{rest}", self.code_name(code));
        }
        if let Some((before, after)) = line.strip_prefix("发证机关：").and_then(|rest| rest.split_once(" → "))
        {
            return format!(
                "发证机关：{} → {}",
                self.authority_name(before, at),
                self.authority_name(after, at)
            );
        }
        line.to_owned()
    }

    /// An event row as a step.
    pub(crate) fn step(&self, row: EventRow) -> Result<Step, NodeError> {
        let kept = Kept::open(&self.personal, &row)?;
        let answer = stored_answer(self, &row)?;
        let operator = &kept.message.operator;
        let named = [operator.name.trim(), operator.unit.trim()];
        let named: Vec<&str> = named.into_iter().filter(|text| !text.is_empty()).collect();
        Ok(Step {
            operator: named.join("，"),
            decision_no: kept.event.decision_no,
            changes: answer.changes.iter().map(|line| self.named_change(line, row.recorded_at)).collect(),
            why: answer.why.map(|why| (why.what, why.fix)),
            findings: answer.findings,
            mended: kept.mended,
            id: row.id,
            source: row.source,
            event_id: row.event_id,
            event: row.kind,
            effective_on: row.effective_on,
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            status: row.status,
            state_seq: row.state_seq,
            wait_until: row.wait_until,
        })
    }
}
