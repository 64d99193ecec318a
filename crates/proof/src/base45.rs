//! Base45 (RFC 9285): bytes in the alphanumeric alphabet of QR.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Encodes bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    let mut push = |value: usize| text.push(char::from(ALPHABET[value]));
    for pair in bytes.chunks(2) {
        match *pair {
            [high, low] => {
                let value = usize::from(high) * 256 + usize::from(low);
                push(value % 45);
                push(value / 45 % 45);
                push(value / 2025);
            }
            [single] => {
                push(usize::from(single) % 45);
                push(usize::from(single) / 45);
            }
            _ => {}
        }
    }
    text
}

/// Decodes text; `None` for a foreign character, an impossible length or a group out of range.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| ALPHABET.iter().position(|one| one == byte);
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let digits = group.iter().map(digit).collect::<Option<Vec<_>>>()?;
        match digits[..] {
            [a, b, c] => bytes.extend(u16::try_from(a + 45 * b + 2025 * c).ok()?.to_be_bytes()),
            [a, b] => bytes.push(u8::try_from(a + 45 * b).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}
