//! The clerk's window: for people without a smartphone (R27).

pub mod activate;
pub mod phone;
