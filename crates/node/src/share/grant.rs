//! A company lets a named driver show a vehicle's 运输证 for a period, and takes it back (R27).

use serde::Serialize;

use crate::deliver::HolderSubject;
use crate::{NodeError, Province};

/// A grant that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// Row key of the vehicle's certificate.
    pub certificate: String,
    /// The driver's name.
    pub driver_name: String,
    /// The driver's document number.
    pub driver_number: String,
    /// First instant, microseconds UTC.
    pub from: i64,
    /// Over at, microseconds UTC; at most 366 days after `from`.
    pub until: i64,
}

/// A grant as the company sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantLine {
    /// Its id.
    pub id: String,
    /// Row key of the certificate.
    pub certificate: String,
    /// Name of the driver.
    pub driver_name: String,
    /// The document number, masked.
    pub driver_number: String,
    /// First instant, microseconds UTC.
    pub from: i64,
    /// Over at, microseconds UTC.
    pub until: i64,
    /// Taken back at.
    pub withdrawn_at: Option<i64>,
    /// Can the driver show the certificate now?
    pub live: bool,
}

/// A grant as the driver sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantedTo {
    /// Its id.
    pub id: String,
    /// Name of the company.
    pub by: String,
    /// Over at, microseconds UTC.
    pub until: i64,
}

impl Province {
    /// Grants; the id. Audited. The same driver, vehicle and overlapping period again replaces the earlier one.
    ///
    /// # Errors
    /// A certificate that is not this holder's, is no vehicle's or has ended; a blank name or number; a period that is over, empty or too
    /// long.
    pub fn share_grant(
        &self,
        subject: &HolderSubject,
        new: &NewGrant,
        now: i64,
    ) -> Result<String, NodeError> {
        let _ = (subject, new, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }

    /// Takes a grant back; at once. Audited. Taking back twice is once.
    ///
    /// # Errors
    /// No such grant of this holder.
    pub fn share_withdraw(&self, subject: &HolderSubject, grant: &str, now: i64) -> Result<(), NodeError> {
        let _ = (subject, grant, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }

    /// The grants of a holder's certificates, or of one of them; newest first.
    ///
    /// # Errors
    /// A database that cannot be read; a value that cannot be opened.
    pub fn share_grants(
        &self,
        subject: &HolderSubject,
        certificate: Option<&str>,
        now: i64,
    ) -> Result<Vec<GrantLine>, NodeError> {
        let _ = (subject, certificate, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }
}
