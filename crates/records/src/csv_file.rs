//! CSV: UTF-8 with or without a byte order mark, or GB18030 (what Excel saves on a Chinese Windows).

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, GB18030, UTF_8};

use crate::ReadError;
use crate::table::{Cell, Row};

const BLOCK: usize = 64 * 1024;

/// Opens a CSV file: one pass over the bytes finds the encoding, the rows are then streamed.
pub(crate) fn open<R: Read + Seek>(mut reader: R) -> Result<Rows<R>, ReadError> {
    reader.seek(SeekFrom::Start(0))?;
    let utf8 = is_utf8(&mut reader)?;
    reader.seek(SeekFrom::Start(0))?;
    let encoding = if utf8 { UTF_8 } else { GB18030 };
    let decoding = Decoding {
        reader,
        decoder: encoding.new_decoder_with_bom_removal(),
        block: vec![0; BLOCK],
        start: 0,
        end: 0,
        last: false,
        finished: false,
    };
    let csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BLOCK)
        .from_reader(decoding);
    Ok(Rows { csv, legacy: !utf8, record: csv::StringRecord::new() })
}

/// Is the whole stream valid UTF-8? GB18030 text of any length is practically never.
fn is_utf8(reader: &mut impl Read) -> io::Result<bool> {
    let mut block = vec![0; BLOCK];
    let mut kept = 0;
    loop {
        let read = reader.read(&mut block[kept..])?;
        if read == 0 {
            return Ok(kept == 0);
        }
        let filled = kept + read;
        match std::str::from_utf8(&block[..filled]) {
            Ok(_) => kept = 0,
            Err(error) if error.error_len().is_some() => return Ok(false),
            Err(error) => {
                // The block ends inside a character: its first bytes stay for the next round.
                block.copy_within(error.valid_up_to()..filled, 0);
                kept = filled - error.valid_up_to();
            }
        }
    }
}

/// Decodes a byte stream to UTF-8 while it is read.
struct Decoding<R> {
    reader: R,
    decoder: Decoder,
    block: Vec<u8>,
    start: usize,
    end: usize,
    last: bool,
    finished: bool,
}

impl<R: Read> Read for Decoding<R> {
    /// `out` must hold at least one character (the CSV reader brings its 64 KB buffer).
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.finished {
            if self.start == self.end && !self.last {
                self.start = 0;
                self.end = self.reader.read(&mut self.block)?;
                self.last = self.end == 0;
            }
            let input = &self.block[self.start..self.end];
            let (result, read, written, _) = self.decoder.decode_to_utf8(input, out, self.last);
            self.start += read;
            self.finished = self.last && result == encoding_rs::CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// The rows of a CSV file.
pub(crate) struct Rows<R> {
    csv: csv::Reader<Decoding<R>>,
    legacy: bool,
    record: csv::StringRecord,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.csv.read_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => {
                // Quoted cells hold line ends: the position, not a counter, knows the line. After lines that are
                // quite empty it is the first of these.
                let number = self.record.position().map_or(0, |position| position.line() as usize);
                let cells = self.record.iter().enumerate().filter(|(_, text)| !text.is_empty());
                Some(Ok(Row {
                    number,
                    cells: cells.map(|(column, text)| (column, self.cell(text))).collect(),
                }))
            }
            Err(error) => Some(Err(failed(error))),
        }
    }
}

impl<R> Rows<R> {
    fn cell(&self, text: &str) -> Cell {
        // Only a decoder writes U+FFFD; in a file that is UTF-8 somebody put it there.
        if self.legacy && text.contains('\u{FFFD}') {
            return Cell::Broken(format!("“{text}”有无法识别的字节，文件既不是 UTF-8 也不是 GB18030 编码"));
        }
        Cell::Text(text.to_owned())
    }
}

fn failed(error: csv::Error) -> ReadError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ReadError::Io(error),
        other => ReadError::file(format!("不是 CSV 文件（{other:?}）"), "请另存为“CSV UTF-8（逗号分隔）”"),
    }
}
