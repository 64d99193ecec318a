//! What the ministry's node keeps of its answers: counts that a page reads instead of millions of rows, and what it did not take.

use std::collections::BTreeMap;

use store::rows::holding::answer::{self, RefusedRow};
use store::rows::holding::{Holding, Put};
use store::{Session, StoreError};

use super::receive::{Checked, Sender};
use super::{Delivery, Outcome};
use crate::NodeError;
use crate::lifecycle::json;

/// An outcome as rows and the log have it.
pub(super) fn slug(outcome: Outcome) -> String {
    let value = serde_json::to_value(outcome).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What is kept of a delivery that was not taken. One that lacks a file comes again with it: that is no refusal.
pub(super) fn refused(
    from: &Sender,
    one: &Delivery,
    checked: &Checked,
    now: i64,
) -> Option<Result<RefusedRow, NodeError>> {
    let receipt = checked.as_ref().err()?;
    if !matches!(receipt.outcome, Outcome::Refused | Outcome::OutOfOrder) {
        return None;
    }
    let short = |text: &str| text.chars().take(64).collect::<String>();
    Some(json(receipt).map(|text| RefusedRow {
        // Whoever has signed, not whom the message names.
        province: from.province.clone(),
        certificate_id: short(&one.certificate),
        state_seq: one.state_seq,
        kind: short(&one.kind),
        area: short(&one.area),
        identifier: one.identifier.clone(),
        code: receipt.code.clone(),
        receipt: text,
        times: 1,
        at: now,
        settled: false,
    }))
}

/// Changes of counts by one message.
#[derive(Default)]
pub(super) struct Tally {
    holdings: BTreeMap<(String, String), i64>,
    answers: BTreeMap<String, i64>,
}

impl Tally {
    /// A holding that was put.
    pub fn holding(&mut self, one: &Holding, put: Put) {
        let mut add = |kind: &str, base: &str, more: i64| {
            *self.holdings.entry((kind.to_owned(), base.to_owned())).or_default() += more;
        };
        match put {
            Put::Overtaken => {}
            Put::First => add(&one.kind, &one.base, 1),
            Put::Newer(kind, base) => {
                add(&kind, &base, -1);
                add(&one.kind, &one.base, 1);
            }
        }
    }

    /// An answer that was given.
    pub fn answer(&mut self, outcome: &str) {
        *self.answers.entry(outcome.to_owned()).or_default() += 1;
    }

    /// Writes the changes, in the order of their keys so that no two transactions wait for each other.
    pub fn write(&self, session: &mut Session, province: &str, now: i64) -> Result<(), StoreError> {
        for ((kind, base), more) in self.holdings.iter().filter(|(_, more)| **more != 0) {
            answer::count(session, province, (kind, base), *more)?;
        }
        let day = ::lifecycle::day_of(now).to_string();
        for (outcome, more) in &self.answers {
            answer::answered(session, province, (&day, outcome), *more, now)?;
        }
        Ok(())
    }
}
