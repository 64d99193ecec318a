//! `operate`.

pub mod health;
pub mod metrics;
