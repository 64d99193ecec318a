//! The zip container as a list of named byte strings, for reading parts and for writing mutated files.

use std::io::{Cursor, Read, Write};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The entries of one OFD file, in the order of its directory.
#[derive(Clone)]
pub struct Container(Vec<(String, Vec<u8>)>);

impl Container {
    /// Unpacks a whole file.
    ///
    /// # Errors
    /// The bytes are no zip, or an entry cannot be inflated.
    pub fn open(bytes: &[u8]) -> Result<Self> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).context("not a zip file")?;
        let mut entries = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index)?;
            let mut content = Vec::new();
            entry.read_to_end(&mut content).with_context(|| format!("cannot inflate {}", entry.name()))?;
            entries.push((entry.name().to_owned(), content));
        }
        Ok(Self(entries))
    }

    /// The bytes of one entry; a leading `/` of a package path is dropped.
    ///
    /// # Errors
    /// No such entry.
    pub fn entry(&self, name: &str) -> Result<&[u8]> {
        let name = name.trim_start_matches('/');
        let found = self.0.iter().find(|(entry, _)| entry == name);
        found.map(|(_, bytes)| bytes.as_slice()).with_context(|| format!("the file has no entry {name}"))
    }

    /// One entry as text.
    ///
    /// # Errors
    /// No such entry, or not UTF-8.
    pub fn xml(&self, name: &str) -> Result<&str> {
        std::str::from_utf8(self.entry(name)?).with_context(|| format!("{name} is not UTF-8"))
    }

    /// A copy with one entry's bytes exchanged.
    ///
    /// # Errors
    /// No such entry: a mutation that changes nothing would prove nothing.
    pub fn with(&self, name: &str, content: Vec<u8>) -> Result<Self> {
        let mut copy = self.clone();
        let name = name.trim_start_matches('/');
        let slot = copy.0.iter_mut().find(|(entry, _)| entry == name);
        slot.with_context(|| format!("the file has no entry {name}"))?.1 = content;
        Ok(copy)
    }

    /// Packs the entries again.
    ///
    /// # Errors
    /// The zip writer refuses.
    pub fn pack(&self) -> Result<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &self.0 {
            writer.start_file(name.as_str(), SimpleFileOptions::default())?;
            writer.write_all(content)?;
        }
        Ok(writer.finish()?.into_inner())
    }
}
