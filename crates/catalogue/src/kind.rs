//! 证照类型 `Kind`: its definition (GB/T 36902), its face items, its parts and its rules.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

/// How an item's text is read and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemType {
    /// Free text.
    Text,
    /// A code of a code table.
    Code,
    /// ISO date.
    Date,
    /// ISO date or 长期.
    Until,
    /// Decimal number, at most three decimals.
    Number,
    /// Document number of the holder, read by the holder's document type.
    Document,
    /// 统一社会信用代码.
    Uscc,
    /// 车辆识别代号.
    Vin,
    /// 车辆号牌.
    Plate,
    /// The picture that comes with the record.
    Photo,
}

/// Who supplies an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Given {
    /// The record brings it.
    #[default]
    Record,
    /// The system computes it; a record that brings it is told so.
    Derived,
}

/// A further check of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextCheck {
    /// A name of a person or company: no trace of a lost character, no blanks between Chinese characters.
    Name,
    /// A number that people compare: no full-width letters and digits, which look alike and are not equal.
    Number,
}

/// One face item (照面项).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Short name: pinyin initials, `KZ_` for extension items.
    pub short: String,
    /// Chinese name: label, CSV header, wording of findings.
    pub name: String,
    /// How it is read.
    #[serde(rename = "type")]
    pub item_type: ItemType,
    /// Must it be there?
    #[serde(default)]
    pub mandatory: bool,
    /// Record or derived.
    #[serde(default)]
    pub given: Given,
    /// Longest text in characters.
    #[serde(default)]
    pub length: Option<usize>,
    /// Code table of a `code` item.
    #[serde(default)]
    pub table: Option<String>,
    /// Several values.
    #[serde(default)]
    pub list: bool,
    /// What stands between the values of a list on the face; default `、`.
    #[serde(default)]
    pub separator: Option<String>,
    /// The face shows the code itself, not its name (准驾车型 A2).
    #[serde(default)]
    pub show_code: bool,
    /// Only these codes are allowed for this kind.
    #[serde(default)]
    pub only: Vec<String>,
    /// Only codes with these beginnings are allowed for this kind.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Codes that are not allowed for this kind although `prefixes` would let them through.
    #[serde(default)]
    pub except: Vec<String>,
    /// What people write instead of a code, and the code that they mean (`CN` → `CHN`): only ever proposed.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// A derived item that repeats another one.
    #[serde(default)]
    pub from: Option<String>,
    /// The item that holds the colour of a `plate`.
    #[serde(default)]
    pub colour: Option<String>,
    /// Unit of a `number`, printed behind it.
    #[serde(default)]
    pub unit: Option<String>,
    /// What a number counts where the face prints no unit (毫米): for findings.
    #[serde(default)]
    pub measure: Option<String>,
    /// Smallest value of a `number`.
    #[serde(default)]
    pub min: Option<u32>,
    /// Largest value of a `number`.
    #[serde(default)]
    pub max: Option<u32>,
    /// A `number` without decimals.
    #[serde(default)]
    pub whole: bool,
    /// A further check of a `text`.
    #[serde(default)]
    pub check: Option<TextCheck>,
    /// How it is masked for those who may not see it whole.
    #[serde(default)]
    pub mask: Option<String>,
    /// It says what the certificate allows: an officer sees it first.
    #[serde(default)]
    pub entitles: bool,
}

impl Item {
    /// Does the record bring this item?
    pub fn is_given(&self) -> bool {
        self.given == Given::Record && self.item_type != ItemType::Photo
    }

    /// May this kind carry the code, whether or not a table has it?
    pub fn allows(&self, code: &str) -> bool {
        let listed = self.only.is_empty() || self.only.iter().any(|one| one == code);
        let begins =
            self.prefixes.is_empty() || self.prefixes.iter().any(|one| code.starts_with(one.as_str()));
        listed && begins && !self.except.iter().any(|one| one == code)
    }

    /// What a `number` counts.
    pub(crate) fn counted(&self) -> &str {
        self.unit.as_deref().or(self.measure.as_deref()).unwrap_or_default()
    }
}

/// A repeated group of items (从业资格类别 with dates and authority).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Short name.
    pub short: String,
    /// Chinese name.
    pub name: String,
    /// At least one row?
    #[serde(default)]
    pub mandatory: bool,
    /// Sub-item that tells the rows apart: two rows with the same text are odd.
    #[serde(default)]
    pub key: Option<String>,
    /// Sub-items.
    pub items: Vec<Item>,
}

/// A rule over items of one record or over several records; what the code does is `lint.rs` and `duplicate.rs`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Rule code of `data/rules.toml`.
    pub rule: String,
    /// The items it looks at, in order; `GROUP.ITEM` inside a group, `decision.date` of the envelope.
    pub items: Vec<String>,
    /// Allowed values, for rules that list them.
    #[serde(default)]
    pub values: Vec<String>,
    /// Years, for rules about a span.
    #[serde(default)]
    pub years: Option<i16>,
    /// The item that the finding names; without it the last one.
    #[serde(default)]
    pub blame: Option<String>,
    /// What to compare with (证件原件); without it the permit decision.
    #[serde(default)]
    pub source: Option<String>,
}

/// A part of a certificate (正本, 副本): one sealed file each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// 正本 or 副本.
    pub name: String,
    /// Template file of this part.
    pub template: String,
}

/// The GB/T 36902 entry of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// 证照定义机构.
    pub define_authority: String,
    /// 证照定义机构代码.
    pub define_authority_code: String,
    /// 证照定义机构级别.
    pub define_authority_level: String,
    /// 持证主体类别: 自然人, 法人, 混合, 其它.
    pub holder_category: String,
    /// 证照颁发机构.
    pub issuing_authority: String,
    /// 证照颁发机构级别.
    pub issuing_level: String,
    /// 有效期限范围.
    pub validity_range: String,
    /// 关联事项代码.
    #[serde(default)]
    pub related_items: Vec<String>,
}

/// One version of a kind of certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Folder and URL word.
    pub slug: String,
    /// 证照类型名称.
    pub name: String,
    /// Title on the face.
    pub title: String,
    /// 证照类型代码, 21 characters.
    pub type_code: String,
    /// Family: RE, RA, RB.
    pub family: String,
    /// The standard that the kind belongs to.
    pub standard: String,
    /// Version of this definition.
    pub version: String,
    /// First day of effect.
    pub effective_from: Date,
    /// Last day of effect.
    pub effective_to: Option<Date>,
    /// 归集起始时间 (L5.1).
    pub collect_since: Date,
    /// Marked illustrative: the text of the standard could not be read.
    pub illustrative: bool,
    /// GB/T 36902 entry.
    pub definition: Definition,
    /// Parts; at least one.
    pub parts: Vec<Part>,
    /// Common items, then the kind's own.
    pub items: Vec<Item>,
    /// Repeated groups.
    pub groups: Vec<Group>,
    /// Common rules, then the kind's own.
    pub rules: Vec<RuleSpec>,
}

impl Kind {
    /// The item of that short name.
    pub fn item(&self, short: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.short == short)
    }

    /// The group of that short name.
    pub fn group(&self, short: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.short == short)
    }

    /// The item or sub-item of `SHORT` or `GROUP.SHORT`.
    pub fn path(&self, path: &str) -> Option<&Item> {
        match path.split_once('.') {
            Some((group, short)) => self.group(group)?.items.iter().find(|item| item.short == short),
            None => self.item(path),
        }
    }

    /// The photo item, if the kind has one.
    pub fn photo_item(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.item_type == ItemType::Photo)
    }

    /// Chinese name of an item, group, path or envelope field; the short name when it is none of these.
    pub fn label<'a>(&'a self, path: &'a str) -> &'a str {
        if let Some(group) = self.group(path) {
            return &group.name;
        }
        self.path(path).map_or_else(|| envelope_label(path), |item| &item.name)
    }
}

/// The one envelope field that a rule may name.
pub(crate) const DECISION_DATE: &str = "decision.date";

/// Chinese names of the record's envelope fields (also the CSV headers).
pub(crate) fn envelope_label(field: &str) -> &str {
    match field {
        "record_id" => "记录号",
        "source" => "来源",
        "kind" => "证照类型",
        "authority_uscc" => "发证机关代码",
        "area" => "行政区划代码",
        "decision.no" => "决定文号",
        "decision.date" => "决定日期",
        "photo" => "照片",
        other => other,
    }
}
