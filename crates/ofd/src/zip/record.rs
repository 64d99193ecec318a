//! The fixed records of the zip format (APPNOTE 6.3.9 §4.3), little-endian.

/// First bytes of a local file header.
pub(super) const LOCAL: u32 = 0x0403_4b50;
/// First bytes of a central directory header.
pub(super) const CENTRAL: u32 = 0x0201_4b50;
/// First bytes of the end of central directory record.
pub(super) const END: u32 = 0x0605_4b50;
/// First bytes of an optional data descriptor.
pub(super) const DESCRIPTOR: u32 = 0x0807_4b50;

/// Length of a local header without name and extra field.
pub(super) const LOCAL_LEN: usize = 30;
/// Length of a central header without name, extra field and comment.
pub(super) const CENTRAL_LEN: usize = 46;
/// Length of the end record without comment.
pub(super) const END_LEN: usize = 22;

/// 1 January 1980, the first day of DOS time: packages made from equal input are equal.
pub(super) const DOS_DATE: u16 = 0x0021;
/// General purpose flag: the name is UTF-8.
pub(super) const UTF8_FLAG: u16 = 1 << 11;
/// General purpose flag: sizes and CRC follow the data.
pub(super) const DESCRIPTOR_FLAG: u16 = 1 << 3;

/// The little-endian `u16` at `at`; `None` past the end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let end = at.checked_add(2)?;
    bytes.get(at..end)?.try_into().ok().map(u16::from_le_bytes)
}

/// The little-endian `u32` at `at`; `None` past the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let end = at.checked_add(4)?;
    bytes.get(at..end)?.try_into().ok().map(u32::from_le_bytes)
}

/// The fields that local and central header share, from the flags on (both have the same order).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    pub flags: u16,
    pub method: u16,
    pub crc32: u32,
    pub compressed: u32,
    pub uncompressed: u32,
    pub name_len: u16,
    pub extra_len: u16,
}

impl Shared {
    /// Reads the fields whose flags stand at `at`.
    pub(super) fn read(bytes: &[u8], at: usize) -> Option<Self> {
        Some(Self {
            flags: u16_at(bytes, at)?,
            method: u16_at(bytes, at + 2)?,
            crc32: u32_at(bytes, at + 8)?,
            compressed: u32_at(bytes, at + 12)?,
            uncompressed: u32_at(bytes, at + 16)?,
            name_len: u16_at(bytes, at + 20)?,
            extra_len: u16_at(bytes, at + 22)?,
        })
    }
}
