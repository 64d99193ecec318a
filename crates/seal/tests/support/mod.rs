//! What the tests of this crate forge from: keys and certificates, trust data, a document, the signature layer.
#![allow(dead_code, missing_docs, unused_imports, clippy::unwrap_used)] // Each test file is a crate of its own and uses a part of this.

pub mod document;
pub mod files;
pub mod layer;
pub mod raw_zip;
pub mod seal;
pub mod trust;
pub mod world;

pub use files::Files;
pub use layer::Layer;
pub use seal::{List, SealSpec};
pub use trust::Trust;
pub use world::{NOW, Party, SIGNED, World};

pub const DAY: i64 = 86_400;
