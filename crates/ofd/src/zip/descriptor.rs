//! Data descriptors (APPNOTE §4.3.9), which writers that stream – Java's among them – put after the data.

use super::record::{DESCRIPTOR, u32_at};

/// Whether `gap`, the bytes between the data of an entry and what follows, is exactly one descriptor with
/// these values. Its signature is optional.
pub(super) fn matches(gap: &[u8], crc32: u32, compressed: u32, uncompressed: u32) -> bool {
    let body = match gap.len() {
        12 => 0,
        16 if u32_at(gap, 0) == Some(DESCRIPTOR) => 4,
        _ => return false,
    };
    u32_at(gap, body) == Some(crc32)
        && u32_at(gap, body + 4) == Some(compressed)
        && u32_at(gap, body + 8) == Some(uncompressed)
}
