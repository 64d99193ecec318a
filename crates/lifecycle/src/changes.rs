//! What changed, for people.

use crate::load::Rules;
use crate::state::{Cycle, Entitlement, State};

/// The differences between two states, one Chinese line each.
pub(crate) fn describe(rules: &Rules, before: &State, after: &State) -> Vec<String> {
    let mut lines = Vec::new();
    if !before.known && after.known {
        lines.push("登记为在册证照".to_owned());
    }
    let mut differ = |name: &str, old: String, new: String| {
        if old != new {
            let or_none = |text: String| if text.is_empty() { "无".to_owned() } else { text };
            lines.push(format!("{name}：{} → {}", or_none(old), or_none(new)));
        }
    };
    differ("证照状态", before.base.to_string(), after.base.to_string());
    differ("限制", holds(rules, &before.holds), holds(rules, &after.holds));
    differ("有效期起", text(before.valid_from), text(after.valid_from));
    differ("有效期至", text(before.valid_to), text(after.valid_to));
    differ("发证机关", text(before.authority.as_ref()), text(after.authority.as_ref()));
    differ("年度审验", cycle(&before.annual), cycle(&after.annual));
    differ("诚信考核", cycle(&before.integrity), cycle(&after.integrity));
    differ("注册", registration(before), registration(after));
    let codes = before.entitlements.keys().chain(after.entitlements.keys());
    for code in codes.collect::<std::collections::BTreeSet<_>>() {
        let one = |state: &State| state.entitlements.get(code).map(|one| entitlement(rules, one));
        let (old, new) = (one(before).unwrap_or_default(), one(after).unwrap_or_default());
        differ(&format!("资格 {code}"), old, new);
    }
    let version = |state: &State| match state.version {
        0 => "未转化".to_owned(),
        number => format!("{number:03}"),
    };
    differ("版本", version(before), version(after));
    for link in after.links.difference(&before.links) {
        lines.push(format!("关联：{}", link.target));
    }
    lines
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn holds(rules: &Rules, holds: &std::collections::BTreeSet<crate::Hold>) -> String {
    holds.iter().map(|hold| rules.hold_name(hold)).collect::<Vec<_>>().join("、")
}

fn cycle(cycle: &Cycle) -> String {
    let Some(last) = cycle.last else { return String::new() };
    let due = cycle.due.map_or_else(String::new, |due| format!("，有效期至 {due}"));
    let result = cycle.result.as_ref().map_or_else(String::new, |result| format!("，{result}"));
    format!("{last}{result}{due}")
}

fn registration(state: &State) -> String {
    let Some(one) = &state.registration else { return String::new() };
    let until = one.until.map_or_else(String::new, |until| format!("，至 {until}"));
    format!("{} 起{until}", one.since)
}

fn entitlement(rules: &Rules, one: &Entitlement) -> String {
    let mut line = one.base.to_string();
    if !one.holds.is_empty() {
        line.push_str(&format!("（{}）", holds(rules, &one.holds)));
    }
    if let Some(end) = one.valid_to {
        line.push_str(&format!("，有效期至 {end}"));
    }
    line
}
