//! `/admin/audit`: the audit log for the auditor: searched, one entry proven, a state of the past.

mod entry;
mod list;
mod query;
mod state;

pub use entry::{CERTIFICATE, ENTRY, PROOF};
pub(in crate::pages) use list::second;
pub use list::{EXPORT, PAGE};
pub use state::{FILE, STATE};

use node::NodeError;
use node::audit::NamedKey;

use crate::App;

/// The right to all of it.
const ACT: &str = "audit.read";

/// Keys with which the log's checkpoints are checked: its own and its witness's.
///
/// # Errors
/// The rows.
fn keys(app: &App) -> Result<Vec<NamedKey>, NodeError> {
    let own = app
        .installation()
        .map(|one| NamedKey { name: app.province.id.clone(), key: one.log.public_key().clone() });
    let witness = app.province.witness_key()?.and_then(|(_, key)| key);
    Ok(own.into_iter().chain(witness).collect())
}
