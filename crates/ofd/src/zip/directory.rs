//! The central directory: where it is, and each of its records.

use super::entry::Method;
use super::error::{NameRule, ZipError};
use super::name;
use super::record::{
    CENTRAL, CENTRAL_LEN, DESCRIPTOR_FLAG, END, END_LEN, LOCAL, Shared, UTF8_FLAG, u16_at, u32_at,
};

/// Flags that change nothing for us: deflate effort (1, 2), descriptor (3), UTF-8 name (11).
const KNOWN_FLAGS: u16 = 0b110 | DESCRIPTOR_FLAG | UTF8_FLAG;
/// Encryption (0), strong encryption (6), masked headers (13).
const ENCRYPTED_FLAGS: u16 = 1 | 1 << 6 | 1 << 13;
/// Extra fields of one header may not be longer: real ones (time stamps) are some tens of bytes.
const EXTRA_MAX: usize = 1_024;
/// How far back an end record with a comment can begin.
const COMMENT_MAX: usize = 65_535;

/// One entry of the directory.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub name: String,
    pub shared: Shared,
    pub method: Method,
    /// Where the local header begins.
    pub offset: usize,
    /// Where the data begins; known once the local header was read.
    pub data: usize,
}

impl Item {
    pub fn folder(&self) -> bool {
        self.name.ends_with('/')
    }

    pub fn data_end(&self) -> usize {
        self.data + self.shared.compressed as usize
    }
}

/// Where the central directory lies, as the end record says.
pub(super) struct Directory {
    pub start: usize,
    end: usize,
    pub count: usize,
}

impl Directory {
    pub fn find(bytes: &[u8]) -> Result<Self, ZipError> {
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

    pub fn items(&self, bytes: &[u8]) -> Result<Vec<Item>, ZipError> {
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
pub(super) fn check_extra(name: &str, extra: &[u8]) -> Result<(), ZipError> {
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
