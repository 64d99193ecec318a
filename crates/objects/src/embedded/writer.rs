//! Writing: one batch, one write, one flush.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, PoisonError};

use crate::disk::DiskFile;
use crate::{DIGEST_LEN, HEADER_LEN, Header, Object, ObjectError, ObjectKeys, ObjectStore, Place, record};

use super::index::{self, Entries};
use super::{EmbeddedStore, MAX_PACK, PACK_HEADER_LEN, PACK_MAGIC, pack_name};

/// Records ready to be written one after the other.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Digest, start in `bytes` and length of the content of each.
    records: Vec<([u8; DIGEST_LEN], usize, usize)>,
    digests: BTreeSet<[u8; DIGEST_LEN]>,
}

impl Batch {
    pub fn add(&mut self, keys: &ObjectKeys, object: &Object<'_>) -> Result<(), ObjectError> {
        self.records.push((object.sm3, self.bytes.len(), object.bytes.len()));
        self.digests.insert(object.sm3);
        record::append(keys, object, &mut self.bytes)
    }

    pub fn holds(&self, sm3: &[u8; DIGEST_LEN]) -> bool {
        self.digests.contains(sm3)
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

/// The end of the last pack.
pub(super) struct Writer {
    rotate_at: u64,
    /// Number of the last pack; 0 in an empty store.
    pack: u32,
    file: Option<Arc<dyn DiskFile>>,
    /// End of the last whole record; 0 for a pack without its header.
    end: u64,
    entries: Entries,
    /// An error may have left something after the end, which must go before the next write.
    unclean: bool,
}

impl Writer {
    pub fn empty(rotate_at: u64) -> Self {
        Self { rotate_at, pack: 0, file: None, end: 0, entries: Vec::new(), unclean: false }
    }

    /// Goes on at the end of a pack.
    pub fn resume(&mut self, pack: u32, file: Arc<dyn DiskFile>, end: u64, entries: Entries) {
        *self = Self { pack, file: Some(file), end, entries, ..Self::empty(self.rotate_at) };
    }

    /// Cuts the pack back to the last good end.
    fn clean(&mut self, file: &dyn DiskFile) -> io::Result<()> {
        self.unclean = true;
        file.truncate(self.end)?;
        self.unclean = false;
        Ok(())
    }

    /// Writes and flushes bytes at the end; an error leaves the end where it was.
    fn write(&mut self, file: &dyn DiskFile, bytes: &[u8]) -> io::Result<()> {
        if self.unclean {
            self.clean(file)?;
        }
        let done = file.write_at(bytes, self.end).and_then(|()| file.sync_data());
        if done.is_err() {
            // If this fails too, the next write tries it first.
            let _ = self.clean(file);
        }
        done
    }
}

impl EmbeddedStore {
    /// Number of the last pack and the end of its last whole record.
    pub(super) fn written(&self) -> (u32, u64) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        (writer.pack, writer.end)
    }

    /// Writes a batch to the end of the last pack, or to a new one; returns the places.
    pub(super) fn append(&self, batch: &Batch) -> Result<BTreeMap<[u8; DIGEST_LEN], Place>, ObjectError> {
        let len = batch.bytes.len() as u64;
        let limit = MAX_PACK - PACK_HEADER_LEN;
        if len > limit {
            return Err(ObjectError::TooLarge { len, limit });
        }
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let full = writer.end > PACK_HEADER_LEN && writer.end + len > writer.rotate_at;
        let file = match &writer.file {
            Some(file) if !full => file.clone(),
            _ => self.begin_pack(&mut writer)?,
        };
        let pack = writer.pack;
        let mut start = writer.end;
        let written = if start == 0 {
            start = PACK_HEADER_LEN;
            let header = [&PACK_MAGIC[..], &u64::from(pack).to_be_bytes()].concat();
            writer.write(&*file, &[&header, &batch.bytes[..]].concat())
        } else {
            writer.write(&*file, &batch.bytes)
        };
        written.map_err(|error| ObjectError::io(&pack_name(pack), error))?;
        writer.end = start + len;
        let (mut places, mut entries) = (BTreeMap::new(), Entries::new());
        for &(sm3, at, len) in &batch.records {
            let offset = (start + at as u64) as u32;
            entries.push((index::prefix(&sm3), offset));
            places.insert(sm3, Place::Pack { pack, offset, len: len as u32 });
        }
        writer.entries.extend_from_slice(&entries);
        self.index.write().unwrap_or_else(PoisonError::into_inner).add(pack, &entries);
        Ok(places)
    }

    /// Begins the next pack. Its name is durable before anything in it can be acknowledged.
    fn begin_pack(&self, writer: &mut Writer) -> Result<Arc<dyn DiskFile>, ObjectError> {
        if let Some(old) = writer.file.clone() {
            let name = pack_name(writer.pack);
            if writer.unclean {
                writer.clean(&*old).map_err(|error| ObjectError::io(&name, error))?;
            }
            // Only a saving of time at the next start.
            let _ = index::write(&*self.disk, writer.pack, writer.end, &writer.entries);
        }
        let pack = writer.pack + 1;
        let name = pack_name(pack);
        let failed = |error| ObjectError::io(&name, error);
        let file = self.disk.open(&name, true).map_err(failed)?;
        self.disk.sync_dir().map_err(failed)?;
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(pack, file.clone());
        writer.resume(pack, file.clone(), 0, Entries::new());
        // A call that failed half way may have made the file already.
        writer.unclean = true;
        Ok(file)
    }

    /// Writes a damaged record again where it stood.
    pub(super) fn rewrite(&self, place: &Place, object: &Object<'_>) -> Result<(), ObjectError> {
        let refuse = |reason| ObjectError::Repair { place: place.to_string(), reason };
        let Place::Pack { pack, offset, len } = *place else {
            return Err(refuse("该位置不在内置文件库中"));
        };
        if len as usize != object.bytes.len() {
            return Err(refuse("对象长度与存放位置不符"));
        }
        // Under the lock, so that no other repair and no torn end comes between.
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let end = u64::from(offset) + (HEADER_LEN + object.bytes.len()) as u64;
        let (file, name) = (self.file(pack)?, pack_name(pack));
        let failed = |error| ObjectError::io(&name, error);
        let limit = if pack == writer.pack { writer.end } else { file.len().map_err(failed)? };
        if u64::from(offset) < PACK_HEADER_LEN || end > limit {
            return Err(refuse("该位置超出卷的末尾"));
        }
        let mut head = [0; HEADER_LEN];
        file.read_at(&mut head, u64::from(offset)).map_err(failed)?;
        let found = Header::parse(&head);
        if found.as_ref().is_some_and(|header| header.sm3 != object.sm3 || header.len != len) {
            return Err(refuse("该处存放的是另一对象"));
        }
        // A header that was lost says nothing; one that is sound may have a sound content.
        if found.is_some() && self.get(place, &object.sm3).is_ok() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        record::append(&self.keys, object, &mut bytes)?;
        file.write_at(&bytes, u64::from(offset)).and_then(|()| file.sync_data()).map_err(failed)?;
        self.index
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .add(pack, &[(index::prefix(&object.sm3), offset)]);
        Ok(())
    }
}
