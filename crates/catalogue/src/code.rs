//! Codes: in the table, still in force, allowed for the kind; and what the clerk probably meant.

use codes::{CodeTable, Lookup};
use jiff::civil::Date;

use crate::Item;
use crate::lint::{Lint, Report};
use crate::text::half_width;

/// So many codes can be listed in one sentence.
const FEW: usize = 16;

/// Checks one code of a `code` item.
pub(crate) fn check(lint: &Lint<'_>, item: &Item, path: &str, text: &str, report: &mut Report<'_>) {
    // A catalogue that names a missing table is refused when it is loaded.
    let Some(table) = item.table.as_deref().and_then(|id| lint.catalogue.tables.table(id)) else {
        return;
    };
    let name = report.name(path);
    let choice = Choice { item, table, today: lint.today };
    let (code_name, retired) = match table.get(text, lint.today) {
        Lookup::Unknown => {
            // 持证主体代码类型代码 already ends in the word.
            let word = if name.ends_with("代码") { "" } else { "代码" };
            let what = format!("{name}{word}“{text}”不在代码表“{}”中", table.name());
            report.error(path, "CODE_UNKNOWN", what, choice.fix(text));
            return;
        }
        Lookup::Retired(code_name) => (code_name, true),
        Lookup::Known(code_name) => (code_name, false),
    };
    if !item.allows(text) {
        let what = format!("{name}“{text}”（{code_name}）不适用于“{}”", report.kind_name());
        let fix = choice.allowed().unwrap_or_else(|| "请核对证照类型，或改用适用的代码".to_owned());
        report.error(path, "CODE_NOT_ALLOWED", what, fix);
    } else if retired {
        let what = format!("{name}“{text}”（{code_name}）已停用");
        report.hint(path, "CODE_RETIRED", what, "新办业务请改用现行代码");
    }
}

/// The codes from which an item chooses.
struct Choice<'a> {
    item: &'a Item,
    table: &'a CodeTable,
    today: Date,
}

impl<'a> Choice<'a> {
    fn in_force(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (item, table, today) = (self.item, self.table, self.today);
        table.iter().filter_map(move |(code, _)| match table.get(code, today) {
            Lookup::Known(name) if item.allows(code) => Some((code, name)),
            _ => None,
        })
    }

    /// What to do about a text that is no code.
    fn fix(&self, text: &str) -> String {
        if let Some((code, name)) = self.meant(text) {
            return format!("请改填代码“{code}”（{name}）");
        }
        if let Some(codes) = self.several(text) {
            let quoted: Vec<String> = codes.iter().map(|code| format!("“{code}”")).collect();
            return format!("请把各代码分开填写：{}", quoted.join("、"));
        }
        self.allowed().unwrap_or_else(|| format!("请改用代码表“{}”中的代码", self.table.name()))
    }

    /// The code that a text means: an alias, a name, a code with full-width characters or without its leading zeros.
    fn meant(&self, text: &str) -> Option<(&'a str, &'a str)> {
        let half: String = text.chars().map(half_width).collect::<String>().to_uppercase();
        let alias = self.item.aliases.get(&half).map(String::as_str);
        let spelt = [alias.unwrap_or(&half).to_owned(), format!("0{half}"), format!("00{half}")];
        let by_code = |wanted: &String| self.in_force().find(|(code, _)| code == wanted);
        spelt.iter().find_map(by_code).or_else(|| self.in_force().find(|(_, name)| *name == text))
    }

    /// The codes of a text that holds several of them, with or without something between.
    fn several(&self, text: &str) -> Option<Vec<&'a str>> {
        if !self.item.list || text.chars().count() > 64 {
            return None;
        }
        let mut rest = text;
        let mut codes = Vec::new();
        while !rest.is_empty() {
            let longest =
                self.in_force().filter(|(code, _)| rest.starts_with(code)).max_by_key(|(code, _)| code.len());
            let (code, _) = longest?;
            codes.push(code);
            rest = rest[code.len()..]
                .trim_start_matches(|c: char| c.is_whitespace() || "、,，;；/|".contains(c));
        }
        (codes.len() > 1).then_some(codes)
    }

    /// The codes that may be used, where they can be told in a sentence.
    fn allowed(&self) -> Option<String> {
        let codes: Vec<String> =
            self.in_force().take(FEW + 1).map(|(code, name)| format!("{code}（{name}）")).collect();
        if (1..=FEW).contains(&codes.len()) {
            return Some(format!("请从可用的代码中选取：{}", codes.join("、")));
        }
        if self.item.prefixes.is_empty() {
            return None;
        }
        let except: Vec<String> = self
            .item
            .except
            .iter()
            .map(|code| format!("{code}（{}）", self.table.latest_name(code).unwrap_or_default()))
            .collect();
        let without =
            if except.is_empty() { String::new() } else { format!("，但不含 {}", except.join("、")) };
        let begin = self.item.prefixes.join("、");
        Some(format!("请核对证照类型；可用的代码以 {begin} 开头{without}"))
    }
}

/// Says once for each code that stands several times in a list: the face would print it as often.
pub(crate) fn check_repeats(path: &str, list: &[String], report: &mut Report<'_>) {
    for (index, text) in list.iter().enumerate() {
        let earlier = list[..index].iter().filter(|one| *one == text).count();
        if earlier == 1 && !text.trim().is_empty() {
            let what = format!("{}“{text}”写了不止一遍，照面会重复印出", report.name(path));
            report.hint(path, "DUPLICATE", what, "请删去重复的代码");
        }
    }
}
