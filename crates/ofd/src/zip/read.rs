//! The strict reader.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::directory::{Directory, Item};
use super::entry::{Entry, Method};
use super::error::ZipError;
use super::inflate::inflate;
use super::layout::check_layout;
use super::name;
use super::record::{END, END_LEN, u32_at};
use crate::Limits;

/// A container whose every byte was accounted for; contents are inflated only when read.
#[derive(Debug, Clone)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    items: Vec<Item>,
    by_name: BTreeMap<String, usize>,
}

/// A file as it is packed, see [`Archive::packed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed<'a> {
    /// Packed bytes.
    pub data: &'a [u8],
    /// How they are packed.
    pub method: Method,
    /// Declared CRC-32 of the content.
    pub crc32: u32,
    /// Declared length of the content.
    pub len: u32,
}

impl<'a> Archive<'a> {
    /// Opens a container without inflating anything.
    ///
    /// Fails unless local headers, directory and end record tell one story that covers every byte, all names
    /// are safe and unique, and all declared sizes keep to `limits`.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ZipError> {
        let size = bytes.len() as u64;
        match u32_at(bytes, 0) {
            Some(END) if bytes.len() == END_LEN => return Err(ZipError::Empty),
            _ if size > limits.package_bytes => {
                return Err(if bytes.starts_with(b"PK") {
                    ZipError::PackageTooLarge { size, limit: limits.package_bytes }
                } else {
                    ZipError::NotZip
                });
            }
            _ => {}
        }
        let directory = Directory::find(bytes)?;
        if directory.count > limits.entries {
            return Err(ZipError::TooManyEntries { count: directory.count, limit: limits.entries });
        }
        let mut items = directory.items(bytes)?;
        check_sizes(&items, limits)?;
        name::check_unique(items.iter().map(|i| i.name.as_str()))?;
        check_layout(bytes, &mut items, directory.start)?;
        let files = items.iter().enumerate().filter(|(_, item)| !item.folder());
        let by_name = files.map(|(i, item)| (item.name.clone(), i)).collect();
        Ok(Self { bytes, items, by_name })
    }

    /// Names of the files, in the order of the directory; folders are left out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter(|i| !i.folder()).map(|i| i.name.as_str())
    }

    /// Whether there is a file of exactly this name.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Length of a file once inflated, as declared.
    pub fn len_of(&self, name: &str) -> Option<u64> {
        self.item(name).ok().map(|item| u64::from(item.shared.uncompressed))
    }

    /// The bytes of a file, proven against its length and CRC-32. Stored files are not copied.
    ///
    /// Fails when there is no such file or its data does not hold what the directory says.
    pub fn read(&self, name: &str) -> Result<Cow<'a, [u8]>, ZipError> {
        let item = self.item(name)?;
        let data = self.data(item)?;
        let bytes = match item.method {
            Method::Store => Cow::Borrowed(data),
            Method::Deflate => Cow::Owned(inflate(name, data, item.shared.uncompressed as usize)?),
        };
        if crc32fast::hash(&bytes) != item.shared.crc32 {
            return Err(ZipError::CrcMismatch { name: name.to_owned() });
        }
        Ok(bytes)
    }

    /// The entry as stored, to be copied into another package without deflating anew; proven like
    /// [`Archive::read`].
    pub fn entry(&self, name: &str) -> Result<Entry, ZipError> {
        self.read(name)?;
        let item = self.item(name)?;
        let len = u64::from(item.shared.uncompressed);
        Ok(Entry::from_parts(name, item.method, item.shared.crc32, len, self.data(item)?))
    }

    /// A file's data as it is packed, unproven: the same packed data always inflates to the same bytes, so who has
    /// proven it once need not inflate it again.
    ///
    /// Fails when there is no such file.
    pub fn packed(&self, name: &str) -> Result<Packed<'a>, ZipError> {
        let item = self.item(name)?;
        let data = self.data(item)?;
        Ok(Packed { data, method: item.method, crc32: item.shared.crc32, len: item.shared.uncompressed })
    }

    /// Reads every file once and keeps none: the container holds what it declares.
    pub fn check_all(&self) -> Result<(), ZipError> {
        self.names().try_for_each(|name| self.read(name).map(drop))
    }

    fn item(&self, name: &str) -> Result<&Item, ZipError> {
        let found = self.by_name.get(name).and_then(|i| self.items.get(*i));
        found.ok_or_else(|| ZipError::NotFound { name: name.to_owned() })
    }

    fn data(&self, item: &Item) -> Result<&'a [u8], ZipError> {
        let data = self.bytes.get(item.data..item.data_end());
        data.ok_or_else(|| ZipError::BadLocalHeader { name: item.name.clone() })
    }
}

fn check_sizes(items: &[Item], limits: &Limits) -> Result<(), ZipError> {
    let mut total = 0u64;
    for item in items {
        let (size, packed) = (u64::from(item.shared.uncompressed), u64::from(item.shared.compressed));
        if size > limits.entry_bytes {
            let limit = limits.entry_bytes;
            return Err(ZipError::EntryTooLarge { name: item.name.clone(), size, limit });
        }
        // Small files may shrink a lot without harm (a blank page).
        if size > 65_536 && size / limits.ratio.max(1) > packed {
            return Err(ZipError::Ratio { name: item.name.clone(), limit: limits.ratio });
        }
        total += size;
    }
    if total > limits.total_bytes {
        return Err(ZipError::TotalTooLarge { size: total, limit: limits.total_bytes });
    }
    Ok(())
}
