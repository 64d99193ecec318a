//! The file store: sealed files named by the SM3 of their content, encrypted at rest, durable before the answer.
//!
//! *Invariant*: an object whose [`Place`] was returned is readable under its digest after any crash, its stored bytes
//! never change, and nothing is returned by a read that does not hash to the digest asked for. The format is in
//! `docs/file-store.md`.

pub mod disk;
mod embedded;
mod error;
mod keys;
mod place;
mod record;
#[cfg(feature = "s3")]
mod s3;
mod scan;

pub use embedded::{EmbeddedStore, Options};
pub use error::ObjectError;
pub use keys::ObjectKeys;
pub use place::Place;
pub use record::{Condition, HEADER_LEN, Header};
#[cfg(feature = "s3")]
pub use s3::{S3Options, S3Store};
pub use scan::{Found, Listed, list_pack};

/// Length of the name of an object: SM3 of its content.
pub const DIGEST_LEN: usize = gm::sm3::DIGEST_LEN;

/// One object to be stored.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// SM3 of `bytes`; checked before anything is written.
    pub sm3: [u8; DIGEST_LEN],
    /// The content, up to 1 GiB.
    pub bytes: &'a [u8],
}

/// What one stretch of a scrub found.
#[derive(Debug, Default)]
pub struct Scrubbed {
    /// Objects read and checked, the damaged ones included.
    pub objects: u64,
    /// Bytes of stored records read.
    pub bytes: u64,
    /// What is damaged, in the order of the store.
    pub damages: Vec<Damage>,
    /// Where to go on; `None` at the end of the store.
    pub next: Option<Place>,
}

/// One damaged object, or a stretch of a pack that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// Which object, if its header can still be read.
    pub sm3: Option<[u8; DIGEST_LEN]>,
    /// What is wrong, in Chinese.
    pub reason: String,
}

/// What `doctor` shows about a store that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Kind of the store, in Chinese.
    pub kind: &'static str,
    /// What was tried and how much is stored, in Chinese.
    pub text: String,
}

/// A store of objects: put if absent, read with the digest verified, never overwritten with other content.
pub trait ObjectStore: Send + Sync {
    /// Stores objects and returns their places in the same order; all of them are durable when it returns, and none
    /// needs to be when it fails. An object that is stored already keeps its place.
    ///
    /// # Errors
    /// [`ObjectError`]; the store works on afterwards, and the same call may be tried again.
    fn put_all(&self, objects: &[Object<'_>]) -> Result<Vec<Place>, ObjectError>;

    /// The content of an object.
    ///
    /// # Errors
    /// [`ObjectError::Damaged`] when what is there is not this object, and others when nothing can be read.
    fn get(&self, place: &Place, sm3: &[u8; DIGEST_LEN]) -> Result<Vec<u8>, ObjectError>;

    /// Where an object is, if it is stored. It reads the index, not the content.
    ///
    /// # Errors
    /// [`ObjectError`] when the store cannot be asked.
    fn find(&self, sm3: &[u8; DIGEST_LEN]) -> Result<Option<Place>, ObjectError>;

    /// Reads and checks up to `limit` objects from `from` on (`None`: from the start), to be called until `next` is
    /// `None`.
    ///
    /// # Errors
    /// [`ObjectError`] when the store cannot be read at all; damaged objects are no error here.
    fn scrub(&self, from: Option<&Place>, limit: usize) -> Result<Scrubbed, ObjectError>;

    /// Writes a damaged object again in its place, from content that the caller got elsewhere; durable when it
    /// returns. An object that is not damaged is left alone.
    ///
    /// # Errors
    /// [`ObjectError::NotNamed`] when the content is not the object's, [`ObjectError::Repair`] when it does not fit.
    fn repair(&self, place: &Place, object: &Object<'_>) -> Result<(), ObjectError>;

    /// Tries to write, read and delete something of no consequence, for `doctor`.
    ///
    /// # Errors
    /// [`ObjectError`] of the first step that failed.
    fn probe(&self) -> Result<Probe, ObjectError>;
}

/// Refuses objects that are not named by their content.
fn check_names(objects: &[Object<'_>]) -> Result<(), ObjectError> {
    let contents: Vec<_> = objects.iter().map(|object| object.bytes).collect();
    let wrong =
        gm::sm3::sm3_many(&contents).into_iter().zip(objects).find(|(sm3, object)| *sm3 != object.sm3);
    wrong.map_or(Ok(()), |(_, object)| Err(ObjectError::NotNamed { sm3: hex(&object.sm3) }))
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
