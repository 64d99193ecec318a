//! A zip writer that writes what it is told, contradictions too.

use ofd::zip::{Entry, Method};

use super::files::Files;

/// One entry; local header and directory may tell different stories.
#[derive(Clone)]
pub struct Raw {
    pub local_name: String,
    pub central_name: String,
    pub method: u16,
    pub crc: u32,
    pub central_crc: u32,
    pub len: u32,
    pub data: Vec<u8>,
    /// Written behind the data.
    pub after: Vec<u8>,
    pub in_directory: bool,
}

impl Raw {
    pub fn stored(name: &str, bytes: &[u8]) -> Self {
        let entry = Entry::stored(name, bytes);
        Self::of(&entry)
    }

    pub fn deflated(name: &str, bytes: &[u8]) -> Self {
        Self::of(&Entry::deflated(name, bytes, 9))
    }

    fn of(entry: &Entry) -> Self {
        Self {
            local_name: entry.name().to_owned(),
            central_name: entry.name().to_owned(),
            method: if entry.method() == Method::Store { 0 } else { 8 },
            crc: entry.crc32(),
            central_crc: entry.crc32(),
            len: entry.uncompressed_len() as u32,
            data: entry.data().to_vec(),
            after: Vec::new(),
            in_directory: true,
        }
    }

    pub fn named(self, name: &str) -> Self {
        Self { local_name: name.to_owned(), central_name: name.to_owned(), ..self }
    }
}

pub fn all(files: &Files) -> Vec<Raw> {
    files.iter().map(|(name, bytes)| Raw::stored(name, bytes)).collect()
}

/// Writes the entries, all of them local and those of the directory there too.
pub fn write(entries: &[Raw]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let mut count = 0u16;
    for raw in entries {
        if raw.in_directory {
            count += 1;
            directory.extend(b"PK\x01\x02\x14\0\x14\0");
            shared(&mut directory, raw, raw.central_crc, &raw.central_name);
            directory.extend([0; 10]);
            directory.extend((out.len() as u32).to_le_bytes());
            directory.extend(raw.central_name.as_bytes());
        }
        out.extend(b"PK\x03\x04\x14\0");
        shared(&mut out, raw, raw.crc, &raw.local_name);
        out.extend(raw.local_name.as_bytes());
        out.extend(&raw.data);
        out.extend(&raw.after);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn shared(out: &mut Vec<u8>, raw: &Raw, crc: u32, name: &str) {
    out.extend(0x0800u16.to_le_bytes());
    out.extend(raw.method.to_le_bytes());
    out.extend([0, 0, 0x21, 0]);
    out.extend(crc.to_le_bytes());
    out.extend((raw.data.len() as u32).to_le_bytes());
    out.extend(raw.len.to_le_bytes());
    out.extend((name.len() as u16).to_le_bytes());
    out.extend([0, 0]);
}
