//! Present codes that were checked already within their life.

use crate::{NodeError, Province};

/// Was this present code checked before?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// No; now it is noted.
    First,
    /// By the same checker: a second look.
    Same,
    /// By another checker, at this instant (microseconds UTC): hint `CODE_USED`.
    Other {
        /// When first.
        first_at: i64,
    },
}

impl Province {
    /// Notes that a checker has checked a present code. `code` is its text, whose signature the caller has verified; `checker` names
    /// the device or client, unit included. Of two who come at once, one is first.
    ///
    /// # Errors
    /// A text that is no present code; a database that cannot be written.
    pub fn share_use(&self, code: &str, checker: &str, now: i64) -> Result<CodeUse, NodeError> {
        let _ = (code, checker, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }

    /// Drops notes whose codes are long over; how many. Call it every few minutes.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn share_prune(&self, now: i64) -> Result<u64, NodeError> {
        let _ = now;
        Err(NodeError::refused("尚未接通", "请稍候"))
    }
}
