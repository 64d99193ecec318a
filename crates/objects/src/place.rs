//! Where an object is: a small text that the caller keeps in its database row.

use std::fmt;
use std::str::FromStr;

use crate::record::HEADER_LEN;
use crate::{DIGEST_LEN, ObjectError, hex};

/// Place of a stored object. As text `p<pack>:<offset>:<length>` or `s3:<digest>`.
///
/// The order is that of the store, so that the greatest of all acknowledged places is the end that
/// [`crate::Options::acknowledged`] asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In a pack file of the embedded store.
    Pack {
        /// Number of the pack, from 1.
        pack: u32,
        /// Start of the record (its header) in bytes from the start of the pack.
        offset: u32,
        /// Length of the content in bytes, without the header.
        len: u32,
    },
    /// In an object storage, under the digest.
    Remote([u8; DIGEST_LEN]),
}

impl Place {
    /// Number of the pack and end of the record in it, in bytes; `None` outside the embedded store.
    pub fn end(&self) -> Option<(u32, u64)> {
        match *self {
            Self::Pack { pack, offset, len } => {
                Some((pack, u64::from(offset) + HEADER_LEN as u64 + u64::from(len)))
            }
            Self::Remote(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pack { pack, offset, len } => write!(f, "p{pack}:{offset}:{len}"),
            Self::Remote(sm3) => write!(f, "s3:{}", hex(sm3)),
        }
    }
}

impl FromStr for Place {
    type Err = ObjectError;

    fn from_str(text: &str) -> Result<Self, ObjectError> {
        let place = match text.strip_prefix("s3:") {
            Some(digits) => parse_digest(digits).map(Self::Remote),
            None => parse_pack(text),
        };
        // One text for one place: what `Display` would not write is refused (signs, leading zeros, capitals).
        place
            .filter(|place| place.to_string() == text)
            .ok_or_else(|| ObjectError::Place { text: text.to_owned() })
    }
}

fn parse_pack(text: &str) -> Option<Place> {
    let mut numbers = text.strip_prefix('p')?.split(':').map(|number| number.parse::<u32>().ok());
    let place = Place::Pack { pack: numbers.next()??, offset: numbers.next()??, len: numbers.next()?? };
    numbers.next().is_none().then_some(place)
}

fn parse_digest(digits: &str) -> Option<[u8; DIGEST_LEN]> {
    let pairs = digits.as_bytes().as_chunks::<2>();
    if pairs.0.len() != DIGEST_LEN || !pairs.1.is_empty() {
        return None;
    }
    let mut sm3 = [0; DIGEST_LEN];
    for (byte, pair) in sm3.iter_mut().zip(pairs.0) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(sm3)
}
