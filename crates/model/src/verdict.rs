//! Verdicts: four words, each with its reasons (`domain.md`, "Verdicts").

use serde::{Deserialize, Serialize};

/// The answer to "may this certificate be relied on?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// 有效.
    #[serde(rename = "有效")]
    Valid,
    /// 有效（有提示）.
    #[serde(rename = "有效（有提示）")]
    ValidWithHint,
    /// 无法判定: nothing proves it wrong, but something needed is not known.
    #[serde(rename = "无法判定")]
    Undecided,
    /// 无效.
    #[serde(rename = "无效")]
    Invalid,
}

impl Verdict {
    /// The Chinese word.
    pub fn text(self) -> &'static str {
        match self {
            Self::Valid => "有效",
            Self::ValidWithHint => "有效（有提示）",
            Self::Undecided => "无法判定",
            Self::Invalid => "无效",
        }
    }

    /// May the certificate be relied on?
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Valid | Self::ValidWithHint)
    }

    /// The verdict that follows from a set of reasons: the heaviest one decides.
    pub fn from_reasons<'a>(reasons: impl IntoIterator<Item = &'a Reason>) -> Self {
        let heaviest = reasons.into_iter().map(|reason| reason.weight).max().unwrap_or(Weight::Note);
        match heaviest {
            Weight::Note => Self::Valid,
            Weight::Hint => Self::ValidWithHint,
            Weight::Undecided => Self::Undecided,
            Weight::Invalid => Self::Invalid,
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

/// What a reason does to the verdict; the order is the order of gravity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Says what was established; changes nothing.
    #[default]
    Note,
    /// Valid, but the reader should know.
    Hint,
    /// Cannot be decided on this knowledge.
    Undecided,
    /// Proves the certificate or file invalid.
    Invalid,
}

/// One reason of a verdict. Codes are stable; the text comes from `data/reasons.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code (`PAGE_DIGEST`).
    pub code: String,
    /// Chinese sentence.
    pub text: String,
    /// The file, certificate or item it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// What it does to the verdict.
    #[serde(skip)]
    pub weight: Weight,
}
