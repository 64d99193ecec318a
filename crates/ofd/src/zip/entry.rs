//! One entry, compressed once and copied into as many packages as wanted.

use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::quick::Quick;

/// How the bytes of an entry are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As they are (zip method 0).
    Store,
    /// Raw deflate (zip method 8).
    Deflate,
}

impl Method {
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Store => 0,
            Self::Deflate => 8,
        }
    }

    pub(super) fn from_number(number: u16) -> Option<Self> {
        match number {
            0 => Some(Self::Store),
            8 => Some(Self::Deflate),
            _ => None,
        }
    }
}

/// An entry ready to be copied into a package. Cloning shares the bytes.
#[derive(Debug, Clone)]
pub struct Entry {
    name: Arc<str>,
    method: Method,
    crc32: u32,
    // u64 so that an entry beyond the format's 4 GiB reaches the writer and is refused there.
    uncompressed_len: u64,
    data: Arc<[u8]>,
}

impl Entry {
    /// An entry kept as it is: right for JPEG, PNG and seal bytes, which deflate cannot shrink.
    pub fn stored(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            method: Method::Store,
            crc32: crc32fast::hash(bytes),
            uncompressed_len: bytes.len() as u64,
            data: bytes.into(),
        }
    }

    /// An entry deflated at `level` (0 to 9; 1 for the page of each certificate, 6 to 9 for fixed files).
    ///
    /// Who deflates many should keep a [`Deflater`], which spares its 250 KB of tables each time.
    pub fn deflated(name: &str, bytes: &[u8], level: u32) -> Self {
        Deflater::new(level).entry(name, bytes)
    }

    /// An entry whose stored form is already at hand, e.g. taken over from another package.
    pub(super) fn from_parts(name: &str, method: Method, crc32: u32, len: u64, data: &[u8]) -> Self {
        Self { name: name.into(), method, crc32, uncompressed_len: len, data: data.into() }
    }

    /// Path in the package, without a leading `/`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the bytes are stored.
    pub fn method(&self) -> Method {
        self.method
    }

    /// CRC-32 of the uncompressed bytes.
    pub fn crc32(&self) -> u32 {
        self.crc32
    }

    /// Length of the uncompressed bytes.
    pub fn uncompressed_len(&self) -> u64 {
        self.uncompressed_len
    }

    /// Bytes as they lie in the package.
    pub fn data(&self) -> &[u8] {
        &self.data
    }
}

/// A deflate state that is kept between entries.
#[derive(Debug)]
pub struct Deflater {
    state: State,
    scratch: Vec<u8>,
}

#[derive(Debug)]
enum State {
    Quick(Quick),
    Thorough(Compress),
}

impl Deflater {
    /// A deflater for `level` 0 to 9; a larger value counts as 9. Levels 0 and 1 are our own, made for small files.
    pub fn new(level: u32) -> Self {
        let state = match level {
            0 | 1 => State::Quick(Quick::new()),
            _ => State::Thorough(Compress::new(Compression::new(level.min(9)), false)),
        };
        Self { state, scratch: Vec::new() }
    }

    /// Deflates `bytes` into an entry; stores them when deflate would not make them smaller.
    pub fn entry(&mut self, name: &str, bytes: &[u8]) -> Entry {
        self.scratch.clear();
        // A deflate stream that would not fit here is longer than its input and not wanted anyway.
        self.scratch.reserve(bytes.len() + 64);
        let whole = match &mut self.state {
            State::Quick(quick) => {
                quick.deflate(bytes, &mut self.scratch);
                true
            }
            State::Thorough(state) => {
                state.reset();
                let status = state.compress_vec(bytes, &mut self.scratch, FlushCompress::Finish);
                matches!(status, Ok(Status::StreamEnd))
            }
        };
        if !whole || self.scratch.len() >= bytes.len() {
            return Entry::stored(name, bytes);
        }
        let length = bytes.len() as u64;
        Entry::from_parts(name, Method::Deflate, crc32fast::hash(bytes), length, &self.scratch)
    }
}
