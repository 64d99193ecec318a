//! Does catalogue data hold together? Asked once, when it is loaded, so that no mistake waits for the first record.

use std::collections::HashSet;

use crate::kind::{DECISION_DATE, ItemType};
use crate::{Catalogue, CatalogueError, Item, Kind, RuleSpec, relation};

type Checked = Result<(), CatalogueError>;

/// Checks one kind by itself and against tables and rules; `file` is where it was read.
pub(crate) fn kind(file: &str, kind: &Kind, catalogue: &Catalogue) -> Checked {
    let bad = |item: &str, what: String, fix: &str| Err(CatalogueError::content(file, item, what, fix));
    if let Err(error) = codes::TypeCode::parse(&kind.type_code) {
        return bad("type_code", error.to_string(), "请核对证照类型代码");
    }
    let plain_slug =
        kind.slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if kind.slug.is_empty() || !plain_slug {
        return bad("slug", format!("“{}”不能作目录名", kind.slug), "请用小写字母、数字和连字符");
    }
    if kind.effective_to.is_some_and(|end| end < kind.effective_from) {
        return bad("effective_to", "早于 effective_from".into(), "请核对两个日期");
    }
    parts(file, kind)?;
    items(file, &kind.items, kind, catalogue)?;
    let mut names = kind.items.iter().map(|item| item.short.as_str()).collect::<HashSet<_>>();
    for group in &kind.groups {
        if !names.insert(&group.short) {
            return bad(&group.short, "短名重复".into(), "请让每个短名只出现一次");
        }
        items(file, &group.items, kind, catalogue)?;
        if let Some(key) =
            group.key.as_ref().filter(|key| !group.items.iter().any(|item| item.short == **key))
        {
            return bad(&group.short, format!("key 所引“{key}”不是该组的项"), "请核对短名");
        }
    }
    kind.rules.iter().try_for_each(|one| rule(file, one, kind, catalogue))
}

/// Names of parts become names of files.
fn parts(file: &str, kind: &Kind) -> Checked {
    let bad = |what: String, fix: &str| Err(CatalogueError::content(file, "part", what, fix));
    if kind.parts.is_empty() {
        return bad("至少应有一个部分（正本）".into(), "请加上 [[part]]");
    }
    for (index, part) in kind.parts.iter().enumerate() {
        if part.name.is_empty() || part.name.contains(['/', '\\', '\0']) {
            return bad(format!("部分名称“{}”不能作文件名", part.name), "请用“正本”“副本”这样的名称");
        }
        if kind.parts[..index].iter().any(|other| other.name == part.name) {
            return bad(format!("部分“{}”出现了两次", part.name), "请给每个部分不同的名称");
        }
    }
    Ok(())
}

fn items(file: &str, items: &[Item], kind: &Kind, catalogue: &Catalogue) -> Checked {
    let mut names = HashSet::new();
    for item in items {
        let bad = |what: String, fix: &str| Err(CatalogueError::content(file, &item.short, what, fix));
        if !names.insert(&item.short) {
            return bad("短名重复".into(), "请让每个短名只出现一次");
        }
        match (&item.table, item.item_type) {
            (None, ItemType::Code) => return bad("code 项没有 table".into(), "请写明代码表"),
            (Some(table), _) if catalogue.tables.table(table).is_none() => {
                return bad(format!("没有名为“{table}”的代码表"), "请核对 data/codes 下的代码表");
            }
            _ => {}
        }
        let table = item.table.as_deref().and_then(|table| catalogue.tables.table(table));
        if let Some(code) = table.and_then(|table| item.only.iter().find(|code| !table.contains(code))) {
            return bad(format!("only 中的“{code}”不在代码表里"), "请核对代码");
        }
        if item.min.zip(item.max).is_some_and(|(min, max)| min > max) {
            return bad("min 大于 max".into(), "请核对两个数");
        }
        let mut named = [&item.from, &item.colour].into_iter().flatten();
        if let Some(other) = named.find(|other| kind.item(other).is_none()) {
            return bad(format!("所引“{other}”不是本类型的照面项"), "请核对短名");
        }
    }
    Ok(())
}

fn rule(file: &str, rule: &RuleSpec, kind: &Kind, catalogue: &Catalogue) -> Checked {
    let bad = |what: String, fix: &str| Err(CatalogueError::content(file, &rule.rule, what, fix));
    if catalogue.rules.get(&rule.rule).is_none() || !relation::is_known(&rule.rule) {
        return bad("没有这条规则".into(), "请用 data/rules.toml 中的规则代码");
    }
    let known = |item: &str| item == DECISION_DATE || kind.path(item).is_some();
    if let Some(item) = rule.items.iter().find(|item| !known(item)) {
        return bad(format!("规则所引“{item}”不是本类型的照面项"), "请核对短名");
    }
    if let Some(item) = rule.blame.as_ref().filter(|item| !rule.items.contains(item)) {
        return bad(format!("blame 所引“{item}”不在 items 里"), "请改为 items 中的一项");
    }
    // A rule with too few items would never find anything, and nobody would know.
    let (least, most) = match rule.rule.as_str() {
        "DATE_ORDER" => (2, usize::MAX),
        "DATE_SPAN" => (2, 2),
        "ID_MATCHES" => (3, 3),
        _ => (1, usize::MAX),
    };
    if !(least..=most).contains(&rule.items.len()) {
        let bound = if least == most { "应有" } else { "至少应有" };
        return bad(format!("规则列了 {} 个照面项，{bound} {least} 个", rule.items.len()), "请改正 items");
    }
    match rule.rule.as_str() {
        "DATE_SPAN" if !rule.years.is_some_and(|years| (1..=200).contains(&years)) => {
            bad("没有写明年数，或年数不在 1 至 200 之间".into(), "请写明 years，例如 years = 6")
        }
        "HOLDER_TYPE" if rule.values.is_empty() => bad("没有列出可用的类型代码".into(), "请写明 values"),
        _ => Ok(()),
    }
}

/// Checks what concerns several kinds: no key may mean two of them. `files` says where each was read.
pub(crate) fn together(files: &[String], kinds: &[Kind]) -> Checked {
    for (index, kind) in kinds.iter().enumerate() {
        let bad = |item: &str, what: String, fix: &str| {
            Err(CatalogueError::content(&files[index], item, what, fix))
        };
        for other in &kinds[..index] {
            let same_type = other.type_code == kind.type_code;
            if same_type && other.effective_from == kind.effective_from {
                let what = format!("与“{}”的类型代码和生效日期相同", other.name);
                return bad("type_code", what, "请改用新的代码或生效日期");
            }
            if !same_type && other.slug == kind.slug {
                return bad("slug", format!("“{}”已是“{}”的英文短名", kind.slug, other.name), "请换一个短名");
            }
            if !same_type && other.name == kind.name {
                return bad(
                    "name",
                    format!("已有名为“{}”的类型（{}）", kind.name, other.type_code),
                    "请换一个名称",
                );
            }
        }
    }
    Ok(())
}

/// Kinds that a dated policy names must exist: a slip would silently leave it without effect.
pub(crate) fn named_kinds<'a>(file: &str, named: impl Iterator<Item = &'a str>, kinds: &[Kind]) -> Checked {
    let mut named = named.filter(|name| *name != "*");
    match named.find(|name| !kinds.iter().any(|kind| kind.slug == **name)) {
        None => Ok(()),
        Some(name) => {
            let what = "目录中没有以此为英文短名的类型";
            Err(CatalogueError::content(
                file,
                name,
                what,
                "请用 luzheng catalogue list 列出的英文短名，或写“*”",
            ))
        }
    }
}
