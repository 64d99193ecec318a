//! The answer to an event as a line of a receipt.

use link::files::{LineResult, Outcome};
use link::problem::Problem;
use serde_json::{Map, Value};

use crate::lifecycle::{self, Answer};

/// Was the event answered before this batch?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    New,
    Before,
}

/// Is it our own fault that there is no answer yet?
pub(super) fn is_ours(answer: &Answer) -> bool {
    matches!(answer.result, lifecycle::Outcome::Busy | lifecycle::Outcome::Failed)
}

pub(super) fn outcome(answer: Answer, known: Known) -> Outcome {
    use lifecycle::Outcome as Result;
    let result = match answer.result {
        Result::Applied if known == Known::Before => LineResult::Duplicate,
        Result::Applied => LineResult::Accepted,
        // It is on record; another event, or a person, decides.
        Result::Waiting | Result::Work => LineResult::Waiting,
        Result::Refused | Result::Conflict | Result::Unfit | Result::Busy | Result::Failed => {
            LineResult::Refused
        }
    };
    Outcome { result, id: Some(answer.event_id.clone()), problem: problem(&answer), data: data(answer) }
}

/// What is wrong, or what it waits for.
fn problem(answer: &Answer) -> Option<Problem> {
    use lifecycle::Outcome as Result;
    let status = match answer.result {
        Result::Applied => return None,
        Result::Waiting | Result::Work => 202,
        Result::Conflict => 409,
        Result::Busy | Result::Failed => 503,
        Result::Refused | Result::Unfit => 422,
    };
    if let Some(why) = &answer.why {
        return Some(Problem::new(status, &why.code, &why.what).fix(&why.fix));
    }
    let first = answer.findings.first()?;
    let more = answer.findings.len() - 1;
    let mut problem = Problem::new(status, &first.rule, &first.what).item(&first.item_name).fix(&first.fix);
    if more > 0 {
        problem = problem.detail(format!("另有 {more} 项问题，见 findings"));
    }
    Some(problem)
}

/// What the sender is told beside it: the same whenever the event is sent.
fn data(answer: Answer) -> Map<String, Value> {
    let mut data = Map::new();
    let texts =
        [("certificate", answer.certificate), ("identifier", answer.identifier), ("status", answer.status)];
    for (name, value) in texts {
        if let Some(value) = value {
            data.insert(name.into(), value.into());
        }
    }
    if let Some(count) = answer.state_seq {
        data.insert("state_seq".into(), count.into());
    }
    if !answer.findings.is_empty() {
        // Plain strings: nothing in them can fail to be written.
        data.insert("findings".into(), serde_json::to_value(answer.findings).unwrap_or_default());
    }
    data
}
