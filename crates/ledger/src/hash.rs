//! Digests of the tree: RFC 6962 §2.1 with SM3 in the place of SHA-256.

use gm::sm3::{Sm3, sm3_many};

use crate::LedgerError;

/// An SM3 digest.
pub type Hash = [u8; 32];

/// RFC 6962 §2.1: the first byte keeps leaves and inner nodes apart, so that neither can pass for the other.
const LEAF: u8 = 0x00;
const NODE: u8 = 0x01;

/// Entries hashed side by side at a time; bounds the copy that the prefix byte costs.
const BATCH: usize = 1024;

/// Hash of a leaf: `SM3(00 ‖ entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sm3::new().chain(&[LEAF]).chain(entry).finish()
}

/// [`leaf_hash`] of every entry, in their order, several times as fast.
pub fn leaf_hashes<E: AsRef<[u8]>>(entries: &[E]) -> Vec<Hash> {
    let mut hashes = Vec::with_capacity(entries.len());
    for batch in entries.chunks(BATCH) {
        let mut bytes = Vec::with_capacity(batch.iter().map(|entry| entry.as_ref().len() + 1).sum());
        let mut ends = Vec::with_capacity(batch.len());
        for entry in batch {
            bytes.push(LEAF);
            bytes.extend_from_slice(entry.as_ref());
            ends.push(bytes.len());
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let messages: Vec<&[u8]> = starts.zip(&ends).map(|(start, &end)| &bytes[start..end]).collect();
        hashes.extend(sm3_many(&messages));
    }
    hashes
}

/// Hash of an inner node: `SM3(01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sm3::new().chain(&[NODE]).chain(left).chain(right).finish()
}

/// [`node_hash`] of each two neighbours; a last one without a neighbour is left out.
pub(crate) fn parents(children: &[Hash]) -> Vec<Hash> {
    let mut hashes = Vec::with_capacity(children.len() / 2);
    for batch in children.chunks(2 * BATCH) {
        let (pairs, _) = batch.as_chunks::<2>();
        let messages: Vec<[u8; 65]> = pairs
            .iter()
            .map(|pair| {
                let mut message = [NODE; 65];
                message[1..].copy_from_slice(pair.as_flattened());
                message
            })
            .collect();
        hashes.extend(sm3_many(&messages));
    }
    hashes
}

/// A digest as 64 lower-case hexadecimal digits.
pub fn hex(hash: &Hash) -> String {
    hex_of(hash)
}

/// Any bytes as lower-case hexadecimal digits.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| DIGITS[usize::from(digit)] as char)
        .collect()
}

/// Reads [`hex`]: exactly 64 digits, lower case. `None` for everything else.
pub fn parse_hex(text: &str) -> Option<Hash> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Digests as base64 lines: the form of proofs in files.
pub(crate) fn to_base64(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| gm::base64::encode(hash)).collect()
}

/// Reads [`to_base64`].
pub(crate) fn from_base64(text: &str, rule: &'static str) -> Result<Hash, LedgerError> {
    gm::base64::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(LedgerError::ProofFile { rule })
}
