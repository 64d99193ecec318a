//! Rules across records: the same certificate twice, two live certificates for one vehicle.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{Finding, Record, Severity};

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
}

/// The keys of a record by the DUPLICATE and LIVE_TWICE rules of its kind. A rule with a missing item gives none.
pub fn duplicate_keys(kind: &Kind, record: &Record) -> Vec<DuplicateKey> {
    let rules = kind.rules.iter().filter(|rule| matches!(rule.rule.as_str(), "DUPLICATE" | "LIVE_TWICE"));
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
            })
        })
        .collect()
}

/// Which record holds each key: those of this run and those that were issued before.
///
/// Only a 128-bit fingerprint of each key is kept, so that millions of certificates fit in memory.
#[derive(Debug, Default)]
pub struct LiveKeys {
    owners: HashMap<u128, Box<str>>,
}

impl LiveKeys {
    /// Remembers that a record holds its keys.
    pub fn hold(&mut self, keys: Vec<DuplicateKey>, record_id: &str) {
        for key in keys {
            self.owners.entry(fingerprint(&key)).or_insert_with(|| record_id.into());
        }
    }

    /// Findings for a record whose keys another record holds.
    pub fn check(&self, kind: &Kind, record: &Record, catalogue: &Catalogue) -> Vec<Finding> {
        let taken = duplicate_keys(kind, record).into_iter().filter_map(|key| {
            let owner = self.owners.get(&fingerprint(&key)).filter(|owner| ***owner != *record.record_id)?;
            Some((key, owner.clone()))
        });
        taken
            .map(|(key, owner)| Finding {
                record_id: record.record_id.clone(),
                item_name: kind.label(&key.item).to_owned(),
                what: format!(
                    "{}：记录“{owner}”已占用同一{}",
                    catalogue.rules.name(&key.rule),
                    kind.label(&key.item)
                ),
                fix: "请核对两条记录：重复的删去其一；车辆已过户或换证的，先注销原证".into(),
                item: key.item,
                rule: key.rule,
                severity: Severity::Error,
            })
            .collect()
    }
}

fn fingerprint(key: &DuplicateKey) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &key.rule, &key.value).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
