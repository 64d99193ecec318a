//! Texts: length, invisible characters, traces of a lost character.

use crate::lint::Report;
use crate::{Item, ItemType, TextCheck};

/// What stands in a name where a conversion lost a rare character.
const LOST: &str = "?？*＊□〓";

/// Characters that show nothing and are not white space: zero widths, directions, fillers, old language tags.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// What no text may hold, whatever it means: `(what, fix)` to stand behind the name.
pub(crate) fn fault(text: &str) -> Option<(String, &'static str)> {
    for c in text.chars() {
        let code = c as u32;
        match c {
            '\u{FFFD}' => {
                let what = "含有 U+FFFD，是转码时丢失的字".to_owned();
                return Some((what, "请按原件补上该字，以 UTF-8 编码重新导出"));
            }
            '\n' | '\r' => return Some(("含有换行".to_owned(), "请删去换行")),
            '\t' => return Some(("含有制表符".to_owned(), "请删去制表符")),
            c if c.is_control() => return Some((format!("含有控制字符 U+{code:04X}"), "请删去该字符")),
            c if is_invisible(c) => return Some((format!("含有看不见的字符 U+{code:04X}"), "请删去该字符")),
            _ => {}
        }
    }
    (text.trim() != text).then(|| ("首尾有空白".to_owned(), "请去掉首尾的空白"))
}

/// Length and characters; false when an error was found and the meaning need not be looked at.
pub(crate) fn check(item: &Item, path: &str, text: &str, report: &mut Report<'_>) -> bool {
    let length = text.chars().count();
    if let Some(limit) = item.length.filter(|limit| length > *limit) {
        let plain = item.item_type == ItemType::Text && item.check.is_none();
        let fix = if plain {
            "请核对是否填错列，或按批准文件精简"
        } else {
            "请核对是否填错列"
        };
        report.error(
            path,
            "LENGTH",
            format!("{}有 {length} 个字，超过规定的 {limit} 个", report.name(path)),
            fix,
        );
        return false;
    }
    if let Some((what, fix)) = fault(text) {
        report.error(path, "FORMAT", format!("{}{what}", report.name(path)), fix);
        return false;
    }
    match item.check {
        None => true,
        Some(TextCheck::Name) => check_name(path, text, report),
        Some(TextCheck::Number) => check_width(path, text, report),
    }
}

fn check_name(path: &str, text: &str, report: &mut Report<'_>) -> bool {
    if let Some(c) = text.chars().find(|c| LOST.contains(*c)) {
        let what = format!("{}中有“{c}”，疑为转码时丢失的生僻字", report.name(path));
        report.error(path, "FORMAT", what, "请按证件原件补上该字");
        return false;
    }
    // A blank belongs between two Latin words; beside a Chinese character it only aligns columns.
    let chinese = |c: Option<&char>| c.is_some_and(|c| *c >= '\u{2E80}' && !c.is_whitespace());
    let chars: Vec<char> = text.chars().collect();
    let odd = |at: usize| {
        let before = chars[..at].iter().rev().find(|c| !c.is_whitespace());
        let behind = chars[at..].iter().find(|c| !c.is_whitespace());
        chinese(before) || chinese(behind)
    };
    if (0..chars.len()).any(|at| chars[at].is_whitespace() && odd(at)) {
        report.hint(
            path,
            "FORMAT",
            format!("{}中间有空白", report.name(path)),
            "请核对；姓名、名称中不应用空白对齐",
        );
    }
    true
}

fn check_width(path: &str, text: &str, report: &mut Report<'_>) -> bool {
    let Some(c) = text.chars().find(|c| half_width(*c).is_ascii_alphanumeric() && !c.is_ascii()) else {
        return true;
    };
    let what = format!("{}中有全角字符“{c}”", report.name(path));
    report.error(path, "FORMAT", what, format!("请改用半角字符“{}”", half_width(c)));
    false
}

/// The ASCII twin of a full-width character (U+FF01–FF5E lie 0xFEE0 above U+0021–007E); others stay as they are.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}
