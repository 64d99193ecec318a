//! Nonces over a restart: kept in groups, taken back at start.

use link::sign::NONCE_SECONDS;
use store::rows::client;
use store::{Session, StoreError};

use crate::{NodeError, Province};

/// One second in microseconds.
const SECOND: i64 = 1_000_000;

/// Drops the groups that nobody needs any more. Twice the memory is kept: a clock that steps back must not lose any.
pub(crate) fn drop_old_nonces(session: &mut Session, now: i64) -> Result<(), StoreError> {
    client::drop_nonces(session, now - 2 * NONCE_SECONDS * SECOND)?;
    Ok(())
}

impl Province {
    /// The nonces that may still matter at `now`: the bytes of each [`link::sign::Seen`], as [`crate::audit::Recorder`] kept them.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn kept_nonces(&self, now: i64) -> Result<Vec<u8>, NodeError> {
        let since = now - 2 * NONCE_SECONDS * SECOND;
        let groups = self.store.read(|session| client::nonces(session, since))?;
        // A row that is no Base64 was not written by us, and holds no nonce of ours.
        Ok(groups.iter().filter_map(|group| gm::base64::decode(group).ok()).flatten().collect())
    }
}
