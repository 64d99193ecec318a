//! A list on a page: sorted and paged by links, exported as xlsx (`export.rs`), and as cards on a phone.
//!
//! The rows come from a use case of `node` one page at a time (`after` is the key that it gave for the next page), so that a list of
//! millions costs no more than its first page.

use askama::Template;
use link::problem::Problem;

use super::Visit;
use crate::problems;

/// Rows of a page.
pub(in crate::pages) const PAGE_ROWS: u32 = 50;
/// Rows of an export at most; whoever needs more narrows the filter.
pub(in crate::pages) const EXPORT_ROWS: u32 = 50_000;

/// A column.
pub(in crate::pages) struct Head {
    /// In Chinese.
    pub name: &'static str,
    /// What `?sort=` says for it, where the use case can sort by it.
    pub sort: Option<&'static str>,
    /// Aligned at the right?
    pub number: bool,
    /// Never broken into two lines: times, codes of few letters.
    pub short: bool,
}

impl Head {
    /// A column of texts.
    pub const fn text(name: &'static str) -> Self {
        Self { name, sort: None, number: false, short: false }
    }

    /// A column of times, or of other texts that stay on a line.
    pub const fn short(name: &'static str) -> Self {
        Self { name, sort: None, number: false, short: true }
    }

    /// A column of numbers.
    pub const fn number(name: &'static str) -> Self {
        Self { name, sort: None, number: true, short: true }
    }

    /// Can be sorted by.
    pub const fn sorted(self, by: &'static str) -> Self {
        Self { sort: Some(by), ..self }
    }
}

/// What stands in a cell.
pub(in crate::pages) enum Cell {
    /// As it is.
    Text(String),
    /// An identifier or a digest.
    Code(String),
    /// A count.
    Number(i64),
    /// Leads to the thing (address, text).
    Link(String, String),
    /// A status: tone (`ok`, `ask`, `bad`, `info` or nothing) and word.
    Badge(&'static str, String),
}

impl Cell {
    /// A text; a dash where there is none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Text(if text.is_empty() { "—".into() } else { text })
    }
}

/// A list.
pub(in crate::pages) struct Table {
    /// What it lists, for those who cannot see it and for the file's name.
    pub name: &'static str,
    /// Columns.
    pub heads: &'static [Head],
    /// Rows, as wide as `heads`.
    pub rows: Vec<Vec<Cell>>,
    /// How many there are in all, where that is known cheaply.
    pub count: Option<i64>,
    /// Key of the next page.
    pub next: Option<String>,
    /// Path that answers the same query as xlsx.
    pub export: Option<&'static str>,
    /// What is said when there is none: that there is none, and what to do.
    pub empty: (&'static str, &'static str),
    /// Path and query of this page, without `after`, `sort` and `down`.
    link: String,
    /// Fields of the query that its links keep, and that a file names.
    pub(in crate::pages) fields: &'static [&'static str],
    filter: String,
    sort: String,
    down: bool,
    paged: bool,
}

#[derive(Template)]
#[template(path = "table.html")]
struct Shown<'t> {
    table: &'t Table,
}

impl Table {
    /// A list of `visit`'s page. `filters`: the fields of the query that its links keep.
    pub fn new(
        visit: &Visit,
        name: &'static str,
        heads: &'static [Head],
        filters: &'static [&'static str],
    ) -> Self {
        let kept: Vec<String> = filters
            .iter()
            .map(|field| (field, visit.query.get(field)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(field, value)| format!("{field}={}", encode(value)))
            .collect();
        Self {
            name,
            heads,
            rows: Vec::new(),
            count: None,
            next: None,
            export: None,
            empty: ("没有记录", ""),
            link: visit.path.clone(),
            fields: filters,
            filter: kept.join("&"),
            sort: visit.query.get("sort").to_owned(),
            down: visit.query.get("down") == "1",
            paged: !visit.query.get("after").is_empty(),
        }
    }

    /// The list as HTML, for `{{ list|safe }}` in the page's template.
    ///
    /// # Errors
    /// 500 when the template fails.
    pub fn html(&self) -> Result<String, Problem> {
        Shown { table: self }.render().map_err(|_| problems::internal())
    }

    fn more(&self) -> bool {
        self.paged || self.next.is_some()
    }

    fn href(&self, more: &[(&str, &str)]) -> String {
        let more = more.iter().filter(|(_, value)| !value.is_empty());
        let more = more.map(|(field, value)| format!("{field}={}", encode(value)));
        let kept = Some(self.filter.clone()).filter(|filter| !filter.is_empty());
        let query: Vec<String> = kept.into_iter().chain(more).collect();
        if query.is_empty() { self.link.clone() } else { format!("{}?{}", self.link, query.join("&")) }
    }

    fn down(&self) -> &'static str {
        if self.down { "1" } else { "" }
    }

    fn next_href(&self) -> Option<String> {
        let next = self.next.as_deref()?;
        Some(self.href(&[("sort", &self.sort), ("down", self.down()), ("after", next)]))
    }

    fn first_href(&self) -> Option<String> {
        self.paged.then(|| self.href(&[("sort", &self.sort), ("down", self.down())]))
    }

    fn export_href(&self) -> String {
        let here = self.href(&[("sort", &self.sort), ("down", self.down())]);
        let query = here.split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
        format!("{}{query}", self.export.unwrap_or_default())
    }

    fn sorted(&self, head: &Head) -> Option<&'static str> {
        let this = head.sort.is_some_and(|by| by == self.sort);
        this.then_some(if self.down { "descending" } else { "ascending" })
    }

    fn sort_href(&self, head: &Head) -> Option<String> {
        let by = head.sort?;
        let down = by == self.sort && !self.down;
        Some(self.href(&[("sort", by), ("down", if down { "1" } else { "" })]))
    }
}

/// Percent-encoded for a query.
pub(in crate::pages) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
