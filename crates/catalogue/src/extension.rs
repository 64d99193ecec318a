//! Validity extended by notice: dated data that changes verdicts without sealing anything again (`data/policy-overrides.toml`).

use jiff::civil::Date;
use serde::Deserialize;

use crate::CatalogueError;
use crate::load::parse;

/// One notice that extends the validity of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Name and number of the notice, for the reader.
    pub notice: String,
    /// Slugs of kinds; `*` for all.
    pub kinds: Vec<String>,
    /// Beginnings of area codes; `*` for all.
    pub areas: Vec<String>,
    /// First and last of the days on which the validity must have ended.
    pub ended: (Date, Date),
    /// Last day of the extended validity.
    pub extended_to: Date,
    /// First and last of the days on which checks apply it; without a last one it ends with `extended_to`.
    pub effective: (Date, Option<Date>),
    /// Invented for the demo?
    pub illustrative: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "override")]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    notice: String,
    kinds: Vec<String>,
    areas: Vec<String>,
    ended_from: String,
    ended_to: String,
    extended_to: String,
    effective_from: String,
    #[serde(default)]
    effective_to: Option<String>,
    #[serde(default)]
    illustrative: bool,
}

impl Extension {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Self>, CatalogueError> {
        let parsed: File = parse(file, text)?;
        parsed.entries.into_iter().map(|entry| entry.read(file)).collect()
    }

    /// Does the notice extend a certificate of this kind (slug) and area whose validity ended on `ended`, seen on the day `on`?
    /// Whether the extended validity has ended too is for the verdict to say.
    pub fn covers(&self, kind: &str, area: &str, ended: Date, on: Date) -> bool {
        self.kinds.iter().any(|one| one == "*" || one == kind)
            && self.areas.iter().any(|one| one == "*" || area.starts_with(one.as_str()))
            && (self.ended.0..=self.ended.1).contains(&ended)
            && self.effective.0 <= on
            && self.effective.1.is_none_or(|last| on <= last)
    }
}

impl Entry {
    fn read(self, file: &str) -> Result<Extension, CatalogueError> {
        let bad = |item: &str, what: &str, fix: &str| CatalogueError::content(file, item, what, fix);
        let date = |text: &str| text.parse::<Date>().map_err(|_| bad(text, "不是日期", "请写成 YYYY-MM-DD"));
        if self.notice.trim().is_empty() {
            return Err(bad("notice", "没有写明通知的名称和文号", "请补上，核验人员据此向持证人说明"));
        }
        if self.kinds.is_empty() || self.areas.is_empty() {
            return Err(bad(&self.notice, "没有写明适用的类型或区划", "请写明，或写“*”"));
        }
        let digits = |area: &&String| {
            *area != "*"
                && (area.is_empty() || area.len() > 6 || !area.bytes().all(|one| one.is_ascii_digit()))
        };
        if let Some(area) = self.areas.iter().find(digits) {
            return Err(bad(area, "不是行政区划代码的开头", "请写 1 到 6 位数字，或写“*”"));
        }
        let ended = (date(&self.ended_from)?, date(&self.ended_to)?);
        let extended_to = date(&self.extended_to)?;
        let effective = (date(&self.effective_from)?, self.effective_to.as_deref().map(date).transpose()?);
        if ended.1 < ended.0 {
            return Err(bad("ended_to", "早于 ended_from", "请核对两个日期"));
        }
        // A notice never shortens a validity.
        if extended_to < ended.1 {
            return Err(bad("extended_to", "早于 ended_to", "延长后的日期不能早于原有效期"));
        }
        if effective.1.is_some_and(|last| last < effective.0) {
            return Err(bad("effective_to", "早于 effective_from", "请核对两个日期"));
        }
        let Self { notice, kinds, areas, illustrative, .. } = self;
        Ok(Extension { notice, kinds, areas, ended, extended_to, effective, illustrative })
    }
}
