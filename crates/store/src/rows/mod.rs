//! The rows of each capability: plain structs and the statements that read and write them. No rule stands here.

pub mod audit;
pub mod call;
pub mod callback;
pub mod certificate;
pub mod client;
pub mod collect;
pub mod convert;
pub mod deliver;
pub mod duty;
pub mod event;
pub mod holding;
pub mod issue;
pub mod lease;
pub mod operator;
pub mod outage;
pub mod pack;
pub mod reconcile;
pub mod result;
pub mod search;
pub mod session;
pub mod setting;
pub mod share;
pub mod verify;
pub mod version;
