//! Rows with a header line, from CSV or a sheet, as records.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalogue::{Catalogue, Kind};
use model::{FaceValue, Record, Row as FaceRow};

use crate::cell::{EXACT_BELOW, is_scientific, iso_date, number_text, restore, serial_date};
use crate::header::{FIELDS, Field, normal};
use crate::resolve::{Column, Target, closest, resolve};
use crate::{Entries, Entry, ReadError};

/// A cell as the file holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    /// Serial day of the 1900 system, in a cell that is formatted as a date.
    Date(f64),
    /// Not a value at all; says what it is.
    Broken(String),
}

/// A line of the table: its number in the file and its cells that are not empty, by column from 0.
pub(crate) struct Row {
    pub(crate) number: usize,
    pub(crate) cells: Vec<(usize, Cell)>,
}

/// Serial days below this (1927) in a plain number are no dates but years, counts or codes.
const FIRST_PLAIN_SERIAL: f64 = 10_000.0;

/// Records of a table whose first row that is not blank is the header.
pub(crate) fn entries<'a>(
    rows: impl Iterator<Item = Result<Row, ReadError>> + 'a,
    catalogue: &'a Catalogue,
) -> Entries<'a> {
    Box::new(Table { rows, catalogue, headers: Vec::new(), layouts: HashMap::new(), ended: false })
}

struct Table<'a, I> {
    rows: I,
    catalogue: &'a Catalogue,
    /// By column; blank where the header is.
    headers: Vec<String>,
    /// By the text of the kind cell: what each column means.
    layouts: HashMap<String, Vec<Option<Column>>>,
    ended: bool,
}

impl<I: Iterator<Item = Result<Row, ReadError>>> Iterator for Table<'_, I> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let result = match self.rows.next() {
                Some(row) => row.and_then(|row| self.take(row)).transpose(),
                None => {
                    self.ended = true;
                    let what = "文件是空的，没有表头";
                    let empty = || ReadError::file(what, "第一行应为表头：记录号、证照类型和各照面项的名称");
                    self.headers.is_empty().then(|| Err(empty()))
                }
            };
            if let Some(result) = result {
                self.ended |= result.as_ref().is_err_and(|error| !error.is_line());
                return Some(result);
            }
        }
        None
    }
}

impl<I> Table<'_, I> {
    /// Takes the header, or makes an entry; `None` for the header and for blank rows.
    fn take(&mut self, row: Row) -> Result<Option<Entry>, ReadError> {
        let blank =
            row.cells.iter().all(|(_, cell)| matches!(cell, Cell::Text(text) if text.trim().is_empty()));
        if blank {
            return Ok(None);
        }
        if self.headers.is_empty() {
            self.headers = header(row, self.catalogue)?;
            return Ok(None);
        }
        self.entry(row).map(Some)
    }

    fn entry(&mut self, row: Row) -> Result<Entry, ReadError> {
        let key = self.kind_of(&row)?;
        if !self.layouts.contains_key(&key) {
            let layout = layout(&self.headers, &key, row.number, self.catalogue)?;
            self.layouts.insert(key.clone(), layout);
        }
        let mut builder = Builder::default();
        for (column, cell) in row.cells {
            let header = self.headers.get(column).map_or("", String::as_str);
            let meaning = self.layouts[&key].get(column).and_then(Option::as_ref);
            let at = |what: String, fix: &str| {
                let column =
                    if header.is_empty() { format!("第 {} ", column + 1) } else { header.to_owned() };
                ReadError::Line { line: row.number, column: Some(column), what, fix: fix.into() }
            };
            let date = meaning.is_some_and(|column| column.date);
            let text = text_of(cell, date).map_err(|(what, fix)| at(what, fix))?;
            match meaning {
                _ if text.trim().is_empty() => {}
                Some(column) => builder.put(&column.target, text),
                None if header.is_empty() => {
                    return Err(at("有内容但没有表头".into(), "请补上表头，或清空该列"));
                }
                None => {
                    let what = format!("“{}”没有“{header}”这一项", name_of(&key, self.catalogue));
                    return Err(at(what, "请清空该列的这个单元格，或核对证照类型"));
                }
            }
        }
        Ok(Entry { line: row.number, record: builder.finish() })
    }

    /// The text of the row's kind cell.
    fn kind_of(&self, row: &Row) -> Result<String, ReadError> {
        let is_kind = |column: usize| {
            self.headers.get(column).is_some_and(|name| Field::of(&normal(name)) == Some(Field::Kind))
        };
        let cell = row.cells.iter().find(|(column, _)| is_kind(*column)).map(|(_, cell)| cell.clone());
        let text = cell
            .map(|cell| text_of(cell, false))
            .transpose()
            .map_err(|(what, fix)| ReadError::line(row.number, what, fix))?;
        let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        text.ok_or_else(|| ReadError::line(row.number, "缺少证照类型", "请填写证照类型的名称或代码"))
    }
}

/// Checks a header row: every name means something for some kind, none stands twice, the kind is named.
fn header(row: Row, catalogue: &Catalogue) -> Result<Vec<String>, ReadError> {
    let width = row.cells.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
    let mut headers = vec![String::new(); width];
    let mut seen = HashSet::new();
    for (column, cell) in row.cells {
        let name = match cell {
            Cell::Text(text) => text.trim().to_owned(),
            _ => {
                return Err(ReadError::file(format!("第 {} 列的表头不是文字", column + 1), "第一行应为表头"));
            }
        };
        if name.is_empty() {
            continue;
        }
        let known = Field::of(&normal(&name)).is_some()
            || catalogue.kinds().iter().any(|kind| resolve(kind, &name).is_some());
        if !known {
            let fix = match closest(catalogue, &name) {
                Some(like) => format!("最接近的是“{like}”，请核对后改正，或删去该列"),
                None => {
                    let fixed: Vec<&str> = FIELDS.iter().map(|(_, chinese, _)| *chinese).collect();
                    let fixed = fixed.join("、");
                    format!("请改用{fixed}或照面项的中文名（见本类证照的模板），或删去该列")
                }
            };
            return Err(ReadError::file(format!("不认识的表头“{name}”"), fix));
        }
        if !seen.insert(normal(&name)) {
            return Err(ReadError::file(format!("表头“{name}”出现了两次"), "请删去其中一列"));
        }
        headers[column] = name;
    }
    if !headers.iter().any(|name| Field::of(&normal(name)) == Some(Field::Kind)) {
        return Err(ReadError::file("没有“证照类型”列", "请加上该列，填写证照类型的名称或代码"));
    }
    Ok(headers)
}

/// The name of the kind that a cell names by code, slug or name.
fn name_of<'a>(key: &'a str, catalogue: &'a Catalogue) -> &'a str {
    let named = |kind: &&Kind| kind.type_code == key || kind.slug == key || kind.name == key;
    catalogue.kinds().iter().find(named).map_or(key, |kind| &kind.name)
}

/// What each column means for a kind. The newest version of the kind that knows a header decides.
fn layout(
    headers: &[String],
    key: &str,
    line: usize,
    catalogue: &Catalogue,
) -> Result<Vec<Option<Column>>, ReadError> {
    let named = |kind: &&Kind| kind.type_code == key || kind.slug == key || kind.name == key;
    let mut versions: Vec<_> = catalogue.kinds().iter().filter(named).collect();
    versions.sort_by_key(|kind| std::cmp::Reverse(kind.effective_from));
    if versions.is_empty() {
        let what = format!("证照类型“{key}”不在目录中");
        return Err(ReadError::line(line, what, "请填写目录中的证照类型名称或代码"));
    }
    let columns: Vec<_> =
        headers.iter().map(|name| versions.iter().find_map(|kind| resolve(kind, name))).collect();
    let mut seen = HashMap::new();
    for (name, column) in headers.iter().zip(&columns) {
        if let Some(column) = column
            && let Some(twin) = seen.insert(column.target.clone(), name)
        {
            return Err(ReadError::file(format!("表头“{twin}”和“{name}”是同一项"), "请删去其中一列"));
        }
    }
    Ok(columns)
}

/// A cell as record text; the error says what Excel did to it, and the fix.
fn text_of(cell: Cell, date: bool) -> Result<String, (String, &'static str)> {
    match cell {
        Cell::Text(text) => {
            if is_scientific(&text) {
                let fix = "请把该列设为文本格式后重新填写完整号码";
                return Err((format!("“{text}”是 Excel 的科学记数，原号码的末几位已丢失"), fix));
            }
            let text = restore(&text);
            Ok(if date { iso_date(text) } else { text.to_owned() })
        }
        Cell::Number(value) if value.abs() >= EXACT_BELOW || !value.is_finite() => {
            let what = format!("“{value}”是超过 15 位的数字，Excel 已把末几位改成 0");
            Err((what, "请把该列设为文本格式后重新填写完整号码"))
        }
        Cell::Number(value) if date && value >= FIRST_PLAIN_SERIAL => {
            Ok(serial_date(value).unwrap_or_else(|| number_text(value)))
        }
        Cell::Number(value) => Ok(number_text(value)),
        Cell::Date(value) => {
            let day = serial_date(value)
                .ok_or_else(|| (format!("“{value}”不是可用的日期"), "请写成 YYYY-MM-DD，例如 2026-05-01"))?;
            if date {
                return Ok(day);
            }
            let what = format!("Excel 把内容改成了日期（{day}），原文已丢失");
            Err((what, "请把该列设为文本格式后重新填写"))
        }
        Cell::Broken(what) => Err((what, "请改正该单元格")),
    }
}

/// Gathers the cells of a row; lists and groups are put in order of their numbers at the end.
#[derive(Default)]
struct Builder {
    record: Record,
    lists: BTreeMap<String, BTreeMap<u16, String>>,
    groups: BTreeMap<String, BTreeMap<u16, FaceRow>>,
}

impl Builder {
    fn put(&mut self, target: &Target, text: String) {
        match target {
            Target::Envelope(field) => field.set(&mut self.record, text),
            Target::Item(short) => self.record.face.set(short.as_str(), FaceValue::Text(text)),
            Target::Whole(short) => {
                let values = text.split(['、', '，', '；', ',', ';', '|', '\n']).map(str::trim);
                let list = self.lists.entry(short.clone()).or_default();
                for value in values.filter(|value| !value.is_empty()) {
                    // Unnumbered values go behind the numbered ones (1 to 999).
                    let next =
                        list.keys().next_back().map_or(1000, |last| (*last).max(999).saturating_add(1));
                    list.insert(next, value.to_owned());
                }
            }
            Target::Listed { short, number } => {
                self.lists.entry(short.clone()).or_default().insert(*number, text);
            }
            Target::Grouped { group, number, short } => {
                let rows = self.groups.entry(group.clone()).or_default();
                rows.entry(*number).or_default().insert(short.clone(), text);
            }
        }
    }

    fn finish(mut self) -> Record {
        for (short, values) in self.lists {
            self.record.face.set(short, FaceValue::List(values.into_values().collect()));
        }
        for (group, rows) in self.groups {
            self.record.face.set(group, FaceValue::Rows(rows.into_values().collect()));
        }
        self.record
    }
}
