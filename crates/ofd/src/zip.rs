//! The container: a small deterministic zip writer and a strict reader for hostile input.
//!
//! Both handle only what OFD needs (stored and deflated entries of up to 4 GiB); the reader insists that every
//! byte of the file belongs to exactly one entry, so that nothing can hide from one reader and show in another.

mod descriptor;
mod directory;
mod entry;
mod error;
mod inflate;
mod layout;
mod name;
mod quick;
mod read;
mod record;
mod write;

pub use entry::{Deflater, Entry, Method};
pub use error::{NameRule, ZipError};
pub use read::{Archive, Packed};
pub use write::{write, write_into};
