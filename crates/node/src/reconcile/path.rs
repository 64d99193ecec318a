//! Places in the tree: `''` (all) → `2026-06` (month) → `2026-06/9901` (area: a cell) → `/ab` (bucket) → `/abcd` (small bucket).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::NodeError;

/// A place in the tree. Small buckets have no node of their own: their sums are computed from the leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(String);

/// How far down a place lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything.
    Root,
    /// A month.
    Month,
    /// A month of an area.
    Cell,
    /// 1/256 of a cell.
    Bucket,
    /// 1/65,536 of a cell.
    Small,
}

impl Path {
    /// Everything.
    pub fn root() -> Self {
        Self::default()
    }

    /// A cell: month (`2026-06`) and area code.
    ///
    /// # Errors
    /// [`NodeError::Refused`] for a month or an area that is none.
    pub fn cell(month: &str, area: &str) -> Result<Self, NodeError> {
        Self::try_from(format!("{month}/{area}"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How far down it lies.
    pub fn level(&self) -> Level {
        let mut parts = self.0.split('/');
        match (self.0.is_empty(), parts.nth(1), parts.next()) {
            (true, ..) => Level::Root,
            (_, None, _) => Level::Month,
            (_, Some(_), None) => Level::Cell,
            (_, Some(_), Some(hash)) => {
                if hash.len() == 2 {
                    Level::Bucket
                } else {
                    Level::Small
                }
            }
        }
    }

    /// The place above; `None` above everything.
    pub fn parent(&self) -> Option<Self> {
        match self.level() {
            Level::Root => None,
            Level::Month => Some(Self::root()),
            Level::Cell | Level::Bucket => self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned())),
            Level::Small => Some(Self(self.0[..self.0.len() - 2].to_owned())),
        }
    }

    /// The cell that it lies in, and its slots (both ends included); `None` above the cells.
    pub fn slots(&self) -> Option<(&str, (i64, i64))> {
        let slash = self.0.find('/')?;
        let end = self.0[slash + 1..].find('/').map_or(self.0.len(), |end| slash + 1 + end);
        let (cell, hash) = (&self.0[..end], self.0.get(end + 1..).unwrap_or_default());
        let first = i64::from_str_radix(hash, 16).unwrap_or(0);
        let slots = match self.level() {
            Level::Bucket => (first << 8, first << 8 | 0xff),
            Level::Small => (first, first),
            _ => (0, 0xffff),
        };
        Some((cell, slots))
    }

    /// The bucket of a slot in a cell.
    pub(super) fn bucket(cell: &str, slot: i64) -> Self {
        Self(format!("{cell}/{:02x}", slot >> 8))
    }

    /// The small bucket of a slot in a cell.
    pub(super) fn small(cell: &str, slot: i64) -> Self {
        Self(format!("{cell}/{slot:04x}"))
    }

    /// From a row of ours.
    pub(super) fn known(text: String) -> Self {
        Self(text)
    }
}

/// Where a certificate stands in its cell: the first 16 bits of the SM3 of its key.
pub fn slot(certificate: &str) -> i64 {
    let hash = gm::sm3::sm3(certificate.as_bytes());
    i64::from(hash[0]) << 8 | i64::from(hash[1])
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_empty() { "全部" } else { &self.0 })
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.0
    }
}

impl TryFrom<String> for Path {
    type Error = NodeError;

    fn try_from(text: String) -> Result<Self, NodeError> {
        if text.is_empty() || is_path(&text) {
            return Ok(Self(text));
        }
        Err(NodeError::refused(
            format!("“{text}”不是摘要树中的位置"),
            "应为“年-月/行政区划/散列前缀”，散列前缀为 2 或 4 位",
        ))
    }
}

fn is_path(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('/');
    let month = parts.next().is_some_and(|month| {
        month.len() == 7
            && month
                .split_once('-')
                .is_some_and(|(year, month)| year.len() == 4 && digits(year) && digits(month))
    });
    let area = parts.next().is_none_or(|area| (2..=12).contains(&area.len()) && digits(area));
    let hash = parts.next().is_none_or(|hash| {
        matches!(hash.len(), 2 | 4) && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    });
    month && area && hash && parts.next().is_none()
}
