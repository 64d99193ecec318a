//! Nonces over a restart: kept in groups, taken back at start.

use link::sign::NONCE_SECONDS;
use store::rows::client;

use crate::{NodeError, Province};

/// One second in microseconds.
const SECOND: i64 = 1_000_000;

impl Province {
    /// Keeps a group of nonces (the bytes of each [`link::sign::Seen`], one after the other), and tells `done` when that is
    /// durable. `sweep` drops those that nobody needs any more.
    pub fn keep_nonces(
        &self,
        seen: &[u8],
        sweep: bool,
        now: i64,
        done: impl FnOnce(Result<(), NodeError>) + Send + 'static,
    ) {
        let (id, seen) = (self.new_id(now), gm::base64::encode(seen));
        self.store.write_then(
            move |session| {
                if sweep {
                    // Twice the memory: a clock that steps back must not lose any.
                    client::drop_nonces(session, now - 2 * NONCE_SECONDS * SECOND)?;
                }
                Ok(client::put_nonces(session, &id, now, &seen)?)
            },
            done,
        );
    }

    /// The nonces that may still matter at `now`, as they were kept.
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
