//! What a check found in a record: item, rule, what is wrong, how to mend it (B2).

use serde::{Deserialize, Serialize};

/// Does the finding stop the certificate?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; the certificate is issued.
    Hint,
    /// The record is refused.
    Error,
}

/// One finding of the lint. `what` and `fix` are Chinese sentences for the clerk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The record it is about.
    pub record_id: String,
    /// Short name of the item (`KZ_YHMC`), or the name of an envelope field (`authority_uscc`).
    pub item: String,
    /// Chinese name of the item.
    pub item_name: String,
    /// Stable rule code (`CHECK_DIGIT`); the list is `data/rules.toml`.
    pub rule: String,
    /// Refused or hint.
    pub severity: Severity,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub fix: String,
}
