//! 亮证: the code of this half minute, and a day's codes signed in advance.

use serde::Serialize;

use crate::deliver::HolderSubject;
use crate::{NodeError, Province};

/// One present code (type 02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PresentCode {
    /// `LZ:` and Base45.
    pub text: String,
    /// Seconds since 2000-01-01T00:00:00Z at which it begins.
    pub slot: u32,
    /// Seconds that it lives.
    pub life: u16,
    /// Its end, microseconds UTC.
    pub ends_at: i64,
}

/// Codes for a day without network. The code of slot `i` is `LZ:` + Base45(`prefix` ‖ slot ‖ life ‖ signature `i`), slot =
/// `first_slot` + `i` × `step` as four bytes, life as two, big-endian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DaySlots {
    /// Base64 of the bytes before the slot.
    pub prefix: String,
    /// Seconds since 2000-01-01T00:00:00Z.
    pub first_slot: u32,
    /// Seconds from one slot to the next.
    pub step: u16,
    /// Seconds that each lives.
    pub life: u16,
    /// How many.
    pub count: u32,
    /// Base64 of `count` × 64 bytes, r‖s each.
    pub signatures: String,
}

/// What the holder's page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Presentation {
    /// Row key.
    pub certificate: String,
    /// 证照标识.
    pub identifier: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// Status in Chinese on this day.
    pub status: String,
    /// The code of now.
    pub code: PresentCode,
    /// The next 24 hours.
    pub slots: DaySlots,
    /// The newest printed code (type 03), shown when the slots are used up; `None` before a sheet was made.
    pub printed: Option<crate::share::Sheet>,
    /// What the other side will be told (held, expired): Chinese sentences.
    pub notes: Vec<String>,
}

/// May it be shown?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Yes.
    Shown(Box<Presentation>),
    /// No, with the reason and the fix: ended, only on paper, not activated, not this subject's.
    Refused(::lifecycle::Message),
}

impl Province {
    /// Shows a certificate: the code of this half minute, the next 24 hours' codes, the newest printed code. A held or expired one may
    /// be shown; the verdict will say so. Audited.
    ///
    /// # Errors
    /// A database that cannot be read or written; a key that fails.
    pub fn share_present(
        &self,
        subject: &HolderSubject,
        certificate: &str,
        now: i64,
    ) -> Result<Presented, NodeError> {
        let _ = (subject, certificate, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }
}
