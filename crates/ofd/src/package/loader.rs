//! What the parts of [`Package::open`](super::Package::open) share: the container, the node budget, and the
//! record of files met.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::parsed::{Memory, Parsed};
use super::reach::{Reach, Why};
use crate::xml::{Budget, Element, parse_within};
use crate::zip::Archive;
use crate::{Limits, OfdError, path};

/// A hundred notes say enough about a file that is not ours.
const NOTES_MAX: usize = 100;

pub(super) struct Loader<'p, 'a> {
    archive: &'p Archive<'a>,
    limits: &'p Limits,
    memory: Option<&'p dyn Memory>,
    budget: Budget,
    xml_left: u64,
    seen: BTreeSet<String>,
    pub reach: Vec<Reach>,
    pub unsupported: Vec<String>,
    /// Files parsed here, not recalled.
    pub parsed: Vec<(String, Arc<Parsed>)>,
}

/// A parsed file and its path, which its references count from.
pub(super) struct File {
    pub path: String,
    pub root: Arc<Parsed>,
}

impl<'p, 'a> Loader<'p, 'a> {
    pub fn new(archive: &'p Archive<'a>, limits: &'p Limits, memory: Option<&'p dyn Memory>) -> Self {
        Self {
            archive,
            limits,
            memory,
            budget: Budget::new(limits),
            // One list of 10,000 pages may name the same large file each time.
            xml_left: 2 * limits.xml_bytes as u64,
            seen: BTreeSet::new(),
            reach: Vec::new(),
            unsupported: Vec::new(),
            parsed: Vec::new(),
        }
    }

    /// Records that the document needs `path`.
    pub fn need(&mut self, path: &str, why: Why) {
        if self.seen.insert(path.to_owned()) {
            let present = self.archive.contains(path);
            self.reach.push(Reach { path: path.to_owned(), why, present });
        }
    }

    /// Resolves the text of `element` and records the file.
    pub fn reference(&mut self, file: &str, element: &Element, why: Why) -> Result<String, OfdError> {
        let path = path::resolve(file, element.text())?;
        self.need(&path, why);
        Ok(path)
    }

    /// Parses a file whose root must be the OFD element `expected`; `None` when the package lacks it.
    pub fn parse(&mut self, path: &str, expected: &'static str) -> Result<Option<File>, OfdError> {
        if !self.archive.contains(path) {
            return Ok(None);
        }
        let root = self.parse_any(path)?;
        if !root.is(expected) {
            return Err(OfdError::WrongRoot { file: path.to_owned(), expected });
        }
        Ok(Some(File { path: path.to_owned(), root }))
    }

    /// Parses a file of any root.
    pub fn parse_any(&mut self, path: &str) -> Result<Arc<Parsed>, OfdError> {
        // Asked before inflating, so that a large file is not unpacked only to be refused.
        let size = self.archive.len_of(path).unwrap_or_default();
        if size > self.limits.xml_bytes as u64 {
            let error = crate::XmlError::TooLong { size: size as usize, limit: self.limits.xml_bytes };
            return Err(OfdError::Xml { file: path.to_owned(), error });
        }
        self.xml_left =
            self.xml_left.checked_sub(size).ok_or(OfdError::TooComplex { what: "XML 文件的总长度" })?;
        if let Some(memory) = self.memory
            && let Some(known) = memory.recall(&self.archive.packed(path)?)
            && self.budget.charge(known.nodes())
        {
            return Ok(known);
        }
        let bytes = self.archive.read(path)?;
        let before = self.budget.left();
        let root: Element = parse_within(&bytes, self.limits, &mut self.budget)
            .map_err(|error| OfdError::Xml { file: path.to_owned(), error })?;
        let parsed = Arc::new(Parsed::new(root, before - self.budget.left()));
        // Who remembers nothing has no use for the list.
        if self.memory.is_some() {
            self.parsed.push((path.to_owned(), Arc::clone(&parsed)));
        }
        Ok(parsed)
    }

    /// Whether the file was recorded before.
    pub fn met(&self, path: &str) -> bool {
        self.seen.contains(path)
    }

    pub fn contains(&self, path: &str) -> bool {
        self.archive.contains(path)
    }

    /// Records something present that is not shown or followed.
    pub fn note(&mut self, file: &str, what: &str) {
        let note = format!("{file}：{what}");
        if self.unsupported.len() < NOTES_MAX && !self.unsupported.contains(&note) {
            self.unsupported.push(note);
        }
    }

    /// Refuses a list that grew beyond the limits.
    pub fn check_count(&self, file: &str, item: &'static str, count: usize) -> Result<(), OfdError> {
        if count > self.limits.items {
            return Err(OfdError::TooManyItems { file: file.to_owned(), item, limit: self.limits.items });
        }
        Ok(())
    }
}

/// A required child.
pub(super) fn required<'e>(
    file: &str,
    parent: &'e Element,
    name: &'static str,
) -> Result<&'e Element, OfdError> {
    parent.child(name).ok_or_else(|| OfdError::Missing { file: file.to_owned(), element: name })
}

/// A required identifier (`ST_ID`): an unsigned integer.
pub(super) fn id(file: &str, element: &Element, name: &'static str) -> Result<u32, OfdError> {
    let value = element.attr(name).ok_or(OfdError::Missing { file: file.to_owned(), element: name })?;
    value.trim().parse().map_err(|_| OfdError::BadValue {
        file: file.to_owned(),
        offset: element.offset,
        item: name,
        value: value.to_owned(),
    })
}
