//! Plain types that every floor shares: records, face data, findings, verdicts.
//!
//! Invariant: no IO, no clock, no randomness, no rule; a value here is data that travels, never a decision.

mod face;
mod finding;
mod reason;
mod record;
mod scope;
pub mod state;
mod verdict;

pub use face::{FaceData, FaceValue, Row};
pub use finding::{Finding, Severity};
pub use record::{Decision, Record, RecordError};
pub use scope::{Outside, Scope};
pub use verdict::{Reason, Verdict, Weight};
