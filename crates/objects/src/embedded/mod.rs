//! The embedded kind: append-only packs in one folder, written by one process, one flush a batch.

mod index;
mod open;
mod writer;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::disk::{Disk, DiskFile};
use crate::scan::Scan;
use crate::{
    Condition, DIGEST_LEN, Damage, Found, HEADER_LEN, Header, Object, ObjectError, ObjectKeys, ObjectStore,
    Place, Probe, Scrubbed, check_names, hex, record,
};
use index::Index;
use writer::Writer;

/// Length of the header of a pack: magic and number.
pub(crate) const PACK_HEADER_LEN: u64 = 16;
/// First bytes of every pack.
const PACK_MAGIC: [u8; 8] = *b"LZPACK1\n";
/// Most bytes in a pack: offsets have 32 bits.
const MAX_PACK: u64 = 1 << 32;
/// File whose lock says that the folder is in use.
const LOCK: &str = "lock";

/// Name of the file of a pack.
pub(crate) fn pack_name(pack: u32) -> String {
    format!("{pack:06}.pack")
}

/// How an embedded store is opened.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// A new pack is begun when the next batch would go beyond this many bytes; a batch is never divided.
    pub rotate_at: u64,
    /// The greatest place that the database names. Up to its end nothing is ever cut off; a store that ends before it
    /// is refused. `None` only for a database that names no object at all.
    pub acknowledged: Option<Place>,
}

impl Default for Options {
    fn default() -> Self {
        Self { rotate_at: 1 << 30, acknowledged: None }
    }
}

/// The embedded store.
pub struct EmbeddedStore {
    disk: Arc<dyn Disk>,
    keys: ObjectKeys,
    index: RwLock<Index>,
    /// Open packs; readers take them out and read without any lock.
    files: RwLock<BTreeMap<u32, Arc<dyn DiskFile>>>,
    writer: Mutex<Writer>,
    _lock: Box<dyn Any + Send + Sync>,
}

impl std::fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EmbeddedStore({:?})", self.keys)
    }
}

impl EmbeddedStore {
    /// The open file of a pack.
    fn file(&self, pack: u32) -> Result<Arc<dyn DiskFile>, ObjectError> {
        if let Some(file) = self.files.read().unwrap_or_else(PoisonError::into_inner).get(&pack) {
            return Ok(file.clone());
        }
        let name = pack_name(pack);
        let file = match self.disk.open(&name, false) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ObjectError::NoPack { pack });
            }
            opened => opened.map_err(|error| ObjectError::io(&name, error))?,
        };
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(pack, file.clone());
        Ok(file)
    }

    /// The place of a stored object that can be read, for put-if-absent.
    fn present(&self, sm3: &[u8; DIGEST_LEN]) -> Result<Option<Place>, ObjectError> {
        let Some(place) = self.find(sm3)? else { return Ok(None) };
        match self.get(&place, sm3) {
            Ok(_) => Ok(Some(place)),
            // What cannot be read counts as absent: it is stored once more.
            Err(ObjectError::Damaged { .. } | ObjectError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The record at a place as it is stored: header bytes and content.
    fn read(&self, place: &Place, sm3: &[u8; DIGEST_LEN]) -> Result<Vec<u8>, ObjectError> {
        let missing = || ObjectError::Missing { sm3: hex(sm3), place: place.to_string() };
        let Place::Pack { pack, offset, len } = *place else { return Err(missing()) };
        if len as usize > record::MAX_CONTENT {
            return Err(missing());
        }
        let mut bytes = vec![0; HEADER_LEN + len as usize];
        match self.file(pack)?.read_at(&mut bytes, u64::from(offset)) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(missing()),
            read => read.map(|()| bytes).map_err(|error| ObjectError::io(&pack_name(pack), error)),
        }
    }
}

impl ObjectStore for EmbeddedStore {
    fn put_all(&self, objects: &[Object<'_>]) -> Result<Vec<Place>, ObjectError> {
        check_names(objects)?;
        let mut places = BTreeMap::new();
        let mut batch = writer::Batch::default();
        for object in objects {
            if places.contains_key(&object.sm3) || batch.holds(&object.sm3) {
                continue;
            }
            match self.present(&object.sm3)? {
                Some(place) => drop(places.insert(object.sm3, place)),
                // Encrypted before the lock is taken, so that several callers encrypt at once.
                None => batch.add(&self.keys, object)?,
            }
        }
        if !batch.is_empty() {
            places.extend(self.append(&batch)?);
        }
        Ok(objects.iter().map(|object| places[&object.sm3]).collect())
    }

    fn get(&self, place: &Place, sm3: &[u8; DIGEST_LEN]) -> Result<Vec<u8>, ObjectError> {
        let damaged = |reason: &str| ObjectError::Damaged {
            sm3: hex(sm3),
            place: place.to_string(),
            reason: reason.to_owned(),
        };
        let mut bytes = self.read(place, sm3)?;
        let header = bytes.first_chunk().and_then(Header::parse).ok_or_else(|| damaged("记录头校验不符"))?;
        if header.sm3 != *sm3 || HEADER_LEN + header.len as usize != bytes.len() {
            return Err(damaged("该处存放的是另一对象"));
        }
        bytes.drain(..HEADER_LEN);
        match header.open(&self.keys, &mut bytes) {
            Condition::Good => Ok(bytes),
            Condition::NoKey => Err(ObjectError::NoKey { id: header.key_id }),
            other => Err(damaged(other.text())),
        }
    }

    fn find(&self, sm3: &[u8; DIGEST_LEN]) -> Result<Option<Place>, ObjectError> {
        let found = self.index.read().unwrap_or_else(PoisonError::into_inner).get(sm3);
        let Some((pack, offset)) = found else { return Ok(None) };
        // The index knows eight bytes of a digest; the header has the whole of it and the length.
        let mut bytes = [0; HEADER_LEN];
        match self.file(pack)?.read_at(&mut bytes, u64::from(offset)) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read.map_err(|error| ObjectError::io(&pack_name(pack), error))?,
        }
        let header = Header::parse(&bytes).filter(|header| header.sm3 == *sm3);
        Ok(header.map(|header| Place::Pack { pack, offset, len: header.len }))
    }

    fn scrub(&self, from: Option<&Place>, limit: usize) -> Result<Scrubbed, ObjectError> {
        let (last, last_end) = self.written();
        let (mut pack, mut at) = match from {
            Some(Place::Pack { pack, offset, .. }) => (*pack, u64::from(*offset)),
            _ => (1, PACK_HEADER_LEN),
        };
        let mut result = Scrubbed::default();
        while pack <= last {
            let (file, name) = (self.file(pack)?, pack_name(pack));
            let end = match pack == last {
                true => last_end,
                false => file.len().map_err(|error| ObjectError::io(&name, error))?,
            };
            let mut scan = Scan { file: &*file, name: &name, at, end };
            while let Some((offset, found)) = scan.next()? {
                if result.objects as usize + result.damages.len() >= limit {
                    result.next = Some(Place::Pack { pack, offset: offset as u32, len: 0 });
                    return Ok(result);
                }
                self.scrub_one(&scan, pack, offset, &found, &mut result)?;
            }
            (pack, at) = (pack + 1, PACK_HEADER_LEN);
        }
        Ok(result)
    }

    fn repair(&self, place: &Place, object: &Object<'_>) -> Result<(), ObjectError> {
        check_names(std::slice::from_ref(object))?;
        self.rewrite(place, object)
    }

    fn probe(&self) -> Result<Probe, ObjectError> {
        const NAME: &str = "probe.tmp";
        let failed = |error| ObjectError::io(NAME, error);
        let file = self.disk.open(NAME, true).map_err(failed)?;
        let (written, mut read) = ([0x5A; 4096], [0; 4096]);
        file.write_at(&written, 0).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        file.read_at(&mut read, 0).map_err(failed)?;
        self.disk.remove(NAME).map_err(failed)?;
        if read != written {
            return Err(failed(std::io::Error::other("读回的内容与写入的不同")));
        }
        let (pack, end) = self.written();
        let objects = self.index.read().unwrap_or_else(PoisonError::into_inner).len();
        let text = format!("写入、刷盘、读回、删除正常；共 {pack} 卷，约 {objects} 个对象，末卷 {end} 字节");
        Ok(Probe { kind: "内置文件库", text })
    }
}

impl EmbeddedStore {
    fn scrub_one(
        &self,
        scan: &Scan<'_>,
        pack: u32,
        offset: u64,
        found: &Found,
        result: &mut Scrubbed,
    ) -> Result<(), ObjectError> {
        let place = |len| Place::Pack { pack, offset: offset as u32, len };
        match found {
            Found::Record(header) => {
                result.objects += 1;
                result.bytes += header.record_len();
                let condition = scan.condition(offset, header, Some(&self.keys))?;
                if condition != Condition::Good {
                    let (sm3, reason) = (Some(header.sm3), condition.text().to_owned());
                    result.damages.push(Damage { place: place(header.len), sm3, reason });
                }
            }
            Found::Gap(len) => {
                let reason = format!("{len} 字节中没有可识别的记录头");
                let content = len.saturating_sub(HEADER_LEN as u64) as u32;
                result.damages.push(Damage { place: place(content), sm3: None, reason });
            }
        }
        Ok(())
    }
}
