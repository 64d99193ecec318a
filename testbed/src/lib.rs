//! Real servers and a real browser for tests and benches.
//!
//! Invariant: what is started here listens on loopback only and ends, with its folder, when the process that started it ends.

mod browser;
mod postgres_server;
mod s3_server;

pub use browser::{Browser, Element};
pub use postgres_server::Database;
pub use s3_server::ObjectStorage;
