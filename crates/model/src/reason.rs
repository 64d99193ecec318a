//! The reasons of `data/reasons.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::{Reason, Weight};

#[derive(Deserialize)]
struct File {
    reasons: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: String,
    weight: Weight,
    text: String,
}

static REASONS: LazyLock<HashMap<String, (Weight, String)>> = LazyLock::new(|| {
    let parsed: Result<File, _> = toml::from_str(include_str!("../../../data/reasons.toml"));
    // A test reads the same file and fails when it does not parse; here an empty table keeps verdicts flowing.
    let entries = parsed.map(|file| file.reasons).unwrap_or_default();
    entries.into_iter().map(|entry| (entry.code, (entry.weight, entry.text))).collect()
});

impl Reason {
    /// The reason of that code; `detail` fills the blank of its sentence.
    ///
    /// A code that the data file lacks is a defect; its verdict is then 无法判定, never 有效.
    pub fn new(code: &str, detail: &str) -> Self {
        let (weight, text) = match REASONS.get(code) {
            Some((weight, text)) => (*weight, text.replace("{}", detail)),
            None => (Weight::Undecided, format!("{code}：{detail}")),
        };
        Self { code: code.to_owned(), text, item: None, weight }
    }

    /// The same, about a file or item.
    pub fn about(code: &str, item: &str) -> Self {
        Self { item: Some(item.to_owned()), ..Self::new(code, item) }
    }

    /// The whole data file, for readers in other languages: code, weight and sentence, sorted by code.
    pub fn table() -> Vec<(&'static str, Weight, &'static str)> {
        let mut table: Vec<_> =
            REASONS.iter().map(|(code, (weight, text))| (code.as_str(), *weight, text.as_str())).collect();
        table.sort_unstable_by_key(|(code, ..)| *code);
        table
    }

    /// All codes of the data file, sorted.
    pub fn codes() -> Vec<&'static str> {
        let mut codes: Vec<_> = REASONS.keys().map(String::as_str).collect();
        codes.sort_unstable();
        codes
    }
}
