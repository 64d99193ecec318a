//! What stands on the face: each item of the kind as it is stored (raw) and as it is read (display).

use catalogue::{Authority, Catalogue, Group, Item, ItemType, Kind};
use codes::Lookup;
use jiff::civil::Date;
use model::{FaceValue, Record, Row};

/// One item with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Short name.
    pub short: String,
    /// Chinese name.
    pub name: String,
    /// Stored text: code, ISO date; a list joined by `,`.
    pub raw: String,
    /// Text on the face.
    pub display: String,
}

/// One repeated group with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupValue {
    /// Short name.
    pub short: String,
    /// Chinese name.
    pub name: String,
    /// Rows of values.
    pub rows: Vec<Vec<Value>>,
}

/// All values of a certificate except those that exist only once it is issued.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Items in catalogue order; absent ones are left out.
    pub items: Vec<Value>,
    /// Groups in catalogue order.
    pub groups: Vec<GroupValue>,
}

/// What the intent adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// 证照标识.
    pub identifier: String,
    /// Dense number within the province (`domain.md`, "Status index").
    pub status_index: u64,
    /// Signing time, RFC 3339 with +08:00.
    pub signed_at: String,
    /// Name of the seal.
    pub seal_name: String,
}

impl Values {
    /// The values of a record that the lint has passed.
    pub fn new(
        kind: &Kind,
        record: &Record,
        authority: &Authority,
        catalogue: &Catalogue,
        today: Date,
    ) -> Self {
        let holder_type = record.face.text("CZZTDMLXDM").unwrap_or_default();
        let mut values = Self::default();
        for item in &kind.items {
            let derived = match item.short.as_str() {
                "ZZMC" => Some(kind.title.clone()),
                "ZZLXMC" => Some(kind.name.clone()),
                "ZZLXDM" => Some(kind.type_code.clone()),
                "ZZBFJG" => Some(authority.name.clone()),
                "ZZBFJGDM" => Some(authority.uscc.as_str().to_owned()),
                "CZZTDMLX" => Some(name_of(catalogue, "holder-document-type", holder_type, today)),
                _ => item.from.as_deref().and_then(|from| record.face.text(from)).map(str::to_owned),
            };
            let value = match derived {
                Some(text) => Some(Value::plain(item, text)),
                None if item.is_given() => {
                    record.face.get(&item.short).map(|value| Value::of(item, value, catalogue, today))
                }
                None => None,
            };
            values.items.extend(value);
        }
        for group in &kind.groups {
            let rows = match record.face.get(&group.short) {
                Some(FaceValue::Rows(rows)) => {
                    rows.iter().map(|row| row_of(group, row, catalogue, today)).collect()
                }
                _ => Vec::new(),
            };
            values.groups.push(GroupValue { short: group.short.clone(), name: group.name.clone(), rows });
        }
        values
    }

    /// Display text of an item; empty when absent.
    pub fn display(&self, short: &str) -> &str {
        self.find(short).map_or("", |value| &value.display)
    }

    /// Stored text of an item; empty when absent.
    pub fn raw(&self, short: &str) -> &str {
        self.find(short).map_or("", |value| &value.raw)
    }

    fn find(&self, short: &str) -> Option<&Value> {
        self.items.iter().find(|value| value.short == short)
    }
}

impl Value {
    fn plain(item: &Item, text: String) -> Self {
        Self { short: item.short.clone(), name: item.name.clone(), display: text.clone(), raw: text }
    }

    fn of(item: &Item, value: &FaceValue, catalogue: &Catalogue, today: Date) -> Self {
        let texts: Vec<&str> = match value {
            FaceValue::Text(text) => vec![text],
            FaceValue::List(list) => {
                list.iter().map(String::as_str).filter(|text| !text.is_empty()).collect()
            }
            FaceValue::Rows(_) => Vec::new(),
        };
        let shown: Vec<String> = texts.iter().map(|text| show(item, text, catalogue, today)).collect();
        Self {
            short: item.short.clone(),
            name: item.name.clone(),
            raw: texts.join(","),
            display: shown.join(item.separator.as_deref().unwrap_or("、")),
        }
    }
}

fn row_of(group: &Group, row: &Row, catalogue: &Catalogue, today: Date) -> Vec<Value> {
    let value = |item: &Item| {
        let text = row.get(&item.short).filter(|text| !text.trim().is_empty())?;
        Some(Value::of(item, &FaceValue::Text(text.clone()), catalogue, today))
    };
    group.items.iter().filter_map(value).collect()
}

fn show(item: &Item, text: &str, catalogue: &Catalogue, today: Date) -> String {
    match item.item_type {
        ItemType::Code if item.show_code => text.to_owned(),
        ItemType::Code => name_of(catalogue, item.table.as_deref().unwrap_or_default(), text, today),
        ItemType::Date | ItemType::Until => chinese_date(text),
        ItemType::Number => format!("{text}{}", item.unit.as_deref().unwrap_or("")),
        _ => text.to_owned(),
    }
}

fn name_of(catalogue: &Catalogue, table: &str, code: &str, today: Date) -> String {
    match catalogue.tables.table(table).map(|table| table.get(code, today)) {
        Some(Lookup::Known(name) | Lookup::Retired(name)) => name.to_owned(),
        _ => code.to_owned(),
    }
}

/// `2026-05-01` → `2026年05月01日`; anything else (长期) stays.
fn chinese_date(text: &str) -> String {
    let mut parts = text.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => format!("{year}年{month}月{day}日"),
        _ => text.to_owned(),
    }
}
