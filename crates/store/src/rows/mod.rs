//! The rows of each capability: plain structs and the statements that read and write them. No rule stands here.

pub mod audit;
pub mod certificate;
pub mod collect;
pub mod event;
pub mod issue;
pub mod result;
pub mod search;
