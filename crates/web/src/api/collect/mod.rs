//! `collect`: the ministry's side of 归集.

pub mod deliveries;
