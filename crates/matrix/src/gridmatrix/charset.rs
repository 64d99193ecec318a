//! From text to the units that the encoding modes know, by GB 18030.

use encoding_rs::GB18030;

use crate::error::MatrixError;

/// What one step of a mode can carry at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// One byte: an ASCII character, or part of a character outside of GB 2312.
    Byte(u8),
    /// A GB 2312 character, both bytes 0xA1 to 0xFE.
    Pair(u8, u8),
}

impl Unit {
    /// The byte of a single-byte unit.
    pub(super) fn byte(self) -> Option<u8> {
        match self {
            Unit::Byte(byte) => Some(byte),
            Unit::Pair(..) => None,
        }
    }
}

/// A text as units.
pub(super) struct Input {
    /// Its units in order.
    pub(super) units: Vec<Unit>,
    /// Whether some of it lies outside of GB 2312, so that the symbol must announce GB 18030.
    pub(super) extended: bool,
}

/// Converts `text`, which must not be empty.
pub(super) fn units(text: &str) -> Result<Input, MatrixError> {
    if text.is_empty() {
        return Err(MatrixError::Empty);
    }
    let (bytes, _, unmappable) = GB18030.encode(text);
    if unmappable || GB18030.decode_without_bom_handling(&bytes).0 != text {
        return Err(MatrixError::Character(first_lost(text)));
    }
    let mut input = Input { units: Vec::with_capacity(bytes.len()), extended: false };
    let mut rest = &bytes[..];
    while let Some((&lead, tail)) = rest.split_first() {
        match (lead, tail) {
            (0..=0x7f, _) => input.units.push(Unit::Byte(lead)),
            (_, &[trail, ref after @ ..]) if is_gb2312(lead, trail) => {
                input.units.push(Unit::Pair(lead, trail));
                rest = after;
                continue;
            }
            _ => {
                input.extended = true;
                // Second byte 0x30 to 0x39: a character of four bytes, else of two.
                let length = if matches!(tail.first(), Some(0x30..=0x39)) { 4 } else { 2 };
                let (own, after) = rest.split_at(length.min(rest.len()));
                input.units.extend(own.iter().map(|&byte| Unit::Byte(byte)));
                rest = after;
                continue;
            }
        }
        rest = tail;
    }
    Ok(input)
}

/// The first character that GB 18030 does not give back.
fn first_lost(text: &str) -> char {
    let lost = |c: &char| {
        let own = c.to_string();
        let (bytes, _, unmappable) = GB18030.encode(&own);
        unmappable || GB18030.decode_without_bom_handling(&bytes).0 != own
    };
    text.chars().find(lost).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Whether GB 2312-80 assigns a character to these two bytes; later standards fill the gaps.
pub(super) fn is_gb2312(lead: u8, trail: u8) -> bool {
    match lead {
        0xa1 | 0xa3 | 0xb0..=0xd6 | 0xd8..=0xf7 => matches!(trail, 0xa1..=0xfe),
        0xa2 => matches!(trail, 0xb1..=0xe2 | 0xe5..=0xee | 0xf1..=0xfc),
        0xa4 => matches!(trail, 0xa1..=0xf3),
        0xa5 => matches!(trail, 0xa1..=0xf6),
        0xa6 => matches!(trail, 0xa1..=0xb8 | 0xc1..=0xd8),
        0xa7 => matches!(trail, 0xa1..=0xc1 | 0xd1..=0xf1),
        0xa8 => matches!(trail, 0xa1..=0xba | 0xc5..=0xe9),
        0xa9 => matches!(trail, 0xa4..=0xef),
        0xd7 => matches!(trail, 0xa1..=0xf9),
        _ => false,
    }
}

/// The text of `bytes` in the announced character set, `None` if the set is unknown or the bytes are invalid in it.
pub(super) fn text(bytes: &[u8], eci: Option<u32>) -> Option<String> {
    match eci {
        // GB 2312 (the default), GBK and GB 18030: each contains the one before.
        None | Some(29 | 31 | 32) => {
            GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(String::from)
        }
        Some(26) => std::str::from_utf8(bytes).ok().map(String::from),
        // ISO 8859-1: the code points are the bytes.
        Some(1 | 3) => Some(bytes.iter().map(|&byte| char::from(byte)).collect()),
        Some(27) if bytes.is_ascii() => std::str::from_utf8(bytes).ok().map(String::from),
        Some(_) => None,
    }
}
