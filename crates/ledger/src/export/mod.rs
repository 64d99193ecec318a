//! The exported log: one JSON object a line, checked as a stream with nothing but public keys.

mod check;
mod lines;
mod report;

pub use check::check_export;
pub use lines::{Header, checkpoint_line, end_line, entry_line, header_line};
pub use report::{Issue, IssueCode, Report, Rollback};
