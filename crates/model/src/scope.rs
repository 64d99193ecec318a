//! What a signer may speak for (`domain.md`, "Trust scope").

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a signer, a seal or a code key may speak for. Empty lists allow nothing; `*` allows all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// USCCs of issuing authorities.
    pub issuers: Vec<String>,
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Type codes of kinds.
    pub kinds: Vec<String>,
    /// First day (ISO).
    pub valid_from: String,
    /// Last day (ISO), if the right ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
}

/// What of a certificate lies outside a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// The issuing authority.
    Issuer,
    /// The area code.
    Area,
    /// The kind.
    Kind,
    /// The days of signing.
    Days,
}

impl Scope {
    /// What lies outside, when it was signed on a day of `from` … `to`; `None` when all is inside.
    pub fn outside(&self, issuer: &str, area: &str, kind: &str, from: Date, to: Date) -> Option<Outside> {
        let within = |list: &[String], value: &str| list.iter().any(|one| one == "*" || one == value);
        let begins = |one: &String| one == "*" || (!one.is_empty() && area.starts_with(one.as_str()));
        // A date that does not parse allows nothing.
        let began = self.valid_from.parse::<Date>().is_ok_and(|first| first <= to);
        let ended = self
            .valid_to
            .as_deref()
            .is_some_and(|last| last.parse::<Date>().map_or(true, |last| last < from));
        if !within(&self.issuers, issuer) {
            Some(Outside::Issuer)
        } else if !self.areas.iter().any(begins) {
            Some(Outside::Area)
        } else if !within(&self.kinds, kind) {
            Some(Outside::Kind)
        } else {
            (!began || ended).then_some(Outside::Days)
        }
    }
}
