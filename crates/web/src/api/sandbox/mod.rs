//! `sandbox`.

pub mod lint;
