//! The file interface: batches dropped into a folder, each answered by a receipt file (`docs/file-interface.md`).
//!
//! JT/T 1049.2 has a file interface beside the message interface; its field names are data ([`FieldMap`]). A crash at
//! any step leaves a folder that the next run takes up where it was: files appear whole or not at all, and a batch
//! counts as dealt with only when the checksum of its receipt is there.

mod checksum;
mod deliver;
mod error;
mod folder;
mod hand_on;
mod map;
mod map_file;
mod name;
mod path;
mod receipt;
mod take;

pub use checksum::Checksum;
pub use deliver::{close_batch, drop_batch, fetch_receipt};
pub use error::{FileError, MapError};
pub use folder::{DiskFolder, Folder, Place};
pub use hand_on::{Intake, Line, Outcome};
pub use map::FieldMap;
pub use name::{BatchName, Listing, Missing, list};
pub use receipt::{BatchReceipt, Head, LineReceipt, LineResult};
pub use take::{Taken, take_batch};
