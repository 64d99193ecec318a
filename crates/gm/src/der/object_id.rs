//! OBJECT IDENTIFIER values (X.690 §8.19).

use std::fmt;

/// Longest content kept, in bytes: room for a UUID arc (2.25.…) and for every OID in use.
const CAPACITY: usize = 39;

/// An object identifier, kept as its DER content octets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid {
    bytes: [u8; CAPACITY],
    len: u8,
}

impl Oid {
    /// From arcs, for constants.
    ///
    /// # Panics
    /// At compile time when used in a `const`, if the arcs are no OID (fewer than two, first above 2,
    /// second above 39 under 0 or 1) or need more than 39 bytes. Use [`Oid::parse`] for text from outside.
    pub const fn new(arcs: &[u64]) -> Self {
        match Self::from_arcs(arcs) {
            Some(oid) => oid,
            None => panic!("not an object identifier"),
        }
    }

    const fn from_arcs(arcs: &[u64]) -> Option<Self> {
        // X.660: the first arc is 0, 1 or 2; under 0 and 1 the second is at most 39.
        if arcs.len() < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39) || arcs[1] > u64::MAX - 80 {
            return None;
        }
        let mut oid = Self { bytes: [0; CAPACITY], len: 0 };
        let mut i = 1;
        while i < arcs.len() {
            let arc = if i == 1 { arcs[0] * 40 + arcs[1] } else { arcs[i] };
            let mut groups = 1;
            while groups < 10 && arc >> (7 * groups) != 0 {
                groups += 1;
            }
            while groups > 0 {
                groups -= 1;
                if oid.len as usize == CAPACITY {
                    return None;
                }
                let more = if groups > 0 { 0x80 } else { 0 };
                oid.bytes[oid.len as usize] = (arc >> (7 * groups)) as u8 & 0x7F | more;
                oid.len += 1;
            }
            i += 1;
        }
        Some(oid)
    }

    /// From dotted text such as `1.2.156.10197.1.301`; `None` if it is not one, an arc is written with
    /// leading zeros or does not fit 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let arcs: Option<Vec<u64>> = text
            .split('.')
            .map(|arc| {
                let canonical =
                    arc == "0" || (!arc.starts_with('0') && arc.bytes().all(|b| b.is_ascii_digit()));
                canonical.then(|| arc.parse().ok()).flatten()
            })
            .collect();
        Self::from_arcs(&arcs?)
    }

    /// From DER content octets: every arc minimal, none above 128 bits, at most 39 bytes.
    pub fn from_content(content: &[u8]) -> Option<Self> {
        if content.is_empty() || content.len() > CAPACITY || content[content.len() - 1] & 0x80 != 0 {
            return None;
        }
        let mut starts = true;
        let mut arc = 0u128;
        for &byte in content {
            // 0x80 as first octet of an arc is padding, which X.690 §8.19.2 forbids.
            if (starts && byte == 0x80) || (!starts && arc >> 121 != 0) {
                return None;
            }
            arc = if starts { 0 } else { arc << 7 } | u128::from(byte & 0x7F);
            starts = byte & 0x80 == 0;
        }
        let mut bytes = [0; CAPACITY];
        bytes[..content.len()].copy_from_slice(content);
        Some(Self { bytes, len: content.len() as u8 })
    }

    /// The DER content octets, without tag and length.
    pub fn content(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = 0u128;
        let mut first = true;
        for &byte in self.content() {
            arc = arc << 7 | u128::from(byte & 0x7F);
            if byte & 0x80 != 0 {
                continue;
            }
            if first {
                // The first two arcs share one number: 40 × first + second.
                let top = (arc / 40).min(2);
                write!(f, "{top}.{}", arc - top * 40)?;
                first = false;
            } else {
                write!(f, ".{arc}")?;
            }
            arc = 0;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
