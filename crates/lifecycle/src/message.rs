//! What people are told: a stable code, what is the matter, what to do. The sentences are data.

use serde::{Deserialize, Serialize};

/// A finished sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Stable code (`HOLD_BLOCKS`), listed in `data/lifecycle/messages.toml`.
    pub code: String,
    /// What is the matter, in Chinese.
    pub what: String,
    /// What to do about it, in Chinese.
    pub fix: String,
}

/// A sentence with gaps, as the data has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    pub code: String,
    pub what: String,
    #[serde(default)]
    pub fix: String,
    /// A refusal that an event still on its way may mend: without a sequence the event waits for it.
    #[serde(default)]
    pub early: bool,
}

/// What the program itself may say, beside the consequences that the tables name.
pub(crate) const CODES: &[&str] = &[
    "ALREADY_ON_RECORD",
    "CERTIFICATE_UNKNOWN",
    "CHECK_FAILED",
    "EARLY",
    "ENTITLEMENT_ENDED",
    "ENTITLEMENT_LIVE",
    "ENTITLEMENT_REGAINED",
    "ENTITLEMENT_TWICE",
    "ENTITLEMENT_UNKNOWN",
    "EVENT_CONFLICT",
    "EVENT_NOT_APPLICABLE",
    "EXPIRED",
    "EXPIRED_NOW",
    "FUTURE_TOO_FAR",
    "HOLD_ABSENT",
    "HOLD_BLOCKS",
    "HOLD_PRESENT",
    "HOLD_STANDS",
    "INPUT_MISSING",
    "KIND_UNKNOWN",
    "LAST_ENTITLEMENT",
    "LAST_ENTITLEMENT_LOST",
    "LATE_CONTRADICTS",
    "LATE_FACE",
    "LATE_REVIVES",
    "LICENCE_REDUCED",
    "NOTHING_TO_UNDO",
    "NOT_CARRIED",
    "NOT_EXPIRED",
    "NOT_REGISTERED",
    "OUT_OF_PROVINCE",
    "PAIR",
    "PART_MISSING",
    "PART_NOT_ALLOWED",
    "RENEWAL_TOO_LATE",
    "SCHEDULED",
    "SEQUENCE_GAP",
    "SEQUENCE_TAKEN",
    "STOCK_UNKNOWN",
    "TERMINAL",
    "UNCONVERTED",
    "VALIDITY_BACKWARDS",
    "VALIDITY_NOT_LATER",
    "VERSION_FULL",
    "WAIT_OVER",
];
