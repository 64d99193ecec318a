//! The life of a certificate as a pure state machine: what an event does, and why not.
//!
//! Invariant: no clock, no randomness, no IO; the same rules, history, event and day always give the same decision, and
//! no decision ever changes what an earlier one recorded.
//!
//! The way of an event: [`decide`] looks at the [`History`] of one certificate and answers with a [`Decision`]; the
//! caller stores it and calls [`History::record`]; then [`release`] is asked until it has nothing more to let go.

mod changes;
mod check;
mod decide;
mod delta;
mod effect;
mod error;
mod event;
mod history;
mod kind;
mod late;
mod load;
mod message;
mod state;
mod status;
mod table;
mod undo;

pub use decide::{Decision, Effect, decide, release};
pub use delta::Delta;
pub use error::LifecycleError;
pub use event::{Event, EventRef, Grant};
pub use history::{History, Outcome, Past, Waiting, day_of};
pub use kind::{Base, EventKind};
pub use load::Rules;
pub use message::Message;
pub use state::{Carrier, Cycle, Entitlement, Hold, Link, Registration, Relation, Scheduled, State};
pub use table::{Act, HoldRule, Limits, LinkAct, Table};
