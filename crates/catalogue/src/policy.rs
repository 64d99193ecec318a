//! Which seal goes on which certificate, and how serials are minted: dated data (R23).

use jiff::civil::Date;
use serde::Deserialize;

use crate::CatalogueError;
use crate::load::parse;

/// Which seal seals a kind in an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealPolicy {
    scope: Scope,
    /// Name of the seal in the key folder.
    pub seal: String,
}

/// How the serial part of an identifier is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRule {
    scope: Scope,
    parts: Vec<SerialPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SerialPart {
    Area,
    Year,
    Counter(usize),
    Literal(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Scope {
    kinds: Vec<String>,
    areas: Vec<String>,
    from: Date,
    to: Option<Date>,
}

impl Scope {
    fn covers(&self, kind: &str, area: &str, on: Date) -> bool {
        self.kinds.iter().any(|one| one == "*" || one == kind)
            && self.areas.iter().any(|one| one == "*" || area.starts_with(one.as_str()))
            && self.from <= on
            && self.to.is_none_or(|end| on <= end)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SealFile {
    policies: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberFile {
    rules: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kinds: Vec<String>,
    #[serde(default = "everywhere")]
    areas: Vec<String>,
    valid_from: String,
    #[serde(default)]
    valid_to: Option<String>,
    #[serde(default)]
    seal: String,
    #[serde(default)]
    serial: String,
}

fn everywhere() -> Vec<String> {
    vec!["*".into()]
}

impl Entry {
    fn scope(&self, file: &str) -> Result<Scope, CatalogueError> {
        let date = |text: &str| {
            text.parse::<Date>()
                .map_err(|_| CatalogueError::content(file, text, "不是日期", "请写成 YYYY-MM-DD"))
        };
        let (from, to) = (date(&self.valid_from)?, self.valid_to.as_deref().map(date).transpose()?);
        if to.is_some_and(|to| to < from) {
            return Err(CatalogueError::content(file, "valid_to", "早于 valid_from", "请核对两个日期"));
        }
        Ok(Scope { kinds: self.kinds.clone(), areas: self.areas.clone(), from, to })
    }

    /// Seal policies and number rules share a shape; the field of the other one is a slip.
    fn only(&self, file: &str, wanted: (&str, &str), foreign: (&str, &str)) -> Result<(), CatalogueError> {
        let bad = |item: &str, what: &str, fix: &str| Err(CatalogueError::content(file, item, what, fix));
        if wanted.1.is_empty() {
            return bad(wanted.0, "缺少该字段", "请补上");
        }
        if foreign.1.is_empty() { Ok(()) } else { bad(foreign.0, "本文件没有该字段", "请删去") }
    }
}

impl SealPolicy {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Self>, CatalogueError> {
        let parsed: SealFile = parse(file, text)?;
        parsed
            .policies
            .iter()
            .map(|entry| {
                entry.only(file, ("seal", &entry.seal), ("serial", &entry.serial))?;
                Ok(Self { scope: entry.scope(file)?, seal: entry.seal.clone() })
            })
            .collect()
    }

    /// Slugs of the kinds that it is for; `*` for all.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.scope.kinds.iter().map(String::as_str)
    }

    /// Beginnings of the area codes that it is for; `*` for all.
    pub fn areas(&self) -> impl Iterator<Item = &str> {
        self.scope.areas.iter().map(String::as_str)
    }

    /// First and last day of effect.
    pub fn days(&self) -> (Date, Option<Date>) {
        (self.scope.from, self.scope.to)
    }

    /// Does this policy decide for that kind (slug), area and day?
    pub fn covers(&self, kind: &str, area: &str, on: Date) -> bool {
        self.scope.covers(kind, area, on)
    }
}

impl NumberRule {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Self>, CatalogueError> {
        let parsed: NumberFile = parse(file, text)?;
        parsed
            .rules
            .iter()
            .map(|entry| {
                entry.only(file, ("serial", &entry.serial), ("seal", &entry.seal))?;
                Ok(Self { scope: entry.scope(file)?, parts: serial_parts(file, &entry.serial)? })
            })
            .collect()
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.scope.kinds.iter().map(String::as_str)
    }

    /// Does this rule decide for that kind (slug), area and day?
    pub fn covers(&self, kind: &str, area: &str, on: Date) -> bool {
        self.scope.covers(kind, area, on)
    }

    /// What all serials of one counter have in common: counters are kept by this name, so that a rule without area or
    /// year never gives a number twice.
    pub fn series(&self, area: &str, year: i16) -> String {
        let fixed = |part: &SerialPart| match part {
            SerialPart::Area => area.to_owned(),
            SerialPart::Year => format!("{year:04}"),
            SerialPart::Counter(_) => "#".to_owned(),
            SerialPart::Literal(text) => text.clone(),
        };
        self.parts.iter().map(fixed).collect()
    }

    /// The serial for an area, a year of issue and a counter value; `None` when the counter has run out of digits.
    pub fn serial(&self, area: &str, year: i16, counter: u64) -> Option<String> {
        let mut serial = String::new();
        for part in &self.parts {
            match part {
                SerialPart::Area => serial.push_str(area),
                SerialPart::Year => serial.push_str(&format!("{year:04}")),
                SerialPart::Counter(width) => {
                    let digits = format!("{counter:0width$}");
                    if digits.len() > *width {
                        return None;
                    }
                    serial.push_str(&digits);
                }
                SerialPart::Literal(text) => serial.push_str(text),
            }
        }
        Some(serial)
    }
}

fn serial_parts(file: &str, rule: &str) -> Result<Vec<SerialPart>, CatalogueError> {
    let bad = |what: &str| {
        CatalogueError::content(file, rule, what, "可用 {area}、{year}、{counter:位数} 和大写字母、数字")
    };
    let mut parts = Vec::new();
    let mut rest = rule;
    while let Some(start) = rest.find('{') {
        let (literal, tail) = rest.split_at(start);
        push_literal(&mut parts, literal).ok_or_else(|| bad("含有不允许的字符"))?;
        let (name, tail) = tail[1..].split_once('}').ok_or_else(|| bad("花括号没有成对"))?;
        parts.push(match name.split_once(':') {
            Some(("counter", width)) => {
                let width = width.parse().ok().filter(|width| (1..=19).contains(width));
                SerialPart::Counter(width.ok_or_else(|| bad("计数器位数应为 1 至 19"))?)
            }
            None if name == "area" => SerialPart::Area,
            None if name == "year" => SerialPart::Year,
            _ => return Err(bad("不认识的编号成分")),
        });
        rest = tail;
    }
    push_literal(&mut parts, rest).ok_or_else(|| bad("含有不允许的字符"))?;
    let counters = parts.iter().filter(|part| matches!(part, SerialPart::Counter(_))).count();
    if counters != 1 {
        return Err(bad("应恰有一个计数器"));
    }
    // GB/T 36904: a serial has at most 32 characters; an area has 6, a year 4.
    let width = |part: &SerialPart| match part {
        SerialPart::Area => 6,
        SerialPart::Year => 4,
        SerialPart::Counter(width) => *width,
        SerialPart::Literal(text) => text.len(),
    };
    if parts.iter().map(width).sum::<usize>() > 32 {
        return Err(bad("流水号超过 32 位"));
    }
    Ok(parts)
}

fn push_literal(parts: &mut Vec<SerialPart>, text: &str) -> Option<()> {
    if text.is_empty() {
        return Some(());
    }
    let allowed = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    allowed.then(|| parts.push(SerialPart::Literal(text.into())))
}
