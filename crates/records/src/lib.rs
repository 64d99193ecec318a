//! 记录文件: reads and writes record files (JSON lines, CSV, xlsx) and writes lists of findings.
//!
//! Invariant: what is written reads back as the same records in each of the three formats, and what cannot be carried over
//! unchanged is refused with the place and the fix, never guessed.

mod cell;
mod csv_file;
mod error;
mod findings;
mod format;
mod header;
mod jsonl;
mod listing;
mod resolve;
mod sheet;
mod table;
mod template;
mod write;
mod xlsx;

pub use error::{ReadError, WriteError};
pub use findings::{write_findings_jsonl, write_findings_xlsx};
pub use format::Format;
pub use jsonl::append_json_line;
pub use listing::write_table_xlsx;
pub use template::write_template_xlsx;
pub use write::write;

use std::io::{Read, Seek};

use catalogue::Catalogue;
use model::Record;

/// A record and where it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Line of a text file, row of a sheet; 1 is the first, a header counts.
    pub line: usize,
    /// The record, unchecked.
    pub record: Record,
}

/// What [`read`] yields.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, ReadError>> + 'a>;

/// Reads a record file from its beginning. Text formats are streamed; a sheet is held packed in memory.
///
/// A [`ReadError::Line`] concerns one line and the next ones follow; after a [`ReadError::File`] nothing follows.
/// The catalogue resolves the headers of CSV and xlsx; JSON lines carry short names and need none.
pub fn read<'a, R: Read + Seek + 'a>(format: Format, reader: R, catalogue: &'a Catalogue) -> Entries<'a> {
    read_within(format, reader, u64::MAX, catalogue)
}

/// [`read`] for a file that a stranger sent: a workbook whose parts, inflated, or whose texts are more than `most` bytes is refused before
/// it takes that memory.
pub fn read_within<'a, R: Read + Seek + 'a>(
    format: Format,
    reader: R,
    most: u64,
    catalogue: &'a Catalogue,
) -> Entries<'a> {
    match format {
        Format::Jsonl => Box::new(jsonl::Lines::new(reader)),
        Format::Csv => match csv_file::open(reader) {
            Ok(rows) => table::entries(rows, catalogue),
            Err(error) => Box::new(std::iter::once(Err(error))),
        },
        Format::Xlsx => match xlsx::open(reader, most) {
            Ok(rows) => table::entries(rows, catalogue),
            Err(error) => Box::new(std::iter::once(Err(error))),
        },
    }
}
