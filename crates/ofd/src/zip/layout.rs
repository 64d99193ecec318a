//! That the entries of the directory and the bytes of the file are the same thing.

use super::descriptor;
use super::directory::{Item, check_extra};
use super::error::ZipError;
use super::record::{DESCRIPTOR_FLAG, LOCAL, LOCAL_LEN, Shared, u16_at, u32_at};

/// Proves that the entries lie one after the other from the first byte to the directory, and that each local
/// header says what the directory says.
pub(super) fn check_layout(bytes: &[u8], items: &mut [Item], directory: usize) -> Result<(), ZipError> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_unstable_by_key(|i| items[*i].offset);
    for item in items.iter_mut() {
        item.data = local(bytes, item, directory)?;
    }
    if let Some(first) = order.first().map(|i| items[*i].offset)
        && first > 0
    {
        return Err(unlisted(bytes, 0, first, "（包首）"));
    }
    for (k, i) in order.iter().enumerate() {
        let item = &items[*i];
        let next = order.get(k + 1).map_or(directory, |n| items[*n].offset);
        let end = item.data_end();
        if end > next {
            return Err(ZipError::Overlap { name: item.name.clone() });
        }
        let gap = bytes.get(end..next).unwrap_or_default();
        let shared = &item.shared;
        if shared.flags & DESCRIPTOR_FLAG != 0 {
            if !descriptor::matches(gap, shared.crc32, shared.compressed, shared.uncompressed) {
                return Err(ZipError::BadDescriptor { name: item.name.clone() });
            }
        } else if !gap.is_empty() {
            return Err(unlisted(bytes, end, next, &item.name));
        }
    }
    Ok(())
}

/// What lies between `from` and `to`: an entry that the directory does not name, or plain bytes.
fn unlisted(bytes: &[u8], from: usize, to: usize, after: &str) -> ZipError {
    if u32_at(bytes, from) != Some(LOCAL) {
        return ZipError::Gap { name: after.to_owned(), count: (to - from) as u64 };
    }
    let name_len = usize::from(u16_at(bytes, from + 26).unwrap_or_default());
    let raw = bytes.get(from + LOCAL_LEN..(from + LOCAL_LEN + name_len).min(to)).unwrap_or_default();
    ZipError::Hidden { name: String::from_utf8_lossy(raw).into_owned(), offset: from as u64 }
}

/// Holds the local header against the directory; answers where the data begins.
fn local(bytes: &[u8], item: &Item, directory: usize) -> Result<usize, ZipError> {
    let missing = || ZipError::BadLocalHeader { name: item.name.clone() };
    let differs = |field| Err(ZipError::HeaderMismatch { name: item.name.clone(), field });
    let front = bytes.get(..directory).unwrap_or_default();
    if u32_at(front, item.offset) != Some(LOCAL) {
        return Err(missing());
    }
    let header = Shared::read(front, item.offset + 6).ok_or_else(missing)?;
    let name_at = item.offset + LOCAL_LEN;
    let extra_at = name_at + usize::from(header.name_len);
    let data = extra_at + usize::from(header.extra_len);
    let end = data + item.shared.compressed as usize;
    let extra = front.get(extra_at..data).ok_or_else(missing)?;
    if front.get(name_at..extra_at) != Some(item.name.as_bytes()) {
        return differs("文件名");
    }
    if header.flags != item.shared.flags {
        return differs("标志位");
    }
    if header.method != item.shared.method {
        return differs("压缩方法");
    }
    // With a descriptor the header may leave these zero; the descriptor itself is checked with the layout.
    let follows = header.flags & DESCRIPTOR_FLAG != 0;
    let agrees = |local: u32, central: u32| local == central || (follows && local == 0);
    if !agrees(header.crc32, item.shared.crc32) {
        return differs("CRC-32");
    }
    if !agrees(header.compressed, item.shared.compressed)
        || !agrees(header.uncompressed, item.shared.uncompressed)
    {
        return differs("长度");
    }
    check_extra(&item.name, extra)?;
    if end > directory {
        return Err(ZipError::Overlap { name: item.name.clone() });
    }
    Ok(data)
}
