//! The three administrators' pages (三员): each their own work and no other's.

pub mod audit;
pub mod clients;
pub mod config;
pub mod duty;
pub mod grants;
pub mod keys;
pub mod operators;

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &operators::PAGE,
    &operators::EXPORT,
    &operators::NEW,
    &operators::ADD,
    &operators::ONE,
    &operators::DISABLE,
    &operators::RESET,
    &grants::PAGE,
    &grants::EXPORT,
    &grants::ONE,
    &grants::GRANT,
    &grants::REFUSE,
    &grants::UNLOCK,
    &grants::CODE,
    &grants::FACTOR,
    &grants::CERTIFICATE,
    &grants::SESSION,
    &audit::PAGE,
    &audit::EXPORT,
    &audit::STATE,
    &audit::FILE,
    &audit::CERTIFICATE,
    &audit::ENTRY,
    &audit::PROOF,
    &clients::PAGE,
    &clients::NEW,
    &clients::SEND,
    &clients::ONE,
    &clients::GIVE,
    &clients::DROP,
    &clients::ROTATE,
    &clients::DISABLE,
    &config::PAGE,
    &keys::PAGE,
    &duty::PAGE,
    &duty::ADD,
    &duty::DEFAULTS,
    &duty::RULES,
    &duty::RULE,
    &duty::ONE,
    &duty::FILL,
    &duty::VACATE,
    &duty::CLOSE,
];
