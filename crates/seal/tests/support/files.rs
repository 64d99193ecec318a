//! A package as an ordered list of files, changed and written again.

use ofd::zip::{Archive, Entry, write};

#[derive(Clone, Default)]
pub struct Files(Vec<(String, Vec<u8>)>);

impl Files {
    pub fn open(bytes: &[u8]) -> Self {
        let archive = Archive::open(bytes, &ofd::Limits::default()).unwrap();
        Self(
            archive.names().map(|name| (name.to_owned(), archive.read(name).unwrap().into_owned())).collect(),
        )
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    pub fn get(&self, name: &str) -> &[u8] {
        self.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no {name}")).1
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.get(name).to_vec()).unwrap()
    }

    /// Replaces a file, or adds it at the end.
    pub fn set(&mut self, name: &str, bytes: &[u8]) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = bytes.to_vec(),
            None => self.0.push((name.to_owned(), bytes.to_vec())),
        }
    }

    /// Replaces text that must occur, so that no forgery is the genuine file by mistake.
    pub fn replace(&mut self, name: &str, from: &str, to: &str) {
        let old = self.text(name);
        assert!(old.contains(from), "{name} has no {from}");
        self.set(name, old.replacen(from, to, 1).as_bytes());
    }

    pub fn remove(&mut self, name: &str) {
        assert!(self.has(name), "no {name}");
        self.0.retain(|(known, _)| known != name);
    }

    /// Takes the files below a folder from another package.
    pub fn take(&mut self, other: &Self, folder: &str) {
        other
            .iter()
            .filter(|(name, _)| name.starts_with(folder))
            .for_each(|(name, bytes)| self.set(name, bytes));
    }

    pub fn zip(&self) -> Vec<u8> {
        let entries: Vec<Entry> = self.iter().map(|(name, bytes)| Entry::deflated(name, bytes, 6)).collect();
        write(&entries).unwrap()
    }

    /// The same without deflating, which takes most of the time of a fuzzing run.
    pub fn zip_stored(&self) -> Vec<u8> {
        let entries: Vec<Entry> = self.iter().map(|(name, bytes)| Entry::stored(name, bytes)).collect();
        write(&entries).unwrap()
    }
}
