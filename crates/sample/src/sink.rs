//! Writing a sample as files, wherever they go.

use std::io;

use model::Record;
use records::Format;

use crate::error::SampleError;
use crate::plan::Sample;

/// Where the files go. Paths use `/` and are relative (`photos/S1-000001.jpg`).
pub trait Sink {
    /// A whole file.
    ///
    /// # Errors
    /// Whatever stops the writing; it stops the sample.
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// The next piece of a file that is written in pieces. The first piece makes the file; other files may come between.
    ///
    /// # Errors
    /// As for [`Self::file`].
    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;
}

/// Pieces are about this long.
const PIECE: usize = 256 * 1024;

/// Writes `<slug>.<format>` for each kind, `photos/<record_id>.jpg` and `truth.jsonl`. `done` hears after each record how
/// many are written.
///
/// JSON lines are streamed; CSV and xlsx hold the records of one kind in memory.
///
/// # Errors
/// What the sink or the format refuses.
pub fn write_sample(
    sample: &Sample<'_>,
    format: Format,
    sink: &mut impl Sink,
    mut done: impl FnMut(usize),
) -> Result<(), SampleError> {
    let mut truth = Vec::new();
    for kind in sample.kinds().iter().filter(|kind| !kind.range.is_empty()) {
        let path = format!("{}.{}", kind.kind.slug, format.extension());
        let mut lines = Vec::new();
        let mut table: Vec<Record> = Vec::new();
        for number in kind.range.clone() {
            let Some(case) = sample.case(number) else { continue };
            if let (Some(path), Some(photo)) = (&case.record.photo, sample.photo(number)) {
                sink.file(path, &photo)?;
            }
            if let Some(one) = &case.truth {
                one.append_line(&mut truth);
            }
            match format {
                Format::Jsonl => records::append_json_line(&case.record, &mut lines),
                Format::Csv | Format::Xlsx => table.push(case.record),
            }
            if lines.len() >= PIECE {
                sink.append(&path, &lines)?;
                lines.clear();
            }
            done(number + 1);
        }
        match format {
            Format::Jsonl => sink.append(&path, &lines)?,
            Format::Csv | Format::Xlsx => {
                let mut bytes = Vec::new();
                records::write(format, &mut bytes, kind.kind, &table)?;
                sink.file(&path, &bytes)?;
            }
        }
    }
    Ok(sink.file("truth.jsonl", &truth)?)
}
