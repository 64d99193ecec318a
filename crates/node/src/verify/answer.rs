//! The answer to a check.

use model::{Reason, Verdict};
use serde::{Deserialize, Serialize};

use super::allowed::Allowed;
use super::cause::Cause;

/// What a check found, with its reasons and how old the knowledge is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyAnswer {
    /// 有效, 有效（有提示）, 无效 or 无法判定.
    pub verdict: Verdict,
    /// Why; the heaviest decides.
    pub reasons: Vec<Reason>,
    /// 证照标识 of the newest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Slug of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_name: Option<String>,
    /// Status in Chinese (`停运`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Since when, by whom and by which decision it is held or has ended; for officers, not for every client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// Acts recorded on the certificate when it was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_seq: Option<i64>,
    /// First and last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day, ISO or 长期.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// What stands on the face, masked as the caller's right demands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub face: Vec<FaceItem>,
    /// What the certificate allows, with the status of each where it has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allows: Vec<Allowed>,
    /// Who said so: `本省登记（demo-99）`.
    pub source: String,
    /// When the knowledge was as said, RFC 3339 with +08:00.
    pub known_at: String,
}

/// One item of the face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceItem {
    /// Short name.
    pub short: String,
    /// Chinese name.
    pub name: String,
    /// The value as it stands there, masked or not.
    pub value: String,
}

impl VerifyAnswer {
    /// An answer that consists of reasons only.
    pub(super) fn only(reasons: Vec<Reason>, source: String, known_at: String) -> Self {
        Self {
            verdict: Verdict::from_reasons(&reasons),
            reasons,
            identifier: None,
            kind: None,
            kind_name: None,
            status: None,
            causes: Vec::new(),
            state_seq: None,
            valid_from: None,
            valid_to: None,
            face: Vec::new(),
            allows: Vec::new(),
            source,
            known_at,
        }
    }
}
