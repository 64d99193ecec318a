//! Going through a pack from record to record, over damaged stretches too.

use crate::disk::{Disk, DiskFile};
use crate::embedded::{PACK_HEADER_LEN, pack_name};
use crate::record::MAGIC;
use crate::{Condition, HEADER_LEN, Header, ObjectError, ObjectKeys};

/// Bytes that are searched at once for the next record.
const WINDOW: usize = 1 << 16;

/// What stands at one place of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A record with a sound header.
    Record(Header),
    /// So many bytes that are no record.
    Gap(u64),
}

/// One line of the listing of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Start in bytes from the start of the pack.
    pub offset: u64,
    /// What stands there.
    pub found: Found,
    /// State of the record; [`Condition::Rotten`] for a gap.
    pub condition: Condition,
}

/// Lists a pack: every record with its state, and every stretch that is none. Nothing is changed, no lock is taken;
/// without keys only the checksums are looked at.
///
/// # Errors
/// [`ObjectError::Io`] when the pack cannot be read.
pub fn list_pack(disk: &dyn Disk, pack: u32, keys: Option<&ObjectKeys>) -> Result<Vec<Listed>, ObjectError> {
    let name = pack_name(pack);
    let file = disk.open(&name, false).map_err(|error| ObjectError::io(&name, error))?;
    let end = file.len().map_err(|error| ObjectError::io(&name, error))?;
    let mut scan = Scan { file: &*file, name: &name, at: PACK_HEADER_LEN, end };
    let mut listed = Vec::new();
    while let Some((offset, found)) = scan.next()? {
        let condition = match &found {
            Found::Record(header) => scan.condition(offset, header, keys)?,
            Found::Gap(_) => Condition::Rotten,
        };
        listed.push(Listed { offset, found, condition });
    }
    Ok(listed)
}

/// A walk over the bytes from `at` to `end` of one pack.
pub(crate) struct Scan<'a> {
    pub file: &'a dyn DiskFile,
    pub name: &'a str,
    pub at: u64,
    pub end: u64,
}

impl Scan<'_> {
    /// The next record or gap and its offset.
    pub fn next(&mut self) -> Result<Option<(u64, Found)>, ObjectError> {
        if self.at >= self.end {
            return Ok(None);
        }
        let start = self.at;
        if let Some(header) = self.header(start)? {
            self.at += header.record_len();
            return Ok(Some((start, Found::Record(header))));
        }
        self.at = self.next_record(start + 1)?;
        Ok(Some((start, Found::Gap(self.at - start))))
    }

    /// Reads and checks the content of a record.
    pub fn condition(
        &self,
        offset: u64,
        header: &Header,
        keys: Option<&ObjectKeys>,
    ) -> Result<Condition, ObjectError> {
        let mut content = vec![0; header.len as usize];
        self.read(&mut content, offset + HEADER_LEN as u64)?;
        Ok(match keys {
            Some(keys) => header.open(keys, &mut content),
            None => header.check(&content),
        })
    }

    /// A sound header at `at` whose record ends before the end.
    fn header(&self, at: u64) -> Result<Option<Header>, ObjectError> {
        if at + HEADER_LEN as u64 > self.end {
            return Ok(None);
        }
        let mut bytes = [0; HEADER_LEN];
        self.read(&mut bytes, at)?;
        Ok(Header::parse(&bytes).filter(|header| at + header.record_len() <= self.end))
    }

    /// Start of the first record from `at` on, or the end.
    fn next_record(&self, mut at: u64) -> Result<u64, ObjectError> {
        let mut window = vec![0; WINDOW];
        while at + HEADER_LEN as u64 <= self.end {
            let len = (self.end - at).min(WINDOW as u64) as usize;
            self.read(&mut window[..len], at)?;
            for (i, bytes) in window[..len].windows(MAGIC.len()).enumerate() {
                if *bytes == MAGIC && self.header(at + i as u64)?.is_some() {
                    return Ok(at + i as u64);
                }
            }
            // A magic may lie across the edge of the window.
            at += (len - (MAGIC.len() - 1)) as u64;
        }
        Ok(self.end)
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<(), ObjectError> {
        self.file.read_at(buffer, offset).map_err(|error| ObjectError::io(self.name, error))
    }
}
