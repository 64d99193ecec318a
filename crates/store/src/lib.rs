//! Rows: one SQL text over SQLite (the embedded default) and PostgreSQL 15+, group commit, personal data encrypted at rest.
//!
//! Invariant: when [`Store::write`] returns `Ok`, the rows are on the disk; when it returns `Err`, none of the job's rows are there.
//! Everything is synchronous: a job is a closure over the connection that runs it (`stack.md` §3.2: no thread hop a statement).

mod error;
mod id;
mod migrate;
mod personal;

mod queue;
pub mod rows;
mod session;
mod value;
mod writer;

pub use error::StoreError;
pub use id::new_id;
pub use migrate::{Migration, migrations};

pub use personal::{Blind, PersonalKey, PersonalKeys};
pub use session::{Engine, Session};
pub use value::{FromColumn, Row, Value};
pub use writer::{Options, Store};
