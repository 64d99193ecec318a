//! Printed sheets: a paper with a long-lived code (type 03), of which only the newest counts.

use serde::{Deserialize, Serialize};

use crate::deliver::HolderSubject;
use crate::{NodeError, Province};

/// Why a sheet is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SheetReason {
    /// The first one.
    First,
    /// The one before was lost.
    Lost,
    /// A fresh one: worn, or the certificate has a new version.
    Renewed,
}

/// A printed sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// 1, 2, 3 … of the certificate.
    pub n: u16,
    /// 证照标识 that its code names.
    pub identifier: String,
    /// The code, `LZ:` and Base45.
    pub code: String,
    /// Made at, microseconds UTC.
    pub made_at: i64,
}

/// For the pack: the newest sheet of a certificate that has had more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewestSheet {
    /// Dense number within the province.
    pub status_index: u32,
    /// Sheets with a smaller number are replaced.
    pub sheet: u16,
}

impl Province {
    /// Makes the next sheet; all before it are replaced. Audited. Only the holder may, not a driver with a grant.
    ///
    /// # Errors
    /// A certificate that is not this holder's, has ended, is only on paper or not activated; sheet 65535 was reached.
    pub fn share_sheet(
        &self,
        subject: &HolderSubject,
        certificate: &str,
        reason: SheetReason,
        now: i64,
    ) -> Result<Sheet, NodeError> {
        let _ = (subject, certificate, reason, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }

    /// The newest sheet of every certificate that has replaced ones, in the order of the status index: for the pack.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn share_newest_sheets(&self) -> Result<Vec<NewestSheet>, NodeError> {
        Err(NodeError::refused("尚未接通", "请稍候"))
    }

    /// The newest sheet of the certificate of an identifier (any version); `None` before one was made. For the check online.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn share_newest_sheet(&self, identifier: &str) -> Result<Option<u16>, NodeError> {
        let _ = identifier;
        Err(NodeError::refused("尚未接通", "请稍候"))
    }
}
