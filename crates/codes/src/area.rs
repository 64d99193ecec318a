//! 行政区划代码 (GB/T 2260): the code, its levels, and the dated names.

use std::fmt;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use crate::check;
use crate::embedded;
use crate::error::CodeError;
use crate::table::{CodeTable, Lookup};
use crate::text::text_value;

const ITEM: &str = "行政区划代码";

/// Six digits: province 2, prefecture 2, county 2. Being well formed does not mean that the place exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode([u8; 6]);

/// How far down a code reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    /// 100000, the central state.
    Nation,
    /// `PP0000`.
    Province,
    /// `PPCC00`.
    City,
    /// `PPCCXX`.
    County,
}

impl AreaCode {
    /// Reads six digits.
    ///
    /// # Errors
    /// Wrong length or a character that is not a digit.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        check::characters(ITEM, text, "数字", |c| c.is_ascii_digit())?;
        check::length(ITEM, text, &[6], "6")?;
        Ok(Self::from_checked_digits(text))
    }

    /// From a text that is already known to be six digits.
    pub(crate) fn from_checked_digits(text: &str) -> Self {
        let mut digits = [b'0'; 6];
        for (slot, byte) in digits.iter_mut().zip(text.bytes()) {
            *slot = byte;
        }
        Self(digits)
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Digits only, by both constructors, so this is always UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The level that the zeros at the end show.
    #[must_use]
    pub fn level(&self) -> AreaLevel {
        match self.0 {
            [b'1', b'0', b'0', b'0', b'0', b'0'] => AreaLevel::Nation,
            [_, _, b'0', b'0', b'0', b'0'] => AreaLevel::Province,
            [_, _, _, _, b'0', b'0'] => AreaLevel::City,
            _ => AreaLevel::County,
        }
    }

    /// The province above (or this code itself).
    #[must_use]
    pub fn province(&self) -> Self {
        self.cut(2)
    }

    /// The prefecture above (or this code itself); a province's own code gives itself.
    #[must_use]
    pub fn city(&self) -> Self {
        self.cut(4)
    }

    /// Whether this area is `other` or lies in it; everything lies in 100000.
    #[must_use]
    pub fn within(&self, other: Self) -> bool {
        match other.level() {
            AreaLevel::Nation => true,
            AreaLevel::Province => self.province() == other,
            AreaLevel::City => self.city() == other,
            AreaLevel::County => *self == other,
        }
    }

    fn cut(self, keep: usize) -> Self {
        let mut digits = self.0;
        for digit in digits.iter_mut().skip(keep) {
            *digit = b'0';
        }
        Self(digits)
    }
}

impl AsRef<str> for AreaCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({})", self.as_str())
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

text_value!(AreaCode);

/// The names of the areas, in force and abolished. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Areas(Arc<CodeTable>);

/// Built once: the national lists have some 7,000 lines.
static BUILTIN: LazyLock<Areas> = LazyLock::new(|| {
    // The embedded files are fixed at build time, and tests/data_files.rs parses every one of them.
    let mut areas = Areas(Arc::new(CodeTable::parse(embedded::AREAS[0]).expect("embedded areas parse")));
    for text in &embedded::AREAS[1..] {
        areas.add(text).expect("embedded areas parse");
    }
    areas
});

impl Areas {
    /// GB/T 2260 as embedded, and the invented provinces 98 and 99 of the demonstration.
    #[must_use]
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Adds or replaces areas from a file of the same format as `data/areas/*.toml`.
    ///
    /// # Errors
    /// [`CodeError::Data`] for a file that cannot be read, or a code that is not six digits.
    pub fn add(&mut self, text: &str) -> Result<(), CodeError> {
        let table = CodeTable::parse(text)?;
        for (code, _) in table.iter() {
            AreaCode::parse(code).map_err(|error| CodeError::Data {
                file: table.id().to_owned(),
                detail: error.to_string(),
            })?;
        }
        Arc::make_mut(&mut self.0).merge(table);
        Ok(())
    }

    /// What a code means on a day: named, abolished before it, or not in the table.
    pub fn get(&self, code: impl AsRef<str>, on: Date) -> Lookup<'_> {
        self.0.get(code.as_ref(), on)
    }

    /// The name in force on a day; `None` for abolished and unknown codes.
    pub fn name(&self, code: impl AsRef<str>, on: Date) -> Option<&str> {
        match self.get(code, on) {
            Lookup::Known(name) => Some(name),
            Lookup::Retired(_) | Lookup::Unknown => None,
        }
    }

    /// Province, prefecture and county in one text, e.g. 演示省甲演市演河县; the filler names of GB/T 2260 are left out.
    #[must_use]
    pub fn full_name(&self, code: AreaCode, on: Date) -> Option<String> {
        let own = self.name(code, on)?;
        let mut parts: Vec<&str> = Vec::new();
        for above in [code.province(), code.city()] {
            let filler = |name: &&str| *name == "市辖区" || name.contains("直辖");
            if above != code
                && let Some(name) = self.name(above, on).filter(|name| !filler(name))
            {
                parts.push(name);
            }
        }
        parts.dedup();
        parts.push(own);
        Some(parts.concat())
    }

    /// All codes, in order, with their periods.
    pub fn iter(&self) -> impl Iterator<Item = (AreaCode, &[crate::table::Period])> {
        self.0.iter().map(|(code, periods)| (AreaCode::from_checked_digits(code), periods))
    }

    /// Whether some area of the table has these first two digits.
    pub(crate) fn has_province(&self, code: AreaCode) -> bool {
        self.0.contains(code.province().as_str())
    }
}
