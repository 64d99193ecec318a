//! Records as files.

use std::collections::HashMap;
use std::io::Write;

use catalogue::{Item, Kind};
use model::{FaceValue, Record};

use crate::cell::neutralise;
use crate::header::FIELDS;
use crate::resolve::{Target, resolve};
use crate::sheet::Sheet;
use crate::{Format, WriteError, append_json_line};

/// Writes records of one kind from the writer's present place.
///
/// CSV is UTF-8 with a byte order mark and CRLF. A table cannot tell a blank value from an absent one, nor a list item
/// given as a single text from a list of one: both read back as the latter.
///
/// # Errors
/// [`WriteError::NoCell`] when CSV or xlsx has no place for a value (an item that the kind does not have, a list for a
/// single item); JSON lines carry everything.
pub fn write(
    format: Format,
    mut writer: impl Write,
    kind: &Kind,
    records: &[Record],
) -> Result<(), WriteError> {
    match format {
        Format::Jsonl => {
            let mut line = Vec::new();
            for record in records {
                line.clear();
                append_json_line(record, &mut line);
                writer.write_all(&line)?;
            }
        }
        Format::Csv => {
            let columns = columns(kind, records)?;
            writer.write_all("\u{FEFF}".as_bytes())?;
            let mut csv =
                csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut writer);
            csv.write_record(columns.iter().map(|column| &column.header)).map_err(io_error)?;
            for record in records {
                let cells = columns.iter().map(|column| neutralise(&text(record, &column.target)));
                csv.write_record(cells).map_err(io_error)?;
            }
            csv.flush()?;
        }
        Format::Xlsx => {
            let columns = columns(kind, records)?;
            let headers: Vec<_> = columns.iter().map(|column| column.header.clone()).collect();
            let mut sheet = Sheet::new(&kind.name, &headers)?;
            for record in records {
                let cells: Vec<_> =
                    columns.iter().map(|column| neutralise(&text(record, &column.target))).collect();
                sheet.row(cells.iter().map(String::as_str))?;
            }
            sheet.finish(&mut writer)?;
        }
    }
    Ok(writer.flush()?)
}

fn io_error(error: csv::Error) -> WriteError {
    // All records have the width of the header: only the writer can fail.
    WriteError::Io(error.into())
}

pub(crate) struct Column {
    pub(crate) header: String,
    pub(crate) target: Target,
}

/// The columns for these records: the envelope, all items that a record may bring, and as many numbered columns as the
/// longest list needs.
pub(crate) fn columns(kind: &Kind, records: &[Record]) -> Result<Vec<Column>, WriteError> {
    let longest = longest(kind, records)?;
    let count = |short: &str| longest.get(short).copied().unwrap_or(0);
    let mut columns: Vec<_> = FIELDS
        .iter()
        .map(|(field, chinese, _)| Column { header: (*chinese).to_owned(), target: Target::Envelope(*field) })
        .collect();
    for item in kind.items.iter().filter(|item| item.is_given() || count(&item.short) > 0) {
        if item.list {
            for number in 1..=count(&item.short).max(1) {
                let target = Target::Listed { short: item.short.clone(), number };
                columns.push(named(
                    kind,
                    format!("{}{number}", item.name),
                    &format!("{}{number}", item.short),
                    target,
                ));
            }
        } else {
            columns.push(named(kind, item.name.clone(), &item.short, Target::Item(item.short.clone())));
        }
    }
    for group in &kind.groups {
        for number in 1..=count(&group.short).max(1) {
            for item in &group.items {
                let (short, group_short) = (item.short.clone(), group.short.clone());
                let plain = format!("{}{number}.{}", group.short, item.short);
                let target = Target::Grouped { group: group_short, number, short };
                columns.push(named(kind, format!("{}{number}·{}", group.name, item.name), &plain, target));
            }
        }
    }
    Ok(columns)
}

/// A column under its Chinese name, or under its short name where the Chinese one means something else.
fn named(kind: &Kind, name: String, short: &str, target: Target) -> Column {
    let own = resolve(kind, &name).is_some_and(|column| column.target == target);
    Column { header: if own { name } else { short.to_owned() }, target }
}

/// How many values each item or group has at most; refuses what a table cannot hold.
fn longest(kind: &Kind, records: &[Record]) -> Result<HashMap<String, u16>, WriteError> {
    let mut longest = HashMap::new();
    for record in records {
        for (short, value) in record.face.iter().filter(|(_, value)| !value.is_blank()) {
            let refuse = |what: &str| WriteError::NoCell {
                record_id: record.record_id.clone(),
                item: short.to_owned(),
                what: what.to_owned(),
            };
            let count = match (kind.item(short), kind.group(short), value) {
                (Some(item), _, FaceValue::Text(_)) if is_column(item) => 1,
                (Some(item), _, FaceValue::List(list)) if item.list => filled(list),
                (_, Some(group), FaceValue::Rows(rows)) => {
                    let known = |key: &String| group.items.iter().any(|item| item.short == *key);
                    if !rows.iter().all(|row| row.keys().all(known)) {
                        return Err(refuse("有一行含有目录中没有的项"));
                    }
                    rows.len()
                }
                (None, None, _) => return Err(refuse("本类证照没有这一项")),
                _ => return Err(refuse("值的形式与目录不符（单值、列表、分组）")),
            };
            if count > 999 {
                return Err(refuse("超过 999 项"));
            }
            let most = longest.entry(short.to_owned()).or_insert(0);
            *most = (*most).max(count as u16);
        }
    }
    Ok(longest)
}

fn is_column(item: &Item) -> bool {
    // The photo is a file beside the record; its column is that of the envelope.
    item.item_type != catalogue::ItemType::Photo
}

fn filled(list: &[String]) -> usize {
    list.iter().filter(|text| !text.trim().is_empty()).count()
}

/// The text of a record in a column; empty when absent.
fn text(record: &Record, target: &Target) -> String {
    let index = |number: u16| usize::from(number) - 1;
    let found = match target {
        Target::Envelope(field) => Some(field.get(record)),
        Target::Item(short) | Target::Whole(short) => record.face.text(short),
        Target::Listed { short, number } => match record.face.get(short) {
            Some(FaceValue::List(list)) => {
                list.iter().filter(|text| !text.trim().is_empty()).nth(index(*number)).map(String::as_str)
            }
            Some(FaceValue::Text(text)) if *number == 1 => Some(text.as_str()),
            _ => None,
        },
        Target::Grouped { group, number, short } => match record.face.get(group) {
            Some(FaceValue::Rows(rows)) => {
                rows.get(index(*number)).and_then(|row| row.get(short)).map(String::as_str)
            }
            _ => None,
        },
    };
    found.unwrap_or_default().to_owned()
}
