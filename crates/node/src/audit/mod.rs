//! `audit`: every act and every read of personal data, committed with what it tells of (R20, B6).
//!
//! Acts wait as rows; one sequencer at a time makes leaves of them; checkpoints sign the tree; whoever has an export and a public key
//! can check it (`docs/audit.md`).

mod as_of;
mod checkpoint;
mod entry;
mod export;
mod finding;
mod look;
mod names;
mod prove;
mod recorder;
mod search;
mod sequence;
mod stored;
mod verify;
mod watch;
mod witness;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Session, Store, StoreError, rows};

pub use as_of::{AsOf, AsOfFile, AsOfProof, check_as_of};
pub use entry::{Evidence, OpenedEntry, Proving};
pub use export::{ExportRange, Exported};
pub use finding::{Finding, VerifyReport};
pub use ledger::{Link, NamedKey, Report, SignedCheckpoint, Step, check_absence, check_export, check_proof};
pub use look::Look;
pub use names::{ACTS as ACT_NAMES, act_name, outcome_name};
pub use prove::{Proof, Subject};
pub use recorder::Recorder;
pub use search::{Cursor, Found, Page};
pub use sequence::Sequenced;
pub use store::rows::audit::Wanted;
pub(crate) use watch::witnessed;
pub use watch::{CHECKPOINTS, Declined, NOT_CONTINUED, Watch, Watched};
pub use witness::{WitnessAnswer, WitnessRequest, witness};

/// The audit log of one node: its rows and its name. A province and the ministry each have one.
#[derive(Clone, Copy)]
pub struct Log<'a> {
    pub(super) store: &'a Store,
    pub(super) origin: &'a str,
}

impl<'a> Log<'a> {
    /// The log in these rows; `origin` is the node's id and the name on its checkpoints.
    pub fn new(store: &'a Store, origin: &'a str) -> Self {
        Self { store, origin }
    }
}

impl crate::Province {
    /// The province's own audit log.
    pub fn audit_log(&self) -> Log<'_> {
        Log::new(&self.store, &self.id)
    }
}

/// Who acts: the API client or the node itself, and the person behind it (`domain.md`, "Who may speak").
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// API client, peer node, or `node` for the node's own work.
    pub client: String,
    /// Account or name of the operator as the client states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Staff number or 执法证号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_no: Option<String>,
    /// Purpose of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_no: Option<String>,
}

impl Actor {
    /// The node's own work: a worker, the release of a waiting event.
    pub fn node() -> Self {
        Self { client: "node".into(), ..Self::default() }
    }
}

/// One act or read, before the sequencer makes a leaf of it. No personal data in clear: the log is for ever and is exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What was done: `lifecycle.apply`, `verify.identifier`.
    pub act: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Who.
    pub actor: Actor,
    /// Key of the certificate that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Does it change the certificate? Then its leaf carries the hash of the certificate's leaf before.
    #[serde(default)]
    pub changes: bool,
    /// Area code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<String, String>,
}

/// Appends acts to the log, in the transaction of what they tell of. `id` is a new row key.
///
/// # Errors
/// As [`Session::execute`].
pub fn append(session: &mut Session, id: String, acts: &[Act]) -> Result<(), StoreError> {
    if acts.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = acts.iter().map(line).collect();
    rows::audit::append(session, &[(id, lines.join("\n"))])
}

/// An act as it waits.
fn line(act: &Act) -> String {
    // Plain strings and numbers: nothing in it can fail to be written.
    serde_json::to_string(act).unwrap_or_default()
}
