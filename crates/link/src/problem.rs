//! The answer of a refusal: a problem document (RFC 9457), one type for the server and its clients.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The media type of a problem document (RFC 9457 §6.1).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A larger document is no problem document of anyone's.
const LONGEST: usize = 256 * 1024;

/// A problem document. `title`, `detail`, `rule` and `fix` are Chinese, for the person at the other end.
///
/// Members that this type does not know are passed over on reading, as RFC 9457 §3.2 demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Kind of problem as a URI; `about:blank` when `code` says it all (§3.1.1).
    #[serde(rename = "type", default = "blank")]
    pub kind: String,
    /// Short name of the problem.
    #[serde(default)]
    pub title: String,
    /// Status of the answer; 0 if the document does not say.
    #[serde(default)]
    pub status: u16,
    /// What happened this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable code (`AUTH_CLOCK`), for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it is about: an item, a header, a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The rule that was broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// This occurrence: the request's number in the sender's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

fn blank() -> String {
    "about:blank".to_owned()
}

impl Problem {
    /// A problem with its status, stable code and title.
    pub fn new(status: u16, code: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            kind: blank(),
            title: title.into(),
            status,
            detail: None,
            code: Some(code.into()),
            item: None,
            rule: None,
            fix: None,
            instance: None,
        }
    }

    /// Says what happened.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names the item.
    #[must_use]
    pub fn item(mut self, item: impl Into<String>) -> Self {
        self.item = Some(item.into());
        self
    }

    /// Names the rule.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = Some(rule.into());
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Names this occurrence.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Reads a document; `None` for anything that is not a JSON object with members of the right types.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= LONGEST)?;
        // serde would also take an array of the members in order, which is no problem document.
        if !text.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    /// The document as JSON.
    pub fn to_json(&self) -> String {
        // A structure of strings and one number always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    /// One line for a log or a person: title, detail, fix, code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.title.is_empty() { "未说明的问题" } else { &self.title })?;
        if let Some(item) = &self.item {
            write!(f, "（{item}）")?;
        }
        for part in [&self.detail, &self.rule, &self.fix].into_iter().flatten() {
            write!(f, "；{}", part.trim_end_matches('。'))?;
        }
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        Ok(())
    }
}
