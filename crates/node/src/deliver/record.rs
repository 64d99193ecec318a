//! The delivery record of a version.

use serde::Serialize;

use super::sign_in::pending;
use crate::{NodeError, Province};

/// One stage reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Microseconds UTC.
    pub at: i64,
    /// How: `sms`, `file`, `web`, `window`, `mini-program`, `carried` (an earlier version was activated) ….
    pub channel: String,
}

/// How far a version has come on its way to its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    /// 证照标识.
    pub identifier: String,
    /// 1 to 999.
    pub version: i64,
    /// 制作, microseconds UTC.
    pub made_at: i64,
    /// 告知.
    pub told: Option<Stage>,
    /// 送达.
    pub received: Option<Stage>,
    /// 激活.
    pub activated: Option<Stage>,
}

impl Province {
    /// The delivery records of a certificate (row key), newest version first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn deliver_records(&self, certificate: &str) -> Result<Vec<DeliveryRecord>, NodeError> {
        let _ = certificate;
        Err(pending())
    }
}
