//! JSON lines.

use std::io::{BufRead, BufReader, Read};

use model::Record;

use crate::{Entry, ReadError};

/// A record has about 2 KB; a line this long is another kind of file, and must not fill the memory.
const LONGEST_LINE: u64 = 4 * 1024 * 1024;

pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    line: usize,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(64 * 1024, reader), line: 0, ended: false }
    }

    /// The next line without its end; `None` at the end of the file.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        if bytes.len() as u64 > LONGEST_LINE {
            let what = format!("第 {} 行超过 4 MB，不像 JSON 行文件", self.line);
            return Err(ReadError::file(what, "请确认文件是每行一条记录的 JSON 行格式"));
        }
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        if self.line == 1 && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        Ok(Some(bytes))
    }

    fn entry(&self, bytes: Vec<u8>) -> Result<Entry, ReadError> {
        let text = String::from_utf8(bytes)
            .map_err(|_| ReadError::line(self.line, "不是 UTF-8 编码", "请以 UTF-8 编码重新导出"))?;
        let record = Record::from_json(&text).map_err(|error| {
            let error = error.to_string();
            // The model's sentence already ends in a fix: what comes first is the fault, the rest the remedy.
            let (what, fix) = error.rsplit_once('；').unwrap_or((&error, "请重新导出该行"));
            ReadError::line(self.line, what, fix)
        })?;
        Ok(Entry { line: self.line, record })
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.next_line() {
                Ok(None) => self.ended = true,
                Ok(Some(bytes)) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Some(bytes)) => return Some(self.entry(bytes)),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// Appends a record as one JSON line.
pub fn append_json_line(record: &Record, out: &mut Vec<u8>) {
    out.extend_from_slice(&record.canonical());
    out.push(b'\n');
}
