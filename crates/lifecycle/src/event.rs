//! An event as it arrives, once its envelope and its face were read.

use codes::{LegalDate, Uscc, Validity};
use serde::{Deserialize, Serialize};

use crate::kind::EventKind;
use crate::state::Link;

/// Names an event: no two events of one source share an id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRef {
    /// The system that sent it.
    pub source: String,
    /// That system's id of it.
    pub event_id: String,
}

/// An entitlement that an event names: its bare code, or the code with what is its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "GrantText")]
pub struct Grant {
    /// Its code.
    pub code: String,
    /// First day; the event's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<LegalDate>,
    /// Last day; the event's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Validity>,
    /// Granting authority; the event's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Uscc>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GrantText {
    Code(String),
    Full(FullGrant),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullGrant {
    code: String,
    #[serde(default)]
    valid_from: Option<LegalDate>,
    #[serde(default)]
    valid_to: Option<Validity>,
    #[serde(default)]
    authority: Option<Uscc>,
}

impl From<GrantText> for Grant {
    fn from(text: GrantText) -> Self {
        let FullGrant { code, valid_from, valid_to, authority } = match text {
            GrantText::Code(code) => {
                return Self { code, valid_from: None, valid_to: None, authority: None };
            }
            GrantText::Full(full) => full,
        };
        Self { code, valid_from, valid_to, authority }
    }
}

/// One event for one certificate. Which certificate it is, was settled before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The system that sent it.
    pub source: String,
    /// That system's id of it.
    pub event_id: String,
    /// Digest of everything that was sent (SM3 of the canonical bytes, any text form): tells a repetition from a conflict.
    pub digest: String,
    /// What happens.
    pub kind: EventKind,
    /// 1, 2, 3 … per source and certificate, where the source counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// When it happened, microseconds UTC.
    pub occurred_at: i64,
    /// First day in force, Asia/Shanghai.
    pub effective_on: LegalDate,
    /// 决定文号; empty when there is none.
    #[serde(default)]
    pub decision_no: String,
    /// The entitlements that it is about; empty means the whole certificate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Grant>,
    /// New first day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<LegalDate>,
    /// New last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Validity>,
    /// New last day of 年审, 诚信考核 or 注册, whichever the event is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<LegalDate>,
    /// Result of 年审 or 诚信考核.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// New authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Uscc>,
    /// Whether a new face record came along.
    #[serde(default)]
    pub has_face: bool,
    /// For 复议/诉讼恢复: what it undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<EventRef>,
    /// Ties to other certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

impl Event {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> EventRef {
        EventRef { source: self.source.clone(), event_id: self.event_id.clone() }
    }

    /// Whether it says until when: for the whole certificate, or for each entitlement that it names.
    pub(crate) fn gives_validity(&self) -> bool {
        let own = !self.entitlements.is_empty() && self.entitlements.iter().all(|one| one.valid_to.is_some());
        self.valid_to.is_some() || own
    }

    pub(crate) fn is(&self, name: &EventRef) -> bool {
        self.source == name.source && self.event_id == name.event_id
    }

    /// Whether it comes before another one in effective time: day in force, the source's own count, occurrence, decision.
    pub(crate) fn precedes(&self, other: &Self) -> bool {
        if self.effective_on != other.effective_on {
            return self.effective_on < other.effective_on;
        }
        if let (true, Some(mine), Some(theirs)) = (self.source == other.source, self.sequence, other.sequence)
        {
            return mine < theirs;
        }
        if self.occurred_at != other.occurred_at {
            return self.occurred_at < other.occurred_at;
        }
        // Without two numbers to compare, whoever came first stays first.
        let numbered = !self.decision_no.is_empty() && !other.decision_no.is_empty();
        numbered && pieces(&self.decision_no) < pieces(&other.decision_no)
    }
}

/// A decision number in parts that compare as people count: 9号 before 10号.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Letter(char),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for c in text.chars() {
        match (c.to_digit(10), pieces.last_mut()) {
            (Some(digit), Some(Piece::Number(number))) => {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
            (Some(digit), _) => pieces.push(Piece::Number(u64::from(digit))),
            (None, _) => pieces.push(Piece::Letter(c)),
        }
    }
    pieces
}
