//! What a certificate allows, as far as the register knows it: the first question at the roadside after "is it valid".

use std::collections::BTreeSet;

use ::lifecycle::{Base, Entitlement, Rules, State};
use catalogue::{Item, Kind};
use codes::{LegalDate, Validity};
use model::{FaceValue, Record};
use serde::{Deserialize, Serialize};

use super::mask::masked;
use crate::Province;

/// One thing that it allows, or has ceased to allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Short name of the face item that it stands under; empty where it is no item of the face.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub short: String,
    /// Chinese name: 经营范围, 准驾车型.
    pub name: String,
    /// What.
    pub value: String,
    /// Where it has a status of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its own last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Does it stand today, as far as it is its own matter? The certificate must stand too.
    pub live: bool,
}

impl Allowed {
    fn plain(short: &str, name: &str, value: String) -> Self {
        Self { short: short.to_owned(), name: name.to_owned(), value, status: None, until: None, live: true }
    }
}

impl Province {
    /// In the order of the face, by what the kind's data mark with `entitles`; each code that has a status of its own by itself.
    pub(crate) fn allowed(
        &self,
        kind: &Kind,
        record: &Record,
        state: &State,
        today: LegalDate,
    ) -> Vec<Allowed> {
        let mut told = BTreeSet::new();
        let mut out = Vec::new();
        for item in kind.items.iter().filter(|item| item.entitles) {
            let codes = match record.face.get(&item.short) {
                Some(FaceValue::Text(text)) => vec![text.clone()],
                Some(FaceValue::List(list)) => list.clone(),
                _ => continue,
            };
            self.item(item, &codes, (state, today), (&mut told, &mut out));
        }
        for group in &kind.groups {
            let key = group.key.as_deref().and_then(|key| group.items.iter().find(|item| item.short == key));
            let (Some(key), Some(FaceValue::Rows(rows))) = (key, record.face.get(&group.short)) else {
                continue;
            };
            if key.entitles {
                let codes: Vec<_> = rows.iter().filter_map(|row| row.get(&key.short).cloned()).collect();
                let named = Item { short: group.short.clone(), name: group.name.clone(), ..key.clone() };
                self.item(&named, &codes, (state, today), (&mut told, &mut out));
            }
        }
        // Granted after the face was made.
        for one in state.entitlements.values().filter(|one| !told.contains(&one.code)) {
            let value = self.entitlement_name(kind, &one.code);
            out.push(self.own(Allowed::plain("", "另外核准", value), one, today));
        }
        if let Some(due) = state.annual.due {
            let live = due >= today;
            let status = Some(if live { "有效" } else { "已过期" }.to_owned());
            let line = Allowed::plain("", "年度审验", format!("至 {due}"));
            out.push(Allowed { status, live, ..line });
        }
        out
    }

    fn item(
        &self,
        item: &Item,
        codes: &[String],
        (state, today): (&State, LegalDate),
        (told, out): (&mut BTreeSet<String>, &mut Vec<Allowed>),
    ) {
        let mut together = Vec::new();
        for code in codes {
            let value = self.value_of(item, code);
            match state.entitlements.get(code) {
                // Those that stand as long as the certificate are one line: a scope may have twenty.
                Some(one) if !one.is_live(today) || one.valid_to != state.valid_to => {
                    out.push(self.own(Allowed::plain(&item.short, &item.name, value), one, today));
                }
                _ => together.push(value),
            }
            told.insert(code.clone());
        }
        if !together.is_empty() {
            let separator = item.separator.as_deref().unwrap_or("、");
            let value = together.join(separator) + item.unit.as_deref().unwrap_or_default();
            out.push(Allowed::plain(&item.short, &item.name, value));
        }
    }

    fn own(&self, line: Allowed, one: &Entitlement, today: LegalDate) -> Allowed {
        let until = one.valid_to.map(|to| to.to_string());
        let status = Some(status(&self.rules, one, today));
        Allowed { status, until, live: one.is_live(today), ..line }
    }

    fn value_of(&self, item: &Item, code: &str) -> String {
        if let Some(way) = &item.mask {
            return masked(way, code);
        }
        let table = item.table.as_deref().and_then(|table| self.data.catalogue.tables.table(table));
        let named = table.and_then(|table| table.latest_name(code)).filter(|_| !item.show_code);
        named.unwrap_or(code).to_owned()
    }

    /// What an entitlement of a kind is called, or its code.
    pub fn entitlement_name(&self, kind: &Kind, code: &str) -> String {
        let items = kind.items.iter().chain(kind.groups.iter().flat_map(|group| &group.items));
        let tables = items.filter(|item| item.entitles).filter_map(|item| item.table.as_deref());
        let mut named = tables.filter_map(|table| self.data.catalogue.tables.table(table)?.latest_name(code));
        named.next().unwrap_or(code).to_owned()
    }
}

/// Its status in Chinese.
fn status(rules: &Rules, one: &Entitlement, today: LegalDate) -> String {
    if one.base != Base::Normal {
        return format!("已{}", one.base.name());
    }
    if !one.holds.is_empty() {
        let names: Vec<_> = one.holds.iter().map(|hold| rules.hold_name(hold)).collect();
        return format!("{}期间", names.join("、"));
    }
    if one.valid_from.is_some_and(|from| from > today) {
        return "尚未生效".to_owned();
    }
    match one.valid_to {
        Some(Validity::Until(_)) if !one.is_live(today) => "已过期".to_owned(),
        _ => "正常".to_owned(),
    }
}
