//! Base64 of RFC 4648 §4: standard alphabet, with padding, and only the one canonical spelling of every value.

use crate::GmError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Value of each character, 0xFF for those outside the alphabet.
const VALUES: [u8; 256] = {
    let mut table = [0xFF; 256];
    let mut i = 0;
    while i < 64 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// Encodes bytes on one line, with `=` padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            // n bytes fill n + 1 characters; the rest is padding.
            if place <= chunk.len() {
                out.push(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Decodes one line of base64. White space, missing padding and stray trailing bits are refused, so that
/// each value has exactly one spelling.
///
/// # Errors
/// [`GmError::Base64`] with the position of the first offending character.
pub fn decode(text: &str) -> Result<Vec<u8>, GmError> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return Err(GmError::Base64 { offset: bytes.len(), rule: "长度不是 4 的倍数" });
    }
    let padding = bytes.iter().rev().take(2).take_while(|&&b| b == b'=').count();
    let digits = &bytes[..bytes.len() - padding];
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    for (group, chunk) in digits.chunks(4).enumerate() {
        let mut bits = 0u32;
        for (place, &byte) in chunk.iter().enumerate() {
            let value = VALUES[byte as usize];
            if value == 0xFF {
                return Err(GmError::Base64 {
                    offset: group * 4 + place, rule: "含字母表以外的字符"
                });
            }
            bits |= u32::from(value) << (18 - 6 * place);
        }
        // n characters carry n - 1 whole bytes. A chunk of one cannot occur: the length is a multiple of 4, and
        // at most two characters are padding.
        let whole = chunk.len() - 1;
        let [_, group_bytes @ ..] = bits.to_be_bytes();
        if group_bytes[whole..].iter().any(|&b| b != 0) {
            return Err(GmError::Base64 { offset: digits.len() - 1, rule: "末尾有多余的位" });
        }
        out.extend_from_slice(&group_bytes[..whole]);
    }
    Ok(out)
}
