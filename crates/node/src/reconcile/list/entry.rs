//! Entries of a list, read one after the other.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use super::{ListForm, ListMap, Side};
use crate::NodeError;

/// Bytes that a line may have.
const LONGEST: u64 = 1 << 20;

/// One entry.
pub(super) struct Entry {
    /// Where it stands, from 1.
    pub line: u64,
    /// What it says, in our terms.
    pub side: Side,
}

impl Entry {
    /// What stands for it where no certificate of ours does.
    pub fn key(&self) -> String {
        format!("list:{:09}", self.line)
    }

    /// Its 证照编号, where it has no 证照标识.
    pub fn number(&self) -> Option<&String> {
        self.side.get("certificate_no").filter(|_| !self.side.contains_key("identifier"))
    }
}

/// Reads a list and hands on each entry.
pub(super) fn each(
    list: &mut dyn BufRead,
    form: ListForm,
    map: &ListMap,
    take: &mut dyn FnMut(Entry) -> Result<(), NodeError>,
) -> Result<(), NodeError> {
    let mut keyed = |line: u64, side: Side| {
        if !side.contains_key("identifier") && !side.contains_key("certificate_no") {
            return Err(wrong(line, "没有证照标识也没有证照编号"));
        }
        take(Entry { line, side })
    };
    match form {
        ListForm::Csv => csv(list, map, &mut keyed),
        ListForm::Jsonl => jsonl(list, map, &mut keyed),
    }
}

type Take<'a> = &'a mut dyn FnMut(u64, Side) -> Result<(), NodeError>;

fn csv(list: &mut dyn BufRead, map: &ListMap, take: Take<'_>) -> Result<(), NodeError> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(list);
    let unread = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        wrong(line, &format!("不能读取（{error}）"))
    };
    let headers: Vec<String> = reader
        .headers()
        .map_err(unread)?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    for name in map.theirs() {
        if !headers.iter().any(|header| header == name) {
            return Err(NodeError::refused(
                format!("清单没有“{name}”列（映射“{}”）", map.name()),
                "请核对清单的表头或修改字段映射",
            ));
        }
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(unread)? {
        let line = record.position().map_or(0, csv::Position::line);
        let of = |name: &str| {
            let column = headers.iter().position(|header| header == name)?;
            record.get(column).map(str::to_owned)
        };
        take(line, map.to_ours(of))?;
    }
    Ok(())
}

fn jsonl(list: &mut dyn BufRead, map: &ListMap, take: Take<'_>) -> Result<(), NodeError> {
    let (mut text, mut line) = (Vec::new(), 0);
    loop {
        text.clear();
        line += 1;
        let read = Read::take(&mut *list, LONGEST).read_until(b'\n', &mut text);
        let read = read.map_err(|error| wrong(line, &format!("不能读取（{}）", crate::cause(&error))))?;
        if read == 0 {
            return Ok(());
        }
        let bytes = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text).trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        let object: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|error| wrong(line, &format!("不是一个 JSON 对象（{error}）")))?;
        take(line, map.to_ours(|name| text_of(object.get(name)?)))?;
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(parts.iter().filter_map(text_of).collect::<Vec<_>>().join(" ")),
        other => Some(other.to_string()),
    }
}

fn wrong(line: u64, what: &str) -> NodeError {
    NodeError::refused(format!("清单第 {line} 行{what}"), "请改正清单后重新对账")
}
