//! Plain tables of texts for people: reports, lists.

use std::io::Write;

use crate::WriteError;
use crate::sheet::Sheet;

/// Writes a workbook with one sheet of text cells under a header. Each row has as many cells as the header, or fewer.
///
/// # Errors
/// [`WriteError::Sheet`] with more than 1,048,575 rows or a cell of more than 32,767 characters.
pub fn write_table_xlsx(
    mut writer: impl Write,
    name: &str,
    headers: &[&str],
    rows: &[Vec<String>],
) -> Result<(), WriteError> {
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    let mut sheet = Sheet::new(name, &headers)?;
    for row in rows {
        sheet.row(row.iter().take(headers.len()).map(String::as_str))?;
    }
    sheet.finish(&mut writer)
}
