//! Percent-encoding of person headers (RFC 3986 §2.1), since header values are ASCII and names are Chinese.

use std::borrow::Cow;

/// Encodes UTF-8: unreserved characters stay, every other byte becomes `%XX` with capitals.
pub(super) fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len() * 3);
    for &byte in text.as_bytes() {
        if is_unreserved(byte) {
            out.push(byte as char);
        } else {
            out.extend(['%', HEX[usize::from(byte >> 4)] as char, HEX[usize::from(byte & 15)] as char]);
        }
    }
    out
}

/// Decodes; `None` for characters that should have been encoded, broken triplets, bad UTF-8 and control characters.
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if text.bytes().all(is_unreserved) {
        return Some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len() / 3 + 1);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => out.push(nibble(bytes.next()?)? << 4 | nibble(bytes.next()?)?),
            _ if is_unreserved(byte) => out.push(byte),
            _ => return None,
        }
    }
    let text = String::from_utf8(out).ok()?;
    // A line break in a name would forge lines of a log.
    (!text.chars().any(char::is_control)).then_some(Cow::Owned(text))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}
