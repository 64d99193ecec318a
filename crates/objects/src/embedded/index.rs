//! Which objects are stored where: in memory for all packs, in a file beside each finished pack.
//!
//! An index file only saves the time of reading the headers; a missing or damaged one is made again from its pack.

use std::collections::HashMap;

use crate::disk::{Disk, DiskFile};
use crate::scan::Scan;
use crate::{DIGEST_LEN, Found, ObjectError};

use super::{PACK_HEADER_LEN, pack_name};

/// First bytes of every index file.
const MAGIC: [u8; 8] = *b"LZINDX1\n";
const HEADER_LEN: usize = 24;
const ENTRY_LEN: usize = 12;

/// First eight bytes of the digest and the offset of each record of one pack.
pub(super) type Entries = Vec<([u8; 8], u32)>;

/// The places of all objects by the first eight bytes of their digest.
///
/// Two objects with the same eight bytes are one entry: the later is not found, and a second put of it stores it
/// twice. That costs room, never an object.
#[derive(Debug, Default)]
pub(super) struct Index(HashMap<[u8; 8], (u32, u32)>);

pub(super) fn prefix(sm3: &[u8; DIGEST_LEN]) -> [u8; 8] {
    std::array::from_fn(|i| sm3[i])
}

impl Index {
    pub fn get(&self, sm3: &[u8; DIGEST_LEN]) -> Option<(u32, u32)> {
        self.0.get(&prefix(sm3)).copied()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// A later record of one object was written because the earlier could not be read: it takes its place.
    pub fn add(&mut self, pack: u32, entries: &[([u8; 8], u32)]) {
        self.0.extend(entries.iter().map(|&(prefix, offset)| (prefix, (pack, offset))));
    }
}

fn index_name(pack: u32) -> String {
    format!("{pack:06}.index")
}

/// The entries of a finished pack of `len` bytes, from its index file or from the pack itself, and the end of its
/// last record.
pub(super) fn load(disk: &dyn Disk, pack: u32, file: &dyn DiskFile) -> Result<Entries, ObjectError> {
    let name = pack_name(pack);
    let len = file.len().map_err(|error| ObjectError::io(&name, error))?;
    if let Some(entries) = read(disk, pack, len) {
        return Ok(entries);
    }
    let entries = entries_of(file, &name, PACK_HEADER_LEN, len)?;
    // Only a saving of time: a store on a full disk opens all the same.
    let _ = write(disk, pack, len, &entries);
    Ok(entries)
}

/// Reads the headers of the records between two offsets.
pub(super) fn entries_of(file: &dyn DiskFile, name: &str, at: u64, end: u64) -> Result<Entries, ObjectError> {
    let mut scan = Scan { file, name, at, end };
    let mut entries = Vec::new();
    while let Some((offset, found)) = scan.next()? {
        if let Found::Record(header) = found {
            entries.push((prefix(&header.sm3), offset as u32));
        }
    }
    Ok(entries)
}

/// Writes the index file of a pack of `len` bytes. It is not flushed: its checksum tells a torn one.
pub(super) fn write(disk: &dyn Disk, pack: u32, len: u64, entries: &Entries) -> std::io::Result<()> {
    let mut bytes = Vec::with_capacity(HEADER_LEN + ENTRY_LEN * entries.len() + 4);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&u64::from(pack).to_be_bytes());
    bytes.extend_from_slice(&len.to_be_bytes());
    for (prefix, offset) in entries {
        bytes.extend_from_slice(prefix);
        bytes.extend_from_slice(&offset.to_be_bytes());
    }
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    let (name, part) = (index_name(pack), format!("{}.part", index_name(pack)));
    let file = disk.open(&part, true)?;
    file.truncate(0)?;
    file.write_at(&bytes, 0)?;
    disk.rename(&part, &name)
}

/// The entries of an index file that fits its pack; `None` if there is none.
fn read(disk: &dyn Disk, pack: u32, pack_len: u64) -> Option<Entries> {
    let file = disk.open(&index_name(pack), false).ok()?;
    let len = usize::try_from(file.len().ok()?).ok()?;
    // More than one entry for every shortest record cannot be.
    if len as u64 > HEADER_LEN as u64 + pack_len + 4 {
        return None;
    }
    let mut bytes = vec![0; len];
    file.read_at(&mut bytes, 0).ok()?;
    let (covered, crc) = bytes.split_last_chunk::<4>()?;
    let (header, entries) = covered.split_first_chunk::<HEADER_LEN>()?;
    let wanted = [&MAGIC[..], &u64::from(pack).to_be_bytes(), &pack_len.to_be_bytes()].concat();
    let (entries, rest) = entries.as_chunks::<ENTRY_LEN>();
    let fits =
        crc32fast::hash(covered) == u32::from_be_bytes(*crc) && header[..] == wanted && rest.is_empty();
    fits.then(|| entries.iter().map(entry).collect())
}

fn entry(bytes: &[u8; ENTRY_LEN]) -> ([u8; 8], u32) {
    let [a, b, c, d, e, f, g, h, offset @ ..] = *bytes;
    ([a, b, c, d, e, f, g, h], u32::from_be_bytes(offset))
}
