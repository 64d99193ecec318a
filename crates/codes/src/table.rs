//! Dated code tables: the format of `data/codes/*.toml` and `data/areas/*.toml`, and the look-up.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use serde::Deserialize;

use crate::embedded;
use crate::error::CodeError;
use crate::validity::LegalDate;

/// One name of a code, for a span of days (both ends included).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// The Chinese name.
    pub name: String,
    /// The broader code of the same table, if any.
    pub parent: Option<String>,
    /// First day.
    pub from: Date,
    /// Last day; `None` while in force.
    pub to: Option<Date>,
}

/// What a code means on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// In force, with its name.
    Known(&'a str),
    /// Once in force, with its last name.
    Retired(&'a str),
    /// Not in the table, or not yet in force.
    Unknown,
}

/// One code table with the periods of every code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTable {
    id: String,
    name: String,
    source: String,
    illustrative: bool,
    codes: BTreeMap<String, Vec<Period>>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    source: String,
    /// How sure the facts are (seen, remembered, guess, invented): for readers of the file, required but not kept.
    #[serde(rename = "mark")]
    _mark: String,
    illustrative: bool,
    effective_from: LegalDate,
    effective_to: Option<LegalDate>,
    codes: BTreeMap<String, Entry>,
}

/// A code's value: its name alone, one period, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Name(String),
    One(Spec),
    Many(Vec<Spec>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    name: String,
    parent: Option<String>,
    effective_from: Option<LegalDate>,
    effective_to: Option<LegalDate>,
}

impl CodeTable {
    /// Reads one table; an entry without dates takes those of the file.
    ///
    /// # Errors
    /// [`CodeError::Data`] for broken TOML, unknown fields, an empty name, or periods that end before they begin
    /// or overlap.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let file: File = toml::from_str(text)
            .map_err(|error| CodeError::Data { file: "代码表".to_owned(), detail: error.to_string() })?;
        let mut codes = BTreeMap::new();
        for (code, entry) in file.codes {
            let specs = match entry {
                Entry::Name(name) => {
                    vec![Spec { name, parent: None, effective_from: None, effective_to: None }]
                }
                Entry::One(spec) => vec![spec],
                Entry::Many(specs) => specs,
            };
            let mut periods: Vec<Period> = specs
                .into_iter()
                .map(|spec| Period {
                    name: spec.name,
                    parent: spec.parent,
                    from: spec.effective_from.unwrap_or(file.effective_from).date(),
                    to: spec.effective_to.or(file.effective_to).map(LegalDate::date),
                })
                .collect();
            periods.sort_by_key(|period| period.from);
            check_periods(&periods).map_err(|what| CodeError::Data {
                file: file.id.clone(),
                detail: format!("代码“{code}”{what}"),
            })?;
            codes.insert(code, periods);
        }
        let File { id, name, source, illustrative, .. } = file;
        Ok(Self { id, name, source, illustrative, codes })
    }

    /// What `code` means on a day; the newest period decides about what is no longer in force.
    #[must_use]
    pub fn get(&self, code: &str, on: Date) -> Lookup<'_> {
        let periods = self.codes.get(code).map_or(&[][..], Vec::as_slice);
        let begun = periods.iter().rev().find(|period| period.from <= on);
        match begun {
            Some(period) if period.to.is_none_or(|end| on <= end) => Lookup::Known(&period.name),
            Some(period) => Lookup::Retired(&period.name),
            None => Lookup::Unknown,
        }
    }

    /// The newest name of a code, whether or not it is still in force.
    #[must_use]
    pub fn latest_name(&self, code: &str) -> Option<&str> {
        self.codes.get(code).and_then(|periods| periods.last()).map(|period| period.name.as_str())
    }

    /// Takes over the codes of another table; a code that both have is replaced as a whole.
    pub(crate) fn merge(&mut self, other: Self) {
        self.codes.extend(other.codes);
        self.illustrative |= other.illustrative;
    }

    /// Whether the code ever stood in the table.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.codes.contains_key(code)
    }

    /// All codes, in order, with their periods from old to new (never empty).
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Period])> {
        self.codes.iter().map(|(code, periods)| (code.as_str(), periods.as_slice()))
    }

    /// Kebab-case id, e.g. `plate-colour`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Chinese name, e.g. 车牌颜色.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The standard and clause.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether some of it is ours and claims no standard.
    #[must_use]
    pub fn illustrative(&self) -> bool {
        self.illustrative
    }
}

/// Says what is wrong with the sorted periods of one code, in Chinese.
fn check_periods(periods: &[Period]) -> Result<(), &'static str> {
    if periods.is_empty() || periods.iter().any(|period| period.name.trim().is_empty()) {
        return Err("没有名称");
    }
    if periods.iter().any(|period| period.to.is_some_and(|end| end < period.from)) {
        return Err("的失效日期早于生效日期");
    }
    // Two names on one day would make the answer depend on the order of lines.
    if periods.windows(2).any(|pair| pair[0].to.is_none_or(|end| end >= pair[1].from)) {
        return Err("的各段日期互相重叠");
    }
    Ok(())
}

/// All code tables by id. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub struct CodeTables(BTreeMap<String, Arc<CodeTable>>);

static BUILTIN: LazyLock<CodeTables> = LazyLock::new(|| {
    let mut tables = CodeTables::default();
    for text in embedded::CODES {
        // The embedded files are fixed at build time, and tests/data_files.rs parses every one of them.
        tables.add(text).expect("embedded code tables parse");
    }
    tables
});

impl CodeTables {
    /// The tables that are embedded in the program.
    #[must_use]
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Adds a table; where the id exists, its codes are added to it and replace codes of the same text.
    ///
    /// # Errors
    /// As [`CodeTable::parse`], or a parent that the resulting table does not have.
    pub fn add(&mut self, text: &str) -> Result<(), CodeError> {
        let new = CodeTable::parse(text)?;
        let id = new.id.clone();
        let table = match self.0.get(&id) {
            Some(old) => {
                let mut table = CodeTable::clone(old);
                table.merge(new);
                table
            }
            None => new,
        };
        let parents = table.codes.values().flatten().filter_map(|period| period.parent.as_ref());
        if let Some(parent) = parents.into_iter().find(|parent| !table.contains(parent)) {
            let detail = format!("上级代码“{parent}”不在表中");
            return Err(CodeError::Data { file: id, detail });
        }
        self.0.insert(id, Arc::new(table));
        Ok(())
    }

    /// The table of an id.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&CodeTable> {
        self.0.get(id).map(Arc::as_ref)
    }

    /// All tables, by id.
    pub fn iter(&self) -> impl Iterator<Item = &CodeTable> {
        self.0.values().map(Arc::as_ref)
    }
}
