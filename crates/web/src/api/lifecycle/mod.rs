//! `lifecycle`.

pub mod events;
pub mod certificates;
