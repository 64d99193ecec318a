//! 激活: by the holder, or by a clerk at the window for people without a smartphone (R27).

use serde::Serialize;

use super::HolderSubject;
use super::sign_in::pending;
use crate::audit::Actor;
use crate::{NodeError, Province};

/// What came of one activation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Activated {
    /// Row key of the certificate.
    pub certificate: String,
    /// Activated since, microseconds UTC; `None` where it was refused.
    pub at: Option<i64>,
    /// It was activated before.
    pub already: bool,
    /// Why not, with the fix.
    pub why: Option<::lifecycle::Message>,
}

/// A clerk's activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowActivation {
    /// Row key or 证照标识.
    pub certificate: String,
    /// How the holder's identity was checked (`核对身份证原件，本人到场`).
    pub proof: String,
}

impl Province {
    /// The holder activates certificates (row keys or 证照标识). Durable when it returns.
    ///
    /// # Errors
    /// A database that cannot be written. A certificate that is not the holder's, has ended or is not converted is refused in its answer.
    pub fn deliver_activate(
        &self,
        subject: &HolderSubject,
        certificates: &[String],
        now: i64,
    ) -> Result<Vec<Activated>, NodeError> {
        let _ = (subject, certificates, now);
        Err(pending())
    }

    /// A clerk (经办) activates for the holder. Operator named, proof described, audited.
    ///
    /// # Errors
    /// No operator or proof; a database that cannot be written.
    pub fn deliver_activate_at_window(
        &self,
        one: &WindowActivation,
        operator: &Actor,
        now: i64,
    ) -> Result<Activated, NodeError> {
        let _ = (one, operator, now);
        Err(pending())
    }
}
