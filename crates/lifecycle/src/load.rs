//! Reading the rules: the built-in files, and a province's own laid over them.

use codes::LegalDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::LifecycleError;
use crate::kind::EventKind;
use crate::message::{CODES, Message, Template};
use crate::state::Hold;
use crate::table::{Act, Consequence, HoldRule, Limits, Row, Table};

const COMMON: &str = include_str!("../../../data/lifecycle/common.toml");
const MESSAGES: &str = include_str!("../../../data/lifecycle/messages.toml");
const TABLES: &[&str] = &[
    include_str!("../../../data/lifecycle/operator.toml"),
    include_str!("../../../data/lifecycle/vehicle.toml"),
    include_str!("../../../data/lifecycle/qualification.toml"),
    include_str!("../../../data/lifecycle/taxi-driver.toml"),
];

/// Every rule of the state machine, with versions and dates of effect.
#[derive(Clone, Debug)]
pub struct Rules {
    holds: Vec<HoldRule>,
    messages: Vec<Template>,
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Head {
    slug: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommonFile {
    #[serde(rename = "slug")]
    _slug: String,
    limits: Limits,
    hold: Vec<HoldRule>,
    event: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageFile {
    #[serde(rename = "slug")]
    _slug: String,
    messages: Vec<Template>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    slug: String,
    name: String,
    family: String,
    kinds: Vec<String>,
    version: String,
    effective_from: LegalDate,
    #[serde(default)]
    effective_to: Option<LegalDate>,
    #[serde(default)]
    illustrative: bool,
    #[serde(default)]
    limits: Option<Limits>,
    /// Common rows that these kinds do not have.
    #[serde(default)]
    without: Vec<EventKind>,
    #[serde(default)]
    event: Vec<Row>,
    #[serde(default)]
    consequence: Vec<Consequence>,
}

impl Rules {
    /// The data that the program carries.
    ///
    /// # Errors
    /// Never for the data as committed; a test proves it.
    pub fn builtin() -> Result<Self, LifecycleError> {
        Self::with(&[])
    }

    /// The built-in data with a province's files (TOML texts) laid over it. A file with the slug `common` or `messages`
    /// replaces that file; a table with the slug and first day of an existing one replaces it, any other one is added.
    /// On a day the table with the latest first day decides for its kinds.
    ///
    /// # Errors
    /// The first file that does not parse or names what does not exist.
    pub fn with(overlays: &[&str]) -> Result<Self, LifecycleError> {
        let (mut common, mut messages) = (COMMON, MESSAGES);
        let mut tables = TABLES.to_vec();
        for (index, text) in overlays.iter().enumerate() {
            let head: Head = parse(&format!("overlay {}", index + 1), text)?;
            match &*head.slug {
                "common" => common = text,
                "messages" => messages = text,
                _ => tables.push(text),
            }
        }
        let common: CommonFile = parse("common", common)?;
        let messages: MessageFile = parse("messages", messages)?;
        let mut rules = Self { holds: common.hold, messages: messages.messages, tables: Vec::new() };
        rules.check_words()?;
        for text in tables {
            let head: Head = parse("table", text)?;
            let table = table(parse(&head.slug, text)?, &common.event, common.limits);
            let table = rules.resolved(table)?;
            rules.tables.retain(|old| old.slug != table.slug || old.effective_from != table.effective_from);
            rules.tables.push(table);
        }
        Ok(rules)
    }

    /// All tables, built-in ones first.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// All holds.
    #[must_use]
    pub fn holds(&self) -> &[HoldRule] {
        &self.holds
    }

    /// The table for a kind (slug) on a day.
    #[must_use]
    pub fn table(&self, kind: &str, day: LegalDate) -> Option<&Table> {
        let fits = |table: &&Table| {
            table.kinds.iter().any(|one| one == kind)
                && table.effective_from <= day
                && table.effective_to.is_none_or(|end| day <= end)
        };
        self.tables.iter().filter(fits).max_by_key(|table| table.effective_from)
    }

    /// The Chinese name of a hold; its slug when the data does not know it.
    #[must_use]
    pub fn hold_name<'a>(&'a self, hold: &'a Hold) -> &'a str {
        self.holds.iter().find(|rule| rule.slug == hold.0).map_or(&hold.0, |rule| &rule.name)
    }

    /// A finished sentence. `{event}` and `{detail}` are filled in.
    pub(crate) fn say(&self, code: &str, event: EventKind, detail: &str) -> Message {
        let fill = |text: &str| text.replace("{event}", event.name()).replace("{detail}", detail);
        let template = self.messages.iter().find(|one| one.code == code);
        let (what, fix) = template.map_or((detail, ""), |one| (&*one.what, &*one.fix));
        Message { code: code.to_owned(), what: fill(what), fix: fill(fix) }
    }

    /// Whether an event still on its way may mend this refusal.
    pub(crate) fn is_early(&self, code: &str) -> bool {
        self.messages.iter().any(|one| one.code == code && one.early)
    }

    fn check_words(&self) -> Result<(), LifecycleError> {
        for code in CODES {
            if !self.messages.iter().any(|one| one.code == *code) {
                return Err(content("messages", code, "缺少该代码的文字", "请补上"));
            }
        }
        let twice = |index: usize, rule: &HoldRule| {
            self.holds.iter().take(index).any(|other| other.slug == rule.slug || other.bit == rule.bit)
        };
        match self.holds.iter().enumerate().find(|(index, rule)| rule.bit > 9 || twice(*index, rule)) {
            None => Ok(()),
            Some((_, rule)) => {
                Err(content("common", &rule.slug, "slug 或 bit 重复，或 bit 大于 9", "请改用未用过的值"))
            }
        }
    }

    /// Turns the Chinese names of holds into slugs and checks that everything named exists.
    fn resolved(&self, mut table: Table) -> Result<Table, LifecycleError> {
        let file = table.slug.clone();
        for row in &mut table.rows {
            if row.basis.is_empty() {
                return Err(content(&file, row.event.name(), "没有写明依据（basis）", "请写明条款或来源"));
            }
            let holds = row.needs.iter_mut().chain(&mut row.blocked_by).chain(&mut row.hinted_by);
            for hold in holds.chain(&mut row.removes).chain(&mut row.adds) {
                let rule = self.holds.iter().find(|rule| rule.name == hold.0 || rule.slug == hold.0);
                let rule = rule.ok_or_else(|| {
                    content(&file, &hold.0, "没有这种限制", "请先在 common 的 [[hold]] 中列出")
                })?;
                hold.0.clone_from(&rule.slug);
            }
        }
        if table.effective_to.is_some_and(|end| end < table.effective_from) {
            return Err(content(&file, "effective_to", "早于 effective_from", "请核对两个日期"));
        }
        for one in &table.consequences {
            // An act on a tied certificate is a person's decision.
            if matches!(one.act, Act::Event(_)) {
                return Err(content(
                    &file,
                    &one.code,
                    "后果不能是事件",
                    "请改用 hint、clear-hint 或 work-item",
                ));
            }
            if !self.messages.iter().any(|message| message.code == one.code) {
                return Err(content(&file, &one.code, "messages 中没有该代码", "请补上文字"));
            }
        }
        Ok(table)
    }
}

/// A family's table: its own rows, then the common ones that it neither replaces nor leaves out.
fn table(file: TableFile, common: &[Row], limits: Limits) -> Table {
    let mut rows = file.event;
    for row in common {
        if !file.without.contains(&row.event) && !rows.iter().any(|own| own.event == row.event) {
            rows.push(row.clone());
        }
    }
    rows.sort_by_key(|row| row.event);
    Table {
        slug: file.slug,
        name: file.name,
        family: file.family,
        kinds: file.kinds,
        version: file.version,
        effective_from: file.effective_from,
        effective_to: file.effective_to,
        illustrative: file.illustrative,
        limits: file.limits.unwrap_or(limits),
        rows,
        consequences: file.consequence,
    }
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, LifecycleError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        LifecycleError::Syntax {
            file: file.to_owned(),
            place: format!("第 {line} 行"),
            cause: error.message().to_owned(),
        }
    })
}

fn content(file: &str, item: &str, what: &str, fix: &str) -> LifecycleError {
    LifecycleError::Content { file: file.into(), item: item.into(), what: what.into(), fix: fix.into() }
}
