//! The answer to an event: the same again whenever the event is sent again.

use ::lifecycle::Message;
use model::Finding;
use serde::{Deserialize, Serialize};

/// What became of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It took effect, or will on its day; a new version is sealed and durable.
    Applied,
    /// It came early and waits for what is missing.
    Waiting,
    /// The rules forbid it.
    Refused,
    /// Another content under a known id: nothing changed.
    Conflict,
    /// It contradicts what followed: a person decides.
    Work,
    /// The message or its record is wrong; mend it and send it again under the same id.
    Unfit,
    /// Something else is being done with this certificate; send it again.
    #[default]
    Busy,
    /// Our own fault; nothing changed, send it again.
    Failed,
}

/// The answer to one event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The sender.
    pub source: String,
    /// Its id of the event.
    pub event_id: String,
    /// What became of it.
    pub result: Outcome,
    /// True when this event had been answered before.
    #[serde(default)]
    pub repeated: bool,
    /// Why, for people and programs; absent when it was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Message>,
    /// Key of the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// 证照标识 of the newest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The certificate's count after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_seq: Option<u64>,
    /// Status in Chinese (`停运`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What was done, one thing a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// Worth knowing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Message>,
    /// What is wrong with the message or the record, with a fix for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl Answer {
    /// May the same event be answered otherwise later?
    pub fn is_final(&self) -> bool {
        !matches!(self.result, Outcome::Waiting | Outcome::Unfit | Outcome::Busy | Outcome::Failed)
    }
}
