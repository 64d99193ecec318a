//! Activations that were made in the ministry's mini-program, as they come in.

use serde::{Deserialize, Serialize};

use super::sign_in::pending;
use crate::audit::Actor;
use crate::{NodeError, Province};

/// One activation elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationItem {
    /// The sender's own id of the item; the same id with the same content is one.
    pub id: String,
    /// 证照标识 of any version.
    pub identifier: String,
    /// RFC 3339.
    pub activated_at: String,
    /// Where (`mini-program`).
    pub channel: String,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivationResult {
    /// The certificate is activated by it.
    Applied,
    /// The certificate was activated before; the earlier one stays.
    Already,
    /// The same id with other content: nothing changes.
    Conflict,
    /// No such certificate; may be sent again.
    Unknown,
    /// It cannot be read, or lies in the future; may be sent again, mended.
    Refused,
}

/// The answer to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivationAnswer {
    /// The sender's id.
    pub id: String,
    /// What became of it.
    pub result: ActivationResult,
    /// This item was answered before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Activated since, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<String>,
    /// Why not, with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<::lifecycle::Message>,
}

impl Province {
    /// Takes in activations of a source, one answer each in the same order. Durable when it returns.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn deliver_feed(
        &self,
        source: &str,
        items: &[ActivationItem],
        actor: &Actor,
        now: i64,
    ) -> Result<Vec<ActivationAnswer>, NodeError> {
        let _ = (source, items, actor, now);
        Err(pending())
    }
}
