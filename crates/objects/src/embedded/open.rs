//! Opening: the lock, the packs, the torn tail of the last one.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, RwLock};

use crate::disk::{Disk, DiskFile};
use crate::scan::Scan;
use crate::{Condition, Found, ObjectError, ObjectKeys};

use super::index::{self, Index};
use super::writer::Writer;
use super::{EmbeddedStore, LOCK, MAX_PACK, Options, PACK_HEADER_LEN, PACK_MAGIC, pack_name};

impl EmbeddedStore {
    /// Opens the store in a folder of its own, made ready for the first batch if it is empty.
    ///
    /// What a crash left half written after the last acknowledged record is cut off.
    ///
    /// # Errors
    /// [`ObjectError::Locked`], [`ObjectError::NoPack`], [`ObjectError::Shorter`], or those of the disk.
    pub fn open(disk: Arc<dyn Disk>, keys: ObjectKeys, options: Options) -> Result<Self, ObjectError> {
        if !(PACK_HEADER_LEN + 1..=MAX_PACK).contains(&options.rotate_at) {
            let rule = format!("换卷大小应在 {} 到 {MAX_PACK} 字节之间", PACK_HEADER_LEN + 1);
            return Err(ObjectError::Configuration { rule });
        }
        let lock = disk.lock(LOCK).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => ObjectError::Locked,
            _ => ObjectError::io(LOCK, error),
        })?;
        let packs = count_packs(&*disk)?;
        let acknowledged = options.acknowledged.and_then(|place| place.end());
        if let Some((pack, _)) = acknowledged.filter(|(pack, _)| *pack > packs) {
            return Err(ObjectError::NoPack { pack });
        }
        let (mut index, mut files) = (Index::default(), BTreeMap::new());
        let mut writer = Writer::empty(options.rotate_at);
        for pack in 1..=packs {
            let name = pack_name(pack);
            let file = disk.open(&name, false).map_err(|error| ObjectError::io(&name, error))?;
            let floor = match acknowledged {
                Some((last, end)) if last == pack => end,
                // A pack is begun only when the one before is flushed, so all of an earlier one may be named.
                Some((last, _)) if last > pack => PACK_HEADER_LEN,
                _ => 0,
            };
            check_len(&*file, pack, floor)?;
            check_version(&*file, pack)?;
            if pack < packs {
                index.add(pack, &index::load(&*disk, pack, &*file)?);
            } else {
                let (end, entries) = cut_tail(&*file, &name, floor)?;
                index.add(pack, &entries);
                // The records left may be those of a process that died between writing and flushing: a second put
                // would find them and answer, so they and their names are made durable first.
                file.sync_data().map_err(|error| ObjectError::io(&name, error))?;
                disk.sync_dir().map_err(|error| ObjectError::io(&name, error))?;
                writer.resume(pack, file.clone(), end, entries);
            }
            files.insert(pack, file);
        }
        Ok(Self {
            disk,
            keys,
            index: RwLock::new(index),
            files: RwLock::new(files),
            writer: Mutex::new(writer),
            _lock: lock,
        })
    }
}

/// Number of packs; they must be 1, 2, 3 … without a gap.
fn count_packs(disk: &dyn Disk) -> Result<u32, ObjectError> {
    let names = disk.list().map_err(|error| ObjectError::io("packs", error))?;
    let mut packs: Vec<u32> =
        names.iter().filter_map(|name| name.strip_suffix(".pack")?.parse().ok()).collect();
    packs.sort_unstable();
    let gap = packs.iter().zip(1..).find(|(found, wanted)| **found != *wanted);
    gap.map_or(Ok(packs.len() as u32), |(_, pack)| Err(ObjectError::NoPack { pack }))
}

fn check_len(file: &dyn DiskFile, pack: u32, floor: u64) -> Result<(), ObjectError> {
    let found = file.len().map_err(|error| ObjectError::io(&pack_name(pack), error))?;
    let short = found < floor;
    if short { Err(ObjectError::Shorter { pack, found, acknowledged: floor }) } else { Ok(()) }
}

/// Cuts what is no whole record after `floor` off the last pack; returns its end and its entries.
///
/// Writes that were not flushed reach the disk in any order, so the first broken record ends the pack; below the
/// floor everything was flushed, and a broken record there is rot, for the scrub to report.
fn cut_tail(file: &dyn DiskFile, name: &str, floor: u64) -> Result<(u64, index::Entries), ObjectError> {
    let failed = |error| ObjectError::io(name, error);
    let len = file.len().map_err(failed)?;
    let begun = floor > 0 || has_header(file, len).map_err(failed)?;
    let mut end = if begun { floor.max(PACK_HEADER_LEN) } else { 0 };
    let mut entries = index::entries_of(file, name, PACK_HEADER_LEN, end)?;
    let mut scan = Scan { file, name, at: end, end: if begun { len } else { 0 } };
    while let Some((offset, Found::Record(header))) = scan.next()? {
        if scan.condition(offset, &header, None)? != Condition::Whole {
            break;
        }
        entries.push((index::prefix(&header.sm3), offset as u32));
        end = offset + header.record_len();
    }
    if end < len {
        file.truncate(end).map_err(failed)?;
    }
    Ok((end, entries))
}

/// Whether the first batch of a pack got as far as its header.
fn has_header(file: &dyn DiskFile, len: u64) -> io::Result<bool> {
    let mut magic = [0; PACK_MAGIC.len()];
    if len < PACK_HEADER_LEN {
        return Ok(false);
    }
    file.read_at(&mut magic, 0)?;
    Ok(magic == PACK_MAGIC)
}

/// Refuses what a later program wrote: to this one it would look like a torn tail, and be cut off.
fn check_version(file: &dyn DiskFile, pack: u32) -> Result<(), ObjectError> {
    let mut magic = [0; PACK_MAGIC.len()];
    match file.read_at(&mut magic, 0) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
        Err(error) => Err(ObjectError::io(&pack_name(pack), error)),
        Ok(()) if magic.starts_with(b"LZPACK") && magic != PACK_MAGIC => Err(ObjectError::Version { pack }),
        Ok(()) => Ok(()),
    }
}
