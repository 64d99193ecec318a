//! What a face has no room or no glyph for, as findings: one for each item, whatever the number of parts that show it.

use std::collections::BTreeMap;

use catalogue::{Kind, TextCheck};
use face::Problem;
use model::{Finding, Record, Severity};

/// What the parts of a certificate say about one item.
#[derive(Default)]
struct Trouble<'a> {
    /// The narrowest box: its part, how many characters or rows fit, and the text.
    narrowest: Option<(&'a str, usize, String)>,
    missing: Vec<char>,
}

/// The findings for what the parts (正本, 副本) of one certificate cannot show, by item.
pub(super) fn findings(record: &Record, kind: &Kind, problems: Vec<(&str, Problem)>) -> Vec<Finding> {
    let mut troubles: BTreeMap<String, Trouble<'_>> = BTreeMap::new();
    // A derived item repeats another one: that one is what the clerk can mend.
    let source = |item: String| kind.item(&item).and_then(|one| one.from.clone()).unwrap_or(item);
    for (part, problem) in problems {
        match problem {
            Problem::Overflow { item, text, fits } => {
                let trouble = troubles.entry(source(item)).or_default();
                if trouble.narrowest.as_ref().is_none_or(|(_, least, _)| fits < *least) {
                    trouble.narrowest = Some((part, fits, text));
                }
            }
            Problem::Glyph { item, missing } => {
                let trouble = troubles.entry(source(item)).or_default();
                let new: Vec<char> = missing.into_iter().filter(|ch| !trouble.missing.contains(ch)).collect();
                trouble.missing.extend(new);
            }
        }
    }
    troubles.into_iter().flat_map(|(item, trouble)| told(record, kind, &item, trouble)).collect()
}

fn told(record: &Record, kind: &Kind, item: &str, trouble: Trouble<'_>) -> Vec<Finding> {
    let finding = |rule: &str, what: String, fix: &str| Finding {
        record_id: record.record_id.clone(),
        item: item.to_owned(),
        item_name: kind.label(item).to_owned(),
        rule: rule.to_owned(),
        severity: Severity::Error,
        what,
        fix: fix.to_owned(),
    };
    let name = kind.label(item);
    let overflow = trouble.narrowest.map(|(part, fits, text)| {
        if kind.group(item).is_some() {
            let what = format!("{text}，{part}连同续页只排得下 {fits} 行");
            return finding("BOX_OVERFLOW", what, "请核对各行是否都要列出，或告知系统管理员加大模板中的该表");
        }
        let is_name = kind.path(item).is_some_and(|one| one.check == Some(TextCheck::Name));
        let fix = match is_name {
            true => "请按批准文件核对，可用规范简称的用简称；否则请告知系统管理员加大模板中的该框",
            false => "请核对内容；确属批准内容的，请告知系统管理员加大模板中的该框",
        };
        let what = format!("{name}共 {} 个字，{part}上大约只排得下 {fits} 个", text.chars().count());
        finding("BOX_OVERFLOW", what, fix)
    });
    let glyphs = (!trouble.missing.is_empty()).then(|| {
        let shown: Vec<String> =
            trouble.missing.iter().map(|ch| format!("“{ch}”（U+{:04X}）", *ch as u32)).collect();
        let what = format!("{name}中的{}在字库里没有字形", shown.join("、"));
        finding(
            "GLYPH_MISSING",
            what,
            "请核对是否为错字；确为生僻字的，请告知系统管理员补充该字的字形后重新提交",
        )
    });
    overflow.into_iter().chain(glyphs).collect()
}
