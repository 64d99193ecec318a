//! Rules across records: the same certificate twice, two live certificates for one vehicle.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;
use model::{Finding, Record, Severity};

use crate::relation::date_of;
use crate::{Catalogue, Kind};

/// A key that only one live certificate may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DuplicateKey {
    /// Rule that forbids the second one.
    pub rule: String,
    /// Item that the finding names.
    pub item: String,
    /// What must be unique.
    pub value: String,
    /// Last day of the certificate that takes the key; `None` where it is taken for ever (a number, 长期).
    pub last_day: Option<Date>,
}

/// Only one live certificate may hold it: the end of the certificate sets it free.
const LIVE: &str = "LIVE_TWICE";

/// The last day of a record's certificate; `None` for 长期.
pub fn last_day(record: &Record) -> Option<Date> {
    record.face.text("ZZYXQJZRQ").and_then(date_of)
}

impl DuplicateKey {
    /// A key of a certificate that was issued before, from what was stored of it.
    pub fn stored(rule: &str, value: &str, last_day: Option<Date>) -> Self {
        let last_day = last_day.filter(|_| rule == LIVE);
        Self { rule: rule.to_owned(), item: String::new(), value: value.to_owned(), last_day }
    }
}

/// The keys of a record by the DUPLICATE and LIVE_TWICE rules of its kind. A rule with a missing item gives none.
pub fn duplicate_keys(kind: &Kind, record: &Record) -> Vec<DuplicateKey> {
    let rules = kind.rules.iter().filter(|rule| matches!(rule.rule.as_str(), "DUPLICATE" | LIVE));
    rules
        .filter_map(|rule| {
            let values: Option<Vec<_>> = rule.items.iter().map(|item| record.face.text(item)).collect();
            let scope = match rule.rule.as_str() {
                // A number is the authority's own; a vehicle is the same vehicle everywhere.
                "DUPLICATE" => record.authority_uscc.as_str(),
                _ => "",
            };
            Some(DuplicateKey {
                rule: rule.rule.clone(),
                item: rule.items[0].clone(),
                value: format!("{}|{scope}|{}", kind.type_code, values?.join("|")),
                last_day: last_day(record).filter(|_| rule.rule == LIVE),
            })
        })
        .collect()
}

/// Which record holds each key: those of this run and those that were issued before.
///
/// Only a 128-bit fingerprint of each key is kept, so that millions of certificates fit in memory.
#[derive(Debug, Default)]
pub struct LiveKeys {
    owners: HashMap<u128, Owner>,
    today: Option<Date>,
}

#[derive(Debug)]
struct Owner {
    record_id: Box<str>,
    /// `Date::MAX` when it never ends.
    last_day: Date,
}

impl LiveKeys {
    /// Sets the day: certificates that ended before it hold nothing.
    pub fn advance(&mut self, today: Date) {
        self.today = Some(today);
    }

    /// Remembers that a record holds its keys. Of two holders the one that ends later counts.
    pub fn hold(&mut self, keys: Vec<DuplicateKey>, record_id: &str) {
        for key in keys {
            let last_day = key.last_day.unwrap_or(Date::MAX);
            let owner = self.owners.entry(fingerprint(&key));
            let owner = owner.or_insert_with(|| Owner { record_id: record_id.into(), last_day });
            if owner.last_day < last_day {
                *owner = Owner { record_id: record_id.into(), last_day };
            }
        }
    }

    /// Findings for a record whose keys another record holds, on the day set or from the record's first day on.
    pub fn check(&self, kind: &Kind, record: &Record, catalogue: &Catalogue) -> Vec<Finding> {
        let begin = record.face.text("ZZYXQQSRQ").and_then(date_of);
        let begin = begin.max(self.today).unwrap_or(Date::MIN);
        let found = duplicate_keys(kind, record).into_iter().filter_map(|key| {
            let owner = self.owners.get(&fingerprint(&key))?;
            let lives = owner.last_day >= begin && *owner.record_id != *record.record_id;
            lives.then_some((key, &*owner.record_id))
        });
        found.map(|(key, owner)| self::taken(kind, record, catalogue, key, owner)).collect()
    }
}

/// The finding for a record whose key another one holds; `owner` is what that one is called.
pub fn taken(kind: &Kind, record: &Record, catalogue: &Catalogue, key: DuplicateKey, owner: &str) -> Finding {
    let items = kind.rules.iter().find(|rule| rule.rule == key.rule && rule.items[0] == key.item);
    let shown = items.map_or_else(String::new, |rule| shown(kind, record, catalogue, &rule.items));
    let label = kind.label(&key.item);
    let (what, fix) = match key.rule.as_str() {
        LIVE => (
            format!("{label}{shown}已有有效证照（记录“{owner}”），同一车辆不能再发"),
            "请核对两条记录：重复的删去其一；车辆已过户或换证的，先注销原证",
        ),
        _ => (
            format!("{label}{shown}已由记录“{owner}”使用"),
            "请核对两条记录：重复提交的删去其一，编号填错的改正编号",
        ),
    };
    Finding {
        record_id: record.record_id.clone(),
        item_name: label.to_owned(),
        what,
        fix: fix.into(),
        item: key.item,
        rule: key.rule,
        severity: Severity::Error,
    }
}

/// The values of items as people read them: “演A12345”（黄色）.
fn shown(kind: &Kind, record: &Record, catalogue: &Catalogue, items: &[String]) -> String {
    let one = |short: &String| {
        let text = record.face.text(short)?;
        let table = kind.item(short).and_then(|item| catalogue.tables.table(item.table.as_deref()?));
        Some(match table.and_then(|table| table.latest_name(text)) {
            Some(name) => format!("（{name}）"),
            None => format!("“{text}”"),
        })
    };
    items.iter().filter_map(one).collect()
}

fn fingerprint(key: &DuplicateKey) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &key.rule, &key.value).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
