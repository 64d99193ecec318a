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
    #[error("不是合规的记录：{what}；请按记录格式（record_id、kind、face 等）重新导出该行")]
    Shape {
        /// What is wrong, in Chinese, with its place in the line.
        what: String,
    },
}

impl RecordError {
    /// The parser speaks English: what it says is told in Chinese, in the words of the record.
    fn shape(line: &str, error: &serde_json::Error) -> Self {
        // The parser counts bytes; a person counts characters.
        let before = line.as_bytes().get(..error.column()).unwrap_or(line.as_bytes());
        let place = format!("第 {} 个字符附近", String::from_utf8_lossy(before).chars().count());
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
        let what = match error.classify() {
            serde_json::error::Category::Eof => format!("{place}中断，后面的内容缺失"),
            serde_json::error::Category::Data => format!("{}（{place}）", in_chinese(text)),
            _ => format!("{place}不是合规的 JSON"),
        };
        Self::Shape { what }
    }
}

fn in_chinese(message: &str) -> String {
    let named = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("unknown field") {
        format!("没有名为“{named}”的字段")
    } else if message.starts_with("missing field") {
        format!("缺少字段“{named}”")
    } else if message.starts_with("duplicate field") {
        format!("字段“{named}”写了两遍")
    } else if message.contains("struct Record") {
        "一行应是一个对象，以 { 开头".to_owned()
    } else if message.is_ascii() || message.starts_with("invalid") {
        "字段的值不是所要的类型".to_owned()
    } else {
        message.to_owned()
    }
}

impl Record {
    /// Reads one JSON line: one object.
    ///
    /// # Errors
    /// Anything else, an unknown field, an item given twice.
    pub fn from_json(line: &str) -> Result<Self, RecordError> {
        if line.trim_start().starts_with('[') {
            // Serde would take a list for the fields of the record in their order.
            return Err(RecordError::Shape {
                what: "一行应是一个对象，以 { 开头，不能是列表".to_owned()
            });
        }
        serde_json::from_str(line).map_err(|error| RecordError::shape(line, &error))
    }

    /// The canonical bytes whose SM3 a version stores (R3): JSON with sorted items, no white space.
    pub fn canonical(&self) -> Vec<u8> {
        // Serialising maps of strings cannot fail: there is no foreign serializer and no non-string key.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
