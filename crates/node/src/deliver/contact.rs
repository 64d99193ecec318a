//! The phone on record: from business events, or changed at the window with proof (R27).

use super::HolderSubject;
use super::sign_in::pending;
use crate::audit::Actor;
use crate::{NodeError, Province};

/// A phone changed at the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactChange {
    /// Name as on the document shown.
    pub name: String,
    /// Document number or USCC.
    pub number: String,
    /// The new phone: 11 digits, or a landline for a company.
    pub phone: String,
    /// What was shown as proof (`本人持身份证原件到场，人脸比对一致`); stored encrypted.
    pub proof: String,
}

impl Province {
    /// Changes the phone of a holder at the window: operator named, proof described, audited. The old phone is told.
    ///
    /// # Errors
    /// No operator, no proof, a malformed phone, a holder (name and number) that is not on record.
    pub fn contact_change(
        &self,
        change: &ContactChange,
        operator: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let _ = (change, operator, now);
        Err(pending())
    }

    /// The phone on record of a signed-in holder, masked (`138****1234`); `None` without one.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn contact_masked(&self, subject: &HolderSubject) -> Result<Option<String>, NodeError> {
        let _ = subject;
        Err(pending())
    }
}
