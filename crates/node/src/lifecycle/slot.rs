//! The row that an event is written to: a new one, or that of the message that came before under its id.

use store::rows::event::EventRow;

use super::history::{Kept, Mended};
use super::incoming::Incoming;
use crate::overview::Counted;
use crate::{NodeError, Province};

/// Where an event is written.
pub(super) struct Slot {
    /// Its row.
    pub row: String,
    /// How that row stood in the counters so far.
    pub before: Option<Counted>,
    /// What people mended in it so far.
    pub mended: Vec<Mended>,
    /// When it came, for one that was unfit.
    pub since: Option<i64>,
}

impl Slot {
    /// What is known under the id of an event goes on in its row.
    pub fn of(province: &Province, incoming: &Incoming, known: Option<EventRow>) -> Result<Self, NodeError> {
        let Some(known) = known else {
            return Ok(Self { row: incoming.row.clone(), before: None, mended: Vec::new(), since: None });
        };
        Ok(Self {
            before: Counted::of(&known),
            mended: Kept::open(&province.personal, &known)?.mended,
            since: (known.status == "unfit").then_some(known.recorded_at),
            row: known.id,
        })
    }
}
