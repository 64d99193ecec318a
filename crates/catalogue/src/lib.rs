//! 目录 catalogue: what a kind of certificate is (GB/T 36902 definition, face schema, parts, rules) and whether a record fits it.
//!
//! Invariant: kinds, rules, authorities and policies are data with a version and dates of effect; code knows how to apply
//! a rule and holds none. No IO: text comes in, the built-in data is compiled in.

mod authority;
mod check;
mod code;
mod diff;
mod duplicate;
mod envelope;
mod error;
mod extension;
mod field;
mod kind;
mod lint;
mod load;
mod number;
mod photo;
mod policy;
mod relation;
mod rule;
mod text;

pub use authority::{Authorities, Authority};
pub use diff::{changes, diff};
pub use duplicate::{DuplicateKey, LiveKeys, duplicate_keys, last_day, taken};
pub use error::CatalogueError;
pub use extension::Extension;
pub use kind::{Definition, Given, Group, Item, ItemType, Kind, Part, RuleSpec, TextCheck};
pub use lint::Lint;
pub use load::{Catalogue, DataFile};
pub use photo::{
    PhotoFormat, PhotoInfo, help as photo_help, inspect as inspect_photo, is_inside as photo_is_inside,
    size_of as inspect_photo_size,
};
pub use policy::{NumberRule, SealPolicy};
pub use rule::{RuleInfo, Rules};
