//! The one record shape of sample, issue, convert and events (`domain.md`, "Records and events").

use serde::{Deserialize, Serialize};

use crate::FaceData;

/// The permit decision that a certificate stands on (M5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// 决定文号.
    #[serde(default)]
    pub no: String,
    /// 决定日期, ISO `YYYY-MM-DD`.
    #[serde(default)]
    pub date: String,
}

/// One permit decision with its face data, as the business system sends it. Nothing is checked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The source's own key of the record.
    pub record_id: String,
    /// Which system sent it.
    #[serde(default)]
    pub source: String,
    /// Type code (21 characters), name or slug of the kind.
    pub kind: String,
    /// USCC of the issuing authority.
    #[serde(default)]
    pub authority_uscc: String,
    /// GB/T 2260 area code of the act.
    #[serde(default)]
    pub area: String,
    /// The decision.
    #[serde(default)]
    pub decision: Decision,
    /// Face items by short name.
    #[serde(default)]
    pub face: FaceData,
    /// Photo file, relative to the record file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}

/// Why a line could not be read as a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON of the record shape.
    #[error("不是合规的记录：{0}；请按记录格式（record_id、kind、face 等）重新导出该行")]
    Shape(#[from] serde_json::Error),
}

impl Record {
    /// Reads one JSON line.
    pub fn from_json(line: &str) -> Result<Self, RecordError> {
        Ok(serde_json::from_str(line)?)
    }

    /// The canonical bytes whose SM3 a version stores (R3): JSON with sorted items, no white space.
    pub fn canonical(&self) -> Vec<u8> {
        // Serialising maps of strings cannot fail: there is no foreign serializer and no non-string key.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
