//! Character sets of the restricted string types.

/// True for a character of PrintableString (X.680 §41.4).
pub(crate) fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte)
}

/// Text of a BMPString: UTF-16 big endian without surrogates (X.680 §41.15).
pub(crate) fn bmp(content: &[u8]) -> Option<String> {
    let (units, rest) = content.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    units.iter().map(|&unit| char::from_u32(u32::from(u16::from_be_bytes(unit)))).collect()
}
