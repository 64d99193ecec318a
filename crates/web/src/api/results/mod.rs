//! `results`.

pub mod since;
