//! Real servers for tests and benches.
//!
//! Invariant: a server started here listens on loopback only and ends, with its folder, when the process that started it ends.

mod postgres_server;
mod s3_server;

pub use postgres_server::Database;
pub use s3_server::ObjectStorage;
