//! The receipt of a batch: a head, then one line per record.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{BatchName, Checksum, FileError};
use crate::problem::Problem;

/// First line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The batch.
    pub batch: String,
    /// SM3 of the data as received, in hex.
    pub sm3: String,
    /// The checksum file as received (its first 200 characters).
    pub stated: String,
    /// Lines received.
    pub lines: usize,
    /// Lines that were not refused.
    pub accepted: usize,
    /// Why the batch was refused as a whole; no line was then taken in, and none is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineResult {
    /// Taken in.
    Accepted,
    /// Taken in before; the answer of then.
    Duplicate,
    /// Taken in, waits for another record or act.
    Waiting,
    /// Not taken in; `problem` says why.
    Refused,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineReceipt {
    /// Line of the data file, 1 is the first.
    pub line: usize,
    /// What became of it.
    pub result: LineResult,
    /// The record's own id, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the receiver adds: identifiers given, its own numbers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// Why it was refused, or what it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A whole receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchReceipt {
    /// About the batch.
    pub head: Head,
    /// About each record, in the order of the lines; empty if the batch was refused.
    pub lines: Vec<LineReceipt>,
}

impl BatchReceipt {
    /// The receipt as JSON lines.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Structures of strings, numbers and JSON values always have a JSON form.
        let mut out = serde_json::to_vec(&self.head).unwrap_or_default();
        out.push(b'\n');
        for line in &self.lines {
            out.extend(serde_json::to_vec(line).unwrap_or_default());
            out.push(b'\n');
        }
        out
    }

    /// Reads a receipt and checks it: its own checksum, and one line for each record.
    ///
    /// # Errors
    /// [`FileError::Receipt`].
    pub fn parse(batch: &BatchName, data: &[u8], checksum: &[u8]) -> Result<Self, FileError> {
        let wrong = |rule: String| FileError::Receipt { batch: batch.to_string(), rule };
        if Checksum::parse(checksum) != Some(Checksum::of(data)) {
            return Err(wrong("与校验文件不符".to_owned()));
        }
        let mut rows = data.split(|&byte| byte == b'\n').filter(|row| !row.is_empty());
        let head = serde_json::from_slice(rows.next().unwrap_or_default());
        let head: Head = head.map_err(|error| wrong(format!("第 1 行不是回执头（{error}）")))?;
        let mut lines = Vec::new();
        for (index, row) in rows.enumerate() {
            let line: LineReceipt = serde_json::from_slice(row)
                .map_err(|error| wrong(format!("第 {} 行不合规（{error}）", index + 2)))?;
            if line.line != index + 1 {
                return Err(wrong(format!("第 {} 行应答的不是第 {} 条记录", index + 2, index + 1)));
            }
            lines.push(line);
        }
        let expected = if head.problem.is_some() { 0 } else { head.lines };
        if lines.len() != expected {
            return Err(wrong(format!("应有 {expected} 条应答，实有 {} 条", lines.len())));
        }
        Ok(Self { head, lines })
    }
}
