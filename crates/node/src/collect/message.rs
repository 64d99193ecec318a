//! What goes over and what comes back: one type for both sides.

use serde::{Deserialize, Serialize};

/// One certificate as it stands in the province, with the acts that led there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The province's node id.
    pub province: String,
    /// The province's key of the certificate.
    pub certificate: String,
    /// Slug of the kind.
    pub kind: String,
    /// USCC of the issuer.
    pub issuer: String,
    /// Area code of the act.
    pub area: String,
    /// Month of first issue or recording, `2026-11`; never changes.
    pub month: String,
    /// Acts recorded: this delivery covers all of them.
    pub state_seq: i64,
    /// Newest version; 0 for a paper or IC record.
    pub version: i64,
    /// 证照标识 of that version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Base of the status (正常, 注销 …).
    pub base: String,
    /// Status in words (`停运`) on the day of sending.
    pub status: String,
    /// Last day of validity, ISO; absent for 长期 or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
    /// The whole state.
    pub state: ::lifecycle::State,
    /// The face that the version, or the paper, shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<model::Record>,
    /// The files of the version in the order of its parts.
    #[serde(default)]
    pub files: Vec<DeliveredFile>,
}

/// A sealed file of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveredFile {
    /// 0 正本, 1 副本 ….
    pub part: i64,
    /// Name of the part.
    pub name: String,
    /// SM3 of its bytes, hex.
    pub sm3: String,
    /// Their number.
    pub bytes: i64,
    /// The bytes in Base64, where the version is new to the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Delivery {
    /// About how many bytes it takes in a message: exact enough to keep messages small.
    pub(super) fn weight(&self) -> usize {
        let content = |file: &DeliveredFile| file.content.as_ref().map_or(0, String::len) + 256;
        // Face and state are a few kilobytes; half as much again for names and quotes.
        8 * 1024 + self.files.iter().map(content).sum::<usize>()
    }
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored; durable.
    Applied,
    /// This count or a higher one is held already.
    Already,
    /// It cannot be taken as it is; `code`, `what` and `fix` say why.
    Refused,
    /// The version is new there: send it again with its files.
    NeedFile,
    /// It contradicts the order of what is held; to be tried again.
    OutOfOrder,
}

/// The destination's answer to one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryReceipt {
    /// The certificate.
    pub certificate: String,
    /// The count that was delivered.
    pub state_seq: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// Newest version whose files the destination holds; 0 for none.
    #[serde(default)]
    pub version: i64,
    /// Stable code, where it was not applied.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// How to mend it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fix: String,
    /// The destination's own id of the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign_id: Option<String>,
}

impl DeliveryReceipt {
    /// An answer to a delivery, without reasons.
    pub fn new(delivery: &Delivery, outcome: Outcome) -> Self {
        Self {
            certificate: delivery.certificate.clone(),
            state_seq: delivery.state_seq,
            outcome,
            version: 0,
            code: String::new(),
            what: String::new(),
            fix: String::new(),
            foreign_id: None,
        }
    }

    /// An answer with its reason.
    pub fn because(
        delivery: &Delivery,
        outcome: Outcome,
        code: &str,
        what: impl Into<String>,
        fix: &str,
    ) -> Self {
        Self { code: code.into(), what: what.into(), fix: fix.into(), ..Self::new(delivery, outcome) }
    }
}
