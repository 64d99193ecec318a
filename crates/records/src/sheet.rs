//! Excel workbooks, written: one sheet of text cells under a bold, frozen header.

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};

use crate::WriteError;

/// Widths in characters of a column.
const NARROWEST: usize = 8;
const WIDEST: usize = 48;

/// A sheet that is filled row by row.
pub(crate) struct Sheet {
    sheet: Worksheet,
    text: Format,
    next: u32,
    widths: Vec<usize>,
}

impl Sheet {
    /// A new sheet with its header row.
    pub(crate) fn new(name: &str, headers: &[String]) -> Result<Self, WriteError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(sheet_name(name))?;
        sheet.set_freeze_panes(1, 0)?;
        // Text format: Excel then leaves long numbers, leading zeros and dates as they are typed.
        let text = Format::new().set_num_format("@");
        let bold = Format::new().set_bold().set_num_format("@").set_align(FormatAlign::Center);
        for (column, header) in headers.iter().enumerate() {
            sheet.set_column_format(column as u16, &text)?;
            sheet.write_string_with_format(0, column as u16, header, &bold)?;
        }
        let widths = headers.iter().map(|header| width(header)).collect();
        Ok(Self { sheet, text, next: 1, widths })
    }

    /// Adds a row; blank texts leave their cells empty.
    pub(crate) fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> Result<(), WriteError> {
        for (column, text) in cells.enumerate().filter(|(_, text)| !text.is_empty()) {
            self.sheet.write_string_with_format(self.next, column as u16, text, &self.text)?;
            self.widths[column] = self.widths[column].max(width(text));
        }
        self.next += 1;
        Ok(())
    }

    /// Writes the workbook. The same rows give the same bytes on any day.
    pub(crate) fn finish(self, out: &mut impl Write) -> Result<(), WriteError> {
        let mut book = Workbook::new();
        book.push_worksheet(self.into_worksheet()?);
        // The library would ask the machine for the time.
        let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        out.write_all(&book.save_to_buffer()?)?;
        Ok(())
    }

    /// The sheet with its widths and its filter, for a workbook of several.
    pub(crate) fn into_worksheet(mut self) -> Result<Worksheet, WriteError> {
        for (column, width) in self.widths.iter().enumerate() {
            self.sheet.set_column_width(column as u16, (*width + 2).clamp(NARROWEST, WIDEST) as f64)?;
        }
        let last = self.widths.len().saturating_sub(1) as u16;
        self.sheet.autofilter(0, 0, self.next - 1, last)?;
        Ok(self.sheet)
    }
}

/// Excel refuses some signs and more than 31 characters in the name of a sheet.
fn sheet_name(name: &str) -> String {
    let refused = |character: &char| !matches!(character, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    name.chars().filter(refused).take(31).collect()
}

/// Columns that a text takes: a Chinese character takes two.
fn width(text: &str) -> usize {
    text.chars().map(|character| if character < '\u{2E80}' { 1 } else { 2 }).sum()
}
