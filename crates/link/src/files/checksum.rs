//! The checksum beside a data file.

use gm::sm3::{DIGEST_LEN, sm3};

use crate::sign::hex;

/// SM3 and number of lines of a data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// SM3 of all bytes.
    pub sm3: [u8; DIGEST_LEN],
    /// Lines; a last line without its end counts.
    pub lines: usize,
}

impl Checksum {
    /// Of the bytes of a file.
    pub fn of(data: &[u8]) -> Self {
        let ends = data.iter().filter(|&&byte| byte == b'\n').count();
        let torn = data.last().is_some_and(|&byte| byte != b'\n');
        Self { sm3: sm3(data), lines: ends + usize::from(torn) }
    }

    /// Reads `<64 hex digits> <lines>`, in either case, with white space around; `None` for anything else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.to_ascii_lowercase();
        let mut words = text.split_ascii_whitespace();
        let (digest, lines) = (words.next()?, words.next()?);
        if words.next().is_some() || !lines.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self { sm3: hex::decode(digest)?, lines: lines.parse().ok()? })
    }

    /// The content of the checksum file.
    pub fn to_text(&self) -> String {
        format!("{} {}\n", hex::encode(&self.sm3), self.lines)
    }

    /// The digest in hex.
    pub fn hex(&self) -> String {
        hex::encode(&self.sm3)
    }

    /// The first 8 hex digits: keeps apart what bears the same name.
    pub(super) fn short(&self) -> String {
        hex::encode(&self.sm3[..4])
    }
}
