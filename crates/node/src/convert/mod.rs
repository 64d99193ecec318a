//! `convert`: paper stock becomes records, and records become electronic certificates in waves (存量转化; R5, L5.2, L6.1).
//!
//! Planning files each record as a certificate without a version, with what the lint and the rules say about it; it issues nothing.
//! A run then sends one 换发 event a record through the intake that all events go through, so a record that is asked for twice is
//! issued once, and one that converted by its own next event is passed over. Whatever was done is in the rows: a run that was
//! killed goes on where it was (`docs/convert.md`).

mod event;
mod filing;
mod kept;
mod plan;
mod prepare;
mod report;
mod results;
mod run;
mod state;
mod wave;

pub(crate) use event::{already_converted, is_conversion};
pub use plan::PlanRequest;
pub use report::{Cause, City, Counts, Line, Report};
pub use results::{REPORT_HEADERS, Wanting, Written};
pub use run::{Status, Waves};
