//! Handing the records of a batch on, in groups.

use std::error::Error;

use serde_json::{Map, Value};

use super::receipt::{LineReceipt, LineResult};
use super::{BatchName, FileError};
use crate::problem::Problem;

/// Records handed on together: as many as one call of the message interface may hold.
const GROUP: usize = 1000;

/// One record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Line of the file, 1 is the first.
    pub number: usize,
    /// The JSON text.
    pub text: &'a str,
}

/// What the intake says about one record; see [`LineReceipt`] for the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What became of it.
    pub result: LineResult,
    /// The record's own id.
    pub id: Option<String>,
    /// What to tell the sender beside it.
    pub data: Map<String, Value>,
    /// Why it was refused, or what it waits for.
    pub problem: Option<Problem>,
}

/// What takes records in: one outcome for each line of its group, in order, or why none can be taken in now.
pub type Intake<'i> = dyn FnMut(&[Line<'_>]) -> Result<Vec<Outcome>, Box<dyn Error + Send + Sync>> + 'i;

/// One line of the receipt for each line of the data, in order.
pub(super) fn hand_on(
    name: &BatchName,
    data: &[u8],
    intake: &mut Intake<'_>,
) -> Result<Vec<LineReceipt>, FileError> {
    let mut receipts = Vec::new();
    let mut group = Vec::new();
    for (index, row) in data.split_inclusive(|&byte| byte == b'\n').enumerate() {
        // Editors of one system put a byte order mark before the first line.
        match std::str::from_utf8(row).map(|text| text.trim_start_matches('\u{feff}').trim()) {
            Ok(text) if !text.is_empty() => group.push(Line { number: index + 1, text }),
            Ok(_) => receipts.push(unreadable(index + 1, "空行", "请删去空行，每行一条记录")),
            Err(_) => receipts.push(unreadable(index + 1, "不是 UTF-8 编码", "请以 UTF-8 编码重新导出")),
        }
        if group.len() == GROUP {
            receipts.extend(hand_on_group(name, &group, intake)?);
            group.clear();
        }
    }
    if !group.is_empty() {
        receipts.extend(hand_on_group(name, &group, intake)?);
    }
    receipts.sort_by_key(|receipt| receipt.line);
    Ok(receipts)
}

fn hand_on_group(
    name: &BatchName,
    group: &[Line<'_>],
    intake: &mut Intake<'_>,
) -> Result<Vec<LineReceipt>, FileError> {
    let failed = |source| FileError::Intake { batch: name.to_string(), line: group[0].number, source };
    let outcomes = intake(group).map_err(failed)?;
    if outcomes.len() != group.len() {
        return Err(failed(format!("应有 {} 条结果，实有 {} 条", group.len(), outcomes.len()).into()));
    }
    let receipt = |(line, outcome): (&Line<'_>, Outcome)| LineReceipt {
        line: line.number,
        result: outcome.result,
        id: outcome.id,
        data: outcome.data,
        problem: outcome.problem,
    };
    Ok(group.iter().zip(outcomes).map(receipt).collect())
}

fn unreadable(line: usize, rule: &str, fix: &str) -> LineReceipt {
    let problem =
        Problem::new(400, "FILE_LINE", "该行无法读取").item(format!("第 {line} 行")).rule(rule).fix(fix);
    LineReceipt { line, result: LineResult::Refused, id: None, data: Map::new(), problem: Some(problem) }
}
