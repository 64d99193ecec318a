//! Excel workbooks, read: the first sheet, cell by cell into packed rows.

use std::io::{Read, Seek, copy, sink};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use crate::ReadError;
use crate::cell::DAYS_1904;
use crate::table::{Cell, Row};

/// A row as it waits in memory: all its texts in one string. Only cells that exist take room, so a sheet that claims
/// a million columns costs nothing.
struct Packed {
    number: usize,
    text: String,
    /// Column, what the text is, where it ends.
    cells: Vec<(u16, Tag, u32)>,
}

#[derive(Clone, Copy)]
enum Tag {
    Text,
    Number,
    Date,
    Broken,
}

/// Bytes that a cell takes beside its text.
const CELL: u64 = 8;

/// Opens a workbook and reads its first sheet whole; `most`: as [`crate::read_within`] says.
pub(crate) fn open<R: Read + Seek>(
    mut reader: R,
    most: u64,
) -> Result<impl Iterator<Item = Result<Row, ReadError>>, ReadError> {
    if most < u64::MAX {
        inflate(&mut reader, most)?;
        reader.rewind()?;
    }
    let mut book: Xlsx<R> = Xlsx::new(reader).map_err(failed)?;
    let name =
        book.sheet_names().first().cloned().ok_or_else(|| ReadError::file("没有工作表", "请重新导出"))?;
    let days = if book.has_1904_epoch() { DAYS_1904 } else { 0.0 };
    let mut cells = book.worksheet_cells_reader(&name).map_err(failed)?;
    let mut rows: Vec<Packed> = Vec::new();
    let mut taken = 0;
    while let Some(cell) = cells.next_cell().map_err(failed)? {
        let (row, column) = cell.get_position();
        let number = row as usize + 1;
        if rows.last().is_none_or(|last| last.number != number) {
            if let Some(last) = rows.last_mut() {
                last.text.shrink_to_fit();
                last.cells.shrink_to_fit();
            }
            rows.push(Packed { number, text: String::new(), cells: Vec::new() });
        }
        if let Some(packed) = rows.last_mut() {
            let before = packed.text.len();
            pack(packed, column, cell.get_value(), days);
            // One long text that a hundred thousand cells name is a hundred thousand texts here.
            taken += (packed.text.len() - before) as u64 + CELL;
            if taken > most {
                return Err(too_much(most));
            }
        }
    }
    Ok(rows.into_iter().map(|packed| Ok(unpack(&packed))))
}

/// Inflates every part once, for nothing but its size: what a part says of itself may be a lie.
fn inflate<R: Read + Seek>(reader: &mut R, most: u64) -> Result<(), ReadError> {
    // What is no archive, or a broken one, is named by the workbook's reader.
    let Ok(mut archive) = ZipArchive::new(reader) else { return Ok(()) };
    let mut left = most;
    for part in 0..archive.len() {
        let Ok(part) = archive.by_index(part) else { continue };
        let mut part = part.take(left.saturating_add(1));
        // A part that breaks off has been inflated as far as it goes.
        let _ = copy(&mut part, &mut sink());
        let read = left.saturating_add(1) - part.limit();
        left = left.checked_sub(read).ok_or_else(|| too_much(most))?;
    }
    Ok(())
}

fn too_much(most: u64) -> ReadError {
    let what = format!("工作簿展开后超过 {} MB", most / 1_000_000);
    ReadError::file(what, "请只保留要导入的工作表和列，或分成几个文件")
}

fn pack(row: &mut Packed, column: u32, value: &DataRef<'_>, days: f64) {
    use std::fmt::Write;
    let tag = match value {
        DataRef::Empty => return,
        DataRef::String(text) => push(row, text, Tag::Text),
        DataRef::SharedString(text) => push(row, text, Tag::Text),
        DataRef::DateTimeIso(text) => push(row, text.split('T').next().unwrap_or(text), Tag::Text),
        DataRef::Int(value) => push(row, &value.to_string(), Tag::Number),
        DataRef::Float(value) => push(row, &value.to_string(), Tag::Number),
        DataRef::DateTime(value) => push(row, &(value.as_f64() + days).to_string(), Tag::Date),
        DataRef::Bool(_) => push(row, "单元格是逻辑值（TRUE 或 FALSE）", Tag::Broken),
        DataRef::DurationIso(_) => push(row, "单元格是时长", Tag::Broken),
        DataRef::Error(error) => {
            // Writing to a String cannot fail.
            let _ = write!(row.text, "单元格是公式错误 {error}");
            Tag::Broken
        }
    };
    // A sheet has at most 16,384 columns, and a row's text stays far below 4 GB.
    row.cells.push((column as u16, tag, row.text.len() as u32));
}

fn push(row: &mut Packed, text: &str, tag: Tag) -> Tag {
    row.text.push_str(text);
    tag
}

fn unpack(row: &Packed) -> Row {
    let mut start = 0;
    let cells = row.cells.iter().map(|(column, tag, end)| {
        let text = &row.text[start..*end as usize];
        start = *end as usize;
        let cell = match tag {
            Tag::Text => Cell::Text(text.to_owned()),
            // The text was written from a number a moment ago and reads back as the same one.
            Tag::Number => Cell::Number(text.parse().unwrap_or(f64::NAN)),
            Tag::Date => Cell::Date(text.parse().unwrap_or(f64::NAN)),
            Tag::Broken => Cell::Broken(text.to_owned()),
        };
        (usize::from(*column), cell)
    });
    Row { number: row.number, cells: cells.collect() }
}

fn failed(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Io(error) => ReadError::Io(error),
        other => ReadError::file(
            match other {
                // What the libraries say of it is English, and no help to whoever sends the file.
                XlsxError::Zip(_) | XlsxError::Xml(_) | XlsxError::XmlAttr(_) => {
                    "不是可用的 xlsx 文件：内容不是 Excel 工作簿，或文件不完整".to_owned()
                }
                other => format!("不是可用的 xlsx 文件（{other}）"),
            },
            "请用 Excel 另存为“Excel 工作簿（.xlsx）”；旧的 .xls 文件也须另存，有密码的先取消密码",
        ),
    }
}
