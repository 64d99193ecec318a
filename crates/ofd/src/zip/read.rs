//! The strict reader.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::descriptor;
use super::entry::{Entry, Method};
use super::error::{NameRule, ZipError};
use super::inflate::inflate;
use super::name;
use super::record::{
    CENTRAL, CENTRAL_LEN, DESCRIPTOR_FLAG, END, END_LEN, LOCAL, LOCAL_LEN, Shared, UTF8_FLAG, u16_at, u32_at,
};
use crate::Limits;

/// Flags that change nothing for us: deflate effort (1, 2), descriptor (3), UTF-8 name (11).
const KNOWN_FLAGS: u16 = 0b110 | DESCRIPTOR_FLAG | UTF8_FLAG;
/// Encryption (0), strong encryption (6), masked headers (13).
const ENCRYPTED_FLAGS: u16 = 1 | 1 << 6 | 1 << 13;
/// Extra fields of one header may not be longer: real ones (time stamps) are some tens of bytes.
const EXTRA_MAX: usize = 1_024;
/// How far back an end record with a comment can begin.
const COMMENT_MAX: usize = 65_535;

/// A container whose every byte was accounted for; contents are inflated only when read.
#[derive(Debug, Clone)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    items: Vec<Item>,
    by_name: BTreeMap<String, usize>,
}

/// One entry of the directory.
#[derive(Debug, Clone)]
struct Item {
    name: String,
    shared: Shared,
    method: Method,
    offset: usize,
    data: usize,
}

impl Item {
    fn folder(&self) -> bool {
        self.name.ends_with('/')
    }

    fn data_end(&self) -> usize {
        self.data + self.shared.compressed as usize
    }
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

/// Where the central directory lies, as the end record says.
struct Directory {
    start: usize,
    end: usize,
    count: usize,
}

impl Directory {
    fn find(bytes: &[u8]) -> Result<Self, ZipError> {
        let end = bytes.len().checked_sub(END_LEN).filter(|end| is_end(bytes, *end));
        let Some(end) = end else { return Err(no_end(bytes)) };
        let number = |at: usize| u16_at(bytes, end + at).unwrap_or_default();
        let (disk, first_disk, here, count) = (number(4), number(6), number(8), number(10));
        let size = u32_at(bytes, end + 12).unwrap_or_default();
        let start = u32_at(bytes, end + 16).unwrap_or_default();
        if count == u16::MAX || size == u32::MAX || start == u32::MAX {
            return Err(ZipError::Zip64 { name: "（目录）".to_owned() });
        }
        if disk != 0 || first_disk != 0 || here != count {
            return Err(ZipError::MultiDisk);
        }
        // Everything before the directory belongs to entries: a shifted directory means bytes put in front.
        let (start, size) = (start as usize, size as usize);
        match end.checked_sub(size) {
            Some(real) if real > start && u32_at(bytes, real) == Some(CENTRAL) => {
                return Err(ZipError::LeadingBytes { count: (real - start) as u64 });
            }
            Some(real) if real == start => {}
            _ => return Err(ZipError::DirectoryMismatch { what: "目录位置或长度" }),
        }
        match u32_at(bytes, 0) {
            _ if count == 0 => Err(ZipError::DirectoryMismatch { what: "条目数为零但文件不空" }),
            Some(LOCAL) => Ok(Self { start, end, count: usize::from(count) }),
            _ => Err(ZipError::LeadingBytes { count: first_local(bytes, start) }),
        }
    }

    fn items(&self, bytes: &[u8]) -> Result<Vec<Item>, ZipError> {
        // The count is at most 65,534 and was held against the limits before.
        let mut items = Vec::with_capacity(self.count);
        let mut at = self.start;
        let directory = bytes.get(..self.end).unwrap_or_default();
        while at < self.end {
            let (item, next) = central(directory, at)?;
            items.push(item);
            if items.len() > self.count {
                return Err(ZipError::DirectoryMismatch { what: "条目数" });
            }
            at = next;
        }
        if items.len() != self.count {
            return Err(ZipError::DirectoryMismatch { what: "条目数" });
        }
        Ok(items)
    }
}

/// An end record without comment at `at`.
fn is_end(bytes: &[u8], at: usize) -> bool {
    u32_at(bytes, at) == Some(END) && u16_at(bytes, at + 20) == Some(0)
}

/// Why there is no end record in the last 22 bytes.
fn no_end(bytes: &[u8]) -> ZipError {
    if !bytes.starts_with(b"PK") {
        // A file put in front of a package still ends like one; only that is worth telling apart.
        return ZipError::NotZip;
    }
    let from = bytes.len().saturating_sub(END_LEN + COMMENT_MAX);
    let tail = &bytes[from..];
    match tail.windows(4).rposition(|w| w == END.to_le_bytes()) {
        Some(at) if from + at + END_LEN <= bytes.len() => {
            ZipError::TrailingBytes { count: (bytes.len() - from - at - END_LEN) as u64 }
        }
        _ => ZipError::NoEnd,
    }
}

/// Offset of the first local header before `end`.
fn first_local(bytes: &[u8], end: usize) -> u64 {
    let front = &bytes[..end.min(bytes.len())];
    front.windows(4).position(|w| w == LOCAL.to_le_bytes()).unwrap_or(front.len()) as u64
}

/// Reads the central header at `at`; answers the entry and where the next header begins.
fn central(bytes: &[u8], at: usize) -> Result<(Item, usize), ZipError> {
    let broken = || ZipError::DirectoryMismatch { what: "目录记录" };
    if u32_at(bytes, at) != Some(CENTRAL) {
        return Err(broken());
    }
    let shared = Shared::read(bytes, at + 8).ok_or_else(broken)?;
    let comment = u16_at(bytes, at + 32).ok_or_else(broken)?;
    let disk = u16_at(bytes, at + 34).ok_or_else(broken)?;
    let offset = u32_at(bytes, at + 42).ok_or_else(broken)?;
    let name_end = at + CENTRAL_LEN + usize::from(shared.name_len);
    let extra_end = name_end + usize::from(shared.extra_len);
    let next = extra_end + usize::from(comment);
    let raw = bytes.get(at + CENTRAL_LEN..name_end).ok_or_else(broken)?;
    let extra = bytes.get(name_end..extra_end).ok_or_else(broken)?;
    if next > bytes.len() {
        return Err(broken());
    }
    let name = entry_name(raw)?;
    if comment != 0 {
        return Err(ZipError::EntryComment { name });
    }
    if offset == u32::MAX || shared.compressed == u32::MAX || shared.uncompressed == u32::MAX {
        return Err(ZipError::Zip64 { name });
    }
    if disk != 0 {
        return Err(ZipError::MultiDisk);
    }
    check_extra(&name, extra)?;
    let method = check_kind(&name, &shared)?;
    Ok((Item { name, shared, method, offset: offset as usize, data: 0 }, next))
}

fn entry_name(raw: &[u8]) -> Result<String, ZipError> {
    let lossy = || String::from_utf8_lossy(raw).into_owned();
    let name = std::str::from_utf8(raw)
        .map_err(|_| ZipError::BadName { name: lossy(), rule: NameRule::Utf8 })?
        .to_owned();
    match name::check(&name) {
        Ok(()) => Ok(name),
        Err(rule) => Err(ZipError::BadName { name, rule }),
    }
}

/// Flags and method of one header, and that a folder is empty.
fn check_kind(name: &str, shared: &Shared) -> Result<Method, ZipError> {
    let name = || name.to_owned();
    if shared.flags & ENCRYPTED_FLAGS != 0 {
        return Err(ZipError::Encrypted { name: name() });
    }
    if shared.flags & !KNOWN_FLAGS != 0 {
        return Err(ZipError::UnknownFlag { name: name(), flags: shared.flags });
    }
    let method = Method::from_number(shared.method)
        .ok_or_else(|| ZipError::UnknownMethod { name: name(), method: shared.method })?;
    // Java writes an empty folder as a deflate stream of two bytes.
    let empty = shared.uncompressed == 0 && shared.crc32 == 0 && shared.compressed <= 2;
    if name().ends_with('/') && !(empty && (method == Method::Deflate || shared.compressed == 0)) {
        return Err(ZipError::FolderNotEmpty { name: name() });
    }
    if method == Method::Store && shared.compressed != shared.uncompressed {
        return Err(ZipError::HeaderMismatch { name: name(), field: "长度" });
    }
    Ok(method)
}

/// Extra fields: well-formed, short, and none that gives the entry another name, size or meaning.
fn check_extra(name: &str, extra: &[u8]) -> Result<(), ZipError> {
    let bad = || ZipError::BadExtra { name: name.to_owned() };
    if extra.len() > EXTRA_MAX {
        return Err(bad());
    }
    let mut at = 0;
    while at < extra.len() {
        let id = u16_at(extra, at).ok_or_else(bad)?;
        let len = usize::from(u16_at(extra, at + 2).ok_or_else(bad)?);
        match id {
            0x0001 => return Err(ZipError::Zip64 { name: name.to_owned() }),
            0x9901 | 0x0017 => return Err(ZipError::Encrypted { name: name.to_owned() }),
            // Unicode path and comment: a second name that some readers prefer.
            0x7075 | 0x6375 => return Err(bad()),
            _ => {}
        }
        at += 4 + len;
    }
    if at == extra.len() { Ok(()) } else { Err(bad()) }
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

/// Proves that the entries lie one after the other from the first byte to the directory, and that each local
/// header says what the directory says.
fn check_layout(bytes: &[u8], items: &mut [Item], directory: usize) -> Result<(), ZipError> {
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
