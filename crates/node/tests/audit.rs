//! The audit log on SQLite and on PostgreSQL.

#[path = "audit/as_of.rs"]
mod as_of;
#[path = "audit/entry.rs"]
mod entry;
#[path = "audit/log.rs"]
mod log;
#[path = "audit/random.rs"]
mod random;
#[path = "audit/sequence.rs"]
mod sequence;
#[path = "audit/speed.rs"]
mod speed;
mod support;
#[path = "audit/tamper.rs"]
mod tamper;
#[path = "audit/witness.rs"]
mod witness;
