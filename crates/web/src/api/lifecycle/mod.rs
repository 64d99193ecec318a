//! `lifecycle`.

pub mod certificates;
pub mod events;
