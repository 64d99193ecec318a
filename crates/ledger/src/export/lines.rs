//! The four kinds of lines, each with one spelling.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Hash, LedgerError, SignedCheckpoint, hex, parse_hex};

/// Version of the export format.
const VERSION: u8 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Name of the log.
    pub origin: String,
    /// Number of entries that follow, all of the log up to the last checkpoint in the export.
    pub size: u64,
    /// Does the export hold every checkpoint ever made? Then each must name the one before it. An export may hold fewer,
    /// such as one a day; the last one it holds covers all its entries either way.
    pub every_checkpoint: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine {
    luzheng_ledger: u8,
    origin: String,
    size: u64,
    every_checkpoint: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine<'l> {
    n: u64,
    #[serde(borrow)]
    entry: &'l RawValue,
    leaf: &'l str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    end: bool,
    entries: u64,
    checkpoints: u64,
}

/// A line after the header, read and found to be in its one spelling.
pub(super) enum Line<'l> {
    Entry { number: u64, entry: &'l str, leaf: Hash },
    Checkpoint(Box<SignedCheckpoint>),
    End { entries: u64, checkpoints: u64 },
}

/// The header, without line feed.
pub fn header_line(header: &Header) -> String {
    let Header { origin, size, every_checkpoint } = header.clone();
    json(&HeaderLine { luzheng_ledger: VERSION, origin, size, every_checkpoint })
}

/// One entry by its canonical bytes and leaf hash, without line feed. The bytes stand in the line unchanged.
///
/// # Errors
/// [`LedgerError::Entry`] if the bytes are not text.
pub fn entry_line(number: u64, entry: &[u8], leaf: &Hash) -> Result<String, LedgerError> {
    let text = std::str::from_utf8(entry)
        .map_err(|_| LedgerError::Entry { rule: "应为 UTF-8 文本".to_owned() })?;
    Ok(spell_entry(number, text, &hex(leaf)))
}

fn spell_entry(number: u64, entry: &str, leaf: &str) -> String {
    format!(r#"{{"n":{number},"entry":{entry},"leaf":"{leaf}"}}"#)
}

/// One checkpoint, without line feed; it stands after the last entry that it covers.
///
/// # Errors
/// As for [`SignedCheckpoint::to_text`].
pub fn checkpoint_line(checkpoint: &SignedCheckpoint) -> Result<String, LedgerError> {
    Ok(json(&CheckpointLine { checkpoint: checkpoint.to_text()? }))
}

/// The last line, without line feed: how many entries and checkpoints stand before it.
pub fn end_line(entries: u64, checkpoints: u64) -> String {
    json(&EndLine { end: true, entries, checkpoints })
}

fn json<T: Serialize>(line: &T) -> String {
    // Text, numbers and booleans: serde_json has no way to fail on them.
    serde_json::to_string(line).unwrap_or_default()
}

pub(super) fn read_header(line: &str) -> Result<Header, &'static str> {
    let rule = "首行应为导出文件头";
    let HeaderLine { luzheng_ledger, origin, size, every_checkpoint } =
        serde_json::from_str(line).map_err(|_| rule)?;
    if luzheng_ledger != VERSION {
        return Err("导出格式的版本本程序不识别，请更新程序");
    }
    let header = Header { origin, size, every_checkpoint };
    if header_line(&header) == line { Ok(header) } else { Err(rule) }
}

pub(super) fn read_line(line: &str) -> Result<Line<'_>, String> {
    // The first name tells the kinds apart: each line has one spelling.
    if line.starts_with(r#"{"n":"#) {
        let rule = || "条目行不是规定写法".to_owned();
        let EntryLine { n, entry, leaf } = serde_json::from_str(line).map_err(|_| rule())?;
        if spell_entry(n, entry.get(), leaf) != line {
            return Err(rule());
        }
        let leaf = parse_hex(leaf).ok_or_else(rule)?;
        Ok(Line::Entry { number: n, entry: entry.get(), leaf })
    } else if line.starts_with(r#"{"checkpoint":"#) {
        let rule = || "检查点行不是规定写法".to_owned();
        let CheckpointLine { checkpoint } = serde_json::from_str(line).map_err(|_| rule())?;
        let checkpoint = SignedCheckpoint::parse(&checkpoint).map_err(|error| error.to_string())?;
        match checkpoint_line(&checkpoint) {
            Ok(spelled) if spelled == line => Ok(Line::Checkpoint(Box::new(checkpoint))),
            _ => Err(rule()),
        }
    } else {
        let rule = || "应为条目行、检查点行或末行".to_owned();
        let EndLine { entries, checkpoints, .. } = serde_json::from_str(line).map_err(|_| rule())?;
        if end_line(entries, checkpoints) != line {
            return Err(rule());
        }
        Ok(Line::End { entries, checkpoints })
    }
}
