//! Names of batches and of the files that belong to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::FileError;

/// Longest batch name in bytes: room for all suffixes within the 255 of file systems.
const LONGEST: usize = 100;

/// A batch's name: 1 to 100 letters, digits, `-`, `_` and `.`, not beginning with `.` and without `.receipt`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchName(String);

impl BatchName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`FileError::Name`] with the rule that it breaks.
    pub fn new(name: &str) -> Result<Self, FileError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let rule = if !(1..=LONGEST).contains(&name.len()) {
            "应为 1 到 100 个字符"
        } else if !name.bytes().all(plain) || name.starts_with('.') {
            "只能含字母、数字、“-”“_”“.”，且不以“.”开头"
        } else if name.contains(".receipt") {
            "“.receipt”留给回执使用"
        } else {
            return Ok(Self(name.to_owned()));
        };
        Err(FileError::Name { name: name.to_owned(), rule })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn data(&self) -> String {
        format!("{}.jsonl", self.0)
    }

    pub(super) fn sum(&self) -> String {
        format!("{}.sm3", self.0)
    }
}

impl fmt::Display for BatchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a batch still waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The data file; only the checksum is there.
    Data,
    /// The checksum; the data may still be on its way.
    Checksum,
}

/// What lies in a drop folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Batches with data and checksum, by name.
    pub ready: Vec<BatchName>,
    /// Batches that are not complete.
    pub waiting: Vec<(BatchName, Missing)>,
    /// Files that belong to no batch: wrong names or endings.
    pub foreign: Vec<String>,
}

/// Sorts the file names of a drop folder. Receipts and unfinished `.part` files are passed over.
pub fn list(names: &[String]) -> Listing {
    let mut batches: BTreeMap<BatchName, (bool, bool)> = BTreeMap::new();
    let mut foreign = BTreeSet::new();
    for name in names {
        let receipt = name.ends_with(".receipt.jsonl") || name.ends_with(".receipt.sm3");
        if receipt || name.ends_with(".part") {
            continue;
        }
        let split = name.strip_suffix(".jsonl").map(|stem| (stem, true));
        let split = split.or_else(|| name.strip_suffix(".sm3").map(|stem| (stem, false)));
        match split.and_then(|(stem, data)| Some((BatchName::new(stem).ok()?, data))) {
            Some((batch, true)) => batches.entry(batch).or_default().0 = true,
            Some((batch, false)) => batches.entry(batch).or_default().1 = true,
            None => drop(foreign.insert(name.clone())),
        }
    }
    let mut listing = Listing { foreign: foreign.into_iter().collect(), ..Listing::default() };
    for (batch, (data, sum)) in batches {
        match (data, sum) {
            (true, true) => listing.ready.push(batch),
            (true, false) => listing.waiting.push((batch, Missing::Checksum)),
            (false, _) => listing.waiting.push((batch, Missing::Data)),
        }
    }
    listing
}
