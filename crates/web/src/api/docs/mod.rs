//! `docs`.

pub mod openapi;
pub mod page;
pub mod style;
