//! What changed between two versions of a catalogue, as Chinese lines for a supervisor.

use crate::{Catalogue, Item, Kind};

/// Differences from `old` to `new`, one line each; empty when nothing changed.
pub fn diff(old: &Catalogue, new: &Catalogue) -> Vec<String> {
    let mut lines = Vec::new();
    let same = |a: &Kind, b: &Kind| a.type_code == b.type_code && a.effective_from == b.effective_from;
    for kind in old.kinds() {
        match new.kinds().iter().find(|other| same(kind, other)) {
            None => lines.push(format!("删去 {}（{}，版本 {}）", kind.name, kind.type_code, kind.version)),
            Some(other) => kind_diff(kind, other, &mut lines),
        }
    }
    for kind in new.kinds().iter().filter(|kind| !old.kinds().iter().any(|other| same(other, kind))) {
        lines.push(format!(
            "新增 {}（{}，版本 {}，自 {} 起）",
            kind.name, kind.type_code, kind.version, kind.effective_from
        ));
    }
    lines
}

/// What changed from one definition of a kind to another one, one line each.
pub fn changes(old: &Kind, new: &Kind) -> Vec<String> {
    let mut lines = Vec::new();
    kind_diff(old, new, &mut lines);
    lines
}

fn kind_diff(old: &Kind, new: &Kind, lines: &mut Vec<String>) {
    let mut say = |what: String| lines.push(format!("{}：{what}", new.name));
    let fields = [
        ("名称", &old.name, &new.name),
        ("照面标题", &old.title, &new.title),
        ("版本", &old.version, &new.version),
        ("标准", &old.standard, &new.standard),
        ("有效期限范围", &old.definition.validity_range, &new.definition.validity_range),
        ("颁发机构级别", &old.definition.issuing_level, &new.definition.issuing_level),
    ];
    for (name, before, after) in fields {
        if before != after {
            say(format!("{name}由“{before}”改为“{after}”"));
        }
    }
    if old.effective_to != new.effective_to {
        let text =
            |date: Option<jiff::civil::Date>| date.map_or("未定".to_owned(), |date| date.to_string());
        say(format!("截止日期由{}改为{}", text(old.effective_to), text(new.effective_to)));
    }
    if old.parts != new.parts {
        let names =
            |kind: &Kind| kind.parts.iter().map(|part| part.name.clone()).collect::<Vec<_>>().join("、");
        say(format!("部分由“{}”改为“{}”", names(old), names(new)));
    }
    items_diff("", &old.items, &new.items, &mut say);
    for group in &new.groups {
        let before = old.group(&group.short).map_or(&[][..], |group| &group.items);
        items_diff(&group.name, before, &group.items, &mut say);
    }
    for group in old.groups.iter().filter(|group| new.group(&group.short).is_none()) {
        say(format!("删去组 {}（{}）", group.name, group.short));
    }
    if old.rules != new.rules {
        say(format!("规则由 {} 条改为 {} 条，或内容有变", old.rules.len(), new.rules.len()));
    }
}

fn items_diff(group: &str, old: &[Item], new: &[Item], say: &mut impl FnMut(String)) {
    let place = |item: &Item| format!("{group}{}（{}）", item.name, item.short);
    for item in old {
        match new.iter().find(|other| other.short == item.short) {
            None => say(format!("删去照面项 {}", place(item))),
            Some(other) if other != item => say(format!("照面项 {} 的定义有变", place(other))),
            Some(_) => {}
        }
    }
    for item in new.iter().filter(|item| !old.iter().any(|other| other.short == item.short)) {
        say(format!("新增照面项 {}", place(item)));
    }
}
