//! 发证机关 `Authority`: the dated directory of who may issue.

use codes::{AreaCode, Uscc};
use jiff::civil::Date;
use serde::Deserialize;

use crate::CatalogueError;
use crate::load::parse;

/// One issuing authority for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// 统一社会信用代码.
    pub uscc: Uscc,
    /// Name as it stands on the face.
    pub name: String,
    /// Area that it administers.
    pub area: AreaCode,
    /// 省级, 地市级, 区县级.
    pub level: String,
    /// First day.
    pub valid_from: Date,
    /// Last day, if it was closed.
    pub valid_to: Option<Date>,
}

/// The directory.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Vec<Authority>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    authorities: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    uscc: String,
    name: String,
    area: String,
    level: String,
    valid_from: String,
    #[serde(default)]
    valid_to: Option<String>,
}

impl Authorities {
    /// Reads the directory.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, CatalogueError> {
        let parsed: File = parse(file, text)?;
        parsed.authorities.into_iter().map(|entry| read(file, entry)).collect::<Result<_, _>>().map(Self)
    }

    /// The authority of that USCC on a day.
    pub fn get(&self, uscc: &str, on: Date) -> Option<&Authority> {
        let in_force = |one: &&Authority| one.valid_from <= on && one.valid_to.is_none_or(|end| on <= end);
        self.0.iter().filter(|one| one.uscc.as_str() == uscc).find(in_force)
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = &Authority> {
        self.0.iter()
    }

    /// Adds an authority that the directory does not list (the owner of a key folder).
    pub fn add(&mut self, authority: Authority) {
        if !self.0.iter().any(|one| one.uscc == authority.uscc) {
            self.0.push(authority);
        }
    }
}

fn read(file: &str, entry: Entry) -> Result<Authority, CatalogueError> {
    let bad = |what: String| CatalogueError::content(file, &entry.uscc, what, "请按机构登记证书改正");
    Ok(Authority {
        uscc: Uscc::parse(&entry.uscc).map_err(|error| bad(error.to_string()))?,
        area: AreaCode::parse(&entry.area).map_err(|error| bad(error.to_string()))?,
        valid_from: entry.valid_from.parse().map_err(|_| bad("valid_from 不是日期".into()))?,
        valid_to: entry
            .valid_to
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| bad("valid_to 不是日期".into()))?,
        name: entry.name,
        level: entry.level,
    })
}
