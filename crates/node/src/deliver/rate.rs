//! 激活率 by area and kind (M8).

use serde::Serialize;

use super::sign_in::pending;
use crate::{NodeError, Province};

/// Which certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateWanted {
    /// Beginning of the area code.
    pub area: Option<String>,
    /// Slug of the kind.
    pub kind: Option<String>,
}

/// The figures of one area and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RateLine {
    /// Area code.
    pub area: String,
    /// Slug of the kind.
    pub kind: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// Electronic certificates made.
    pub made: i64,
    /// Of these, activated.
    pub activated: i64,
    /// Activated per ten thousand made, rounded down; `None` when none was made.
    pub per_ten_thousand: Option<i64>,
}

/// The figures, with their definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RateReport {
    /// What is counted, Chinese, with its version.
    pub definition: String,
    /// As of, microseconds UTC.
    pub at: i64,
    /// By area and kind.
    pub lines: Vec<RateLine>,
    /// All of them together.
    pub total: RateLine,
}

impl Province {
    /// 激活率 by area and kind.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn deliver_rate(&self, wanted: &RateWanted, now: i64) -> Result<RateReport, NodeError> {
        let _ = (wanted, now);
        Err(pending())
    }
}
