//! The writer: entries in the given order, everything else constant.

use super::entry::Entry;
use super::error::ZipError;
use super::name;
use super::record::{CENTRAL, CENTRAL_LEN, DOS_DATE, END, END_LEN, LOCAL, LOCAL_LEN, UTF8_FLAG};

/// Version 2.0: deflate and folders.
const VERSION: u16 = 20;

/// Writes a package of `entries` in their order. Equal entries give equal bytes.
///
/// Fails on a name that the reader would refuse, on two names that clash, and when the package would need
/// zip64.
pub fn write(entries: &[Entry]) -> Result<Vec<u8>, ZipError> {
    let mut out = Vec::new();
    write_into(&mut out, entries)?;
    Ok(out)
}

/// Like [`write()`], into a buffer that the caller keeps between packages; it is cleared first.
pub fn write_into(out: &mut Vec<u8>, entries: &[Entry]) -> Result<(), ZipError> {
    out.clear();
    let size = check(entries)?;
    out.reserve(size);
    let mut offsets = Vec::with_capacity(entries.len());
    for entry in entries {
        offsets.push(out.len() as u32); // `check` proved that the whole package is below 4 GiB
        out.extend_from_slice(&LOCAL.to_le_bytes());
        out.extend_from_slice(&VERSION.to_le_bytes());
        put_shared(out, entry);
        out.extend_from_slice(entry.name().as_bytes());
        out.extend_from_slice(entry.data());
    }
    let directory = out.len() as u32;
    for (entry, offset) in entries.iter().zip(offsets) {
        out.extend_from_slice(&CENTRAL.to_le_bytes());
        out.extend_from_slice(&VERSION.to_le_bytes()); // made by: FAT, 2.0
        out.extend_from_slice(&VERSION.to_le_bytes());
        put_shared(out, entry);
        out.extend_from_slice(&[0; 10]); // comment length, disk, attributes
        out.extend_from_slice(&offset.to_le_bytes());
        out.extend_from_slice(entry.name().as_bytes());
    }
    let count = (entries.len() as u16).to_le_bytes();
    let directory_len = out.len() as u32 - directory;
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0; 4]); // this disk, disk of the directory
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&directory_len.to_le_bytes());
    out.extend_from_slice(&directory.to_le_bytes());
    out.extend_from_slice(&[0; 2]); // comment length
    Ok(())
}

/// Checks names and sizes; answers the exact length of the package.
fn check(entries: &[Entry]) -> Result<usize, ZipError> {
    let mut size = END_LEN as u64;
    for entry in entries {
        let entry_name = || entry.name().to_owned();
        name::check(entry.name()).map_err(|rule| ZipError::BadName { name: entry_name(), rule })?;
        if entry.name().ends_with('/') && entry.uncompressed_len() != 0 {
            return Err(ZipError::FolderNotEmpty { name: entry_name() });
        }
        // 0xffff and 0xffff_ffff are the marks of zip64 and may not be written as values.
        if entry.uncompressed_len() >= u64::from(u32::MAX) || entry.name().len() >= usize::from(u16::MAX) {
            let limit = u64::from(u32::MAX) - 1;
            return Err(ZipError::EntryTooLarge {
                name: entry_name(),
                size: entry.uncompressed_len(),
                limit,
            });
        }
        size += (LOCAL_LEN + CENTRAL_LEN + 2 * entry.name().len() + entry.data().len()) as u64;
    }
    if size >= u64::from(u32::MAX) || entries.len() >= usize::from(u16::MAX) {
        return Err(ZipError::TooLargeToWrite { size, entries: entries.len() });
    }
    name::check_unique(entries.iter().map(Entry::name))?;
    Ok(size as usize)
}

/// The fields from the flags to the length of the extra field.
fn put_shared(out: &mut Vec<u8>, entry: &Entry) {
    out.extend_from_slice(&UTF8_FLAG.to_le_bytes());
    out.extend_from_slice(&entry.method().number().to_le_bytes());
    out.extend_from_slice(&0u16.to_le_bytes()); // midnight
    out.extend_from_slice(&DOS_DATE.to_le_bytes());
    out.extend_from_slice(&entry.crc32().to_le_bytes());
    out.extend_from_slice(&(entry.data().len() as u32).to_le_bytes());
    out.extend_from_slice(&(entry.uncompressed_len() as u32).to_le_bytes());
    out.extend_from_slice(&(entry.name().len() as u16).to_le_bytes());
    out.extend_from_slice(&0u16.to_le_bytes()); // no extra field
}
