//! How luzheng's nodes and their clients speak to each other: signed requests, the HTTP client, the file interface.
//!
//! Invariant: nothing from another system is believed before its signature or checksum holds, no bytes received can
//! make this crate panic, and time, randomness and keys come in from the caller.

pub mod files;
pub mod http;
pub mod problem;
pub mod sign;
