//! Present codes that were checked already within their life.

use proof::{CodeType, SLOT_EPOCH, SignedCode};
use store::rows::share;

use crate::issue::journal::hex;
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

/// What two clocks may differ by (`docs/code-format.md`, "Freshness").
const TOLERANCE: i64 = 90;
const SECOND: i64 = 1_000_000;

impl Province {
    /// Notes that a checker has checked a present code. `code` is its text, whose signature the caller has verified; `checker` names
    /// the device or client, unit included. Of two who come at once, one is first.
    ///
    /// # Errors
    /// A text that is no present code; a database that cannot be written.
    pub fn share_use(&self, code: &str, checker: &str, now: i64) -> Result<CodeUse, NodeError> {
        let refused = |what: String| NodeError::refused(what, "请重新扫描亮证码");
        let signed = SignedCode::decode(code).map_err(|error| refused(error.to_string()))?;
        let CodeType::Present { slot, life, .. } = signed.code.code_type else {
            return Err(refused("不是亮证码".into()));
        };
        let over = SLOT_EPOCH + i64::from(slot) + i64::from(life) + TOLERANCE;
        let digest = hex(&signed.digest());
        let checker = hex(&self.personal.mac("checker", checker)[..16]);
        self.store.write(move |session| {
            Ok(match share::note_use(session, (&digest, &checker), now, over * SECOND)? {
                None => CodeUse::First,
                Some((before, _)) if before == checker => CodeUse::Same,
                Some((_, first_at)) => CodeUse::Other { first_at },
            })
        })
    }

    /// Drops notes whose codes are over; how many. Call it every few minutes.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn share_prune(&self, now: i64) -> Result<u64, NodeError> {
        self.store.write(move |session| Ok(share::drop_uses(session, now)?))
    }
}
