//! Where records come from: files in a folder, one after the other, with the photos that they name.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use catalogue::Catalogue;
use model::{Finding, Record, Severity};
use records::{Entries, Format, ReadError};

use crate::{NodeError, files};

/// A record with the place of its photo, or a line that could not be read.
pub(crate) enum Item {
    Record { record: Record, photo: Option<PathBuf> },
    Bad(Finding),
}

/// Reads all record files of an input in the order of their names.
pub(crate) struct Source<'a> {
    catalogue: &'a Catalogue,
    waiting: std::vec::IntoIter<PathBuf>,
    current: Option<(PathBuf, Entries<'a>)>,
    read: Arc<AtomicU64>,
    total: u64,
}

impl<'a> Source<'a> {
    pub fn open(input: &Path, catalogue: &'a Catalogue) -> Result<Self, NodeError> {
        let paths = record_files(input)?;
        let total = paths.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|meta| meta.len()).sum();
        Ok(Self { catalogue, waiting: paths.into_iter(), current: None, read: Arc::default(), total })
    }

    /// Bytes read and bytes in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.read.load(Ordering::Relaxed).min(self.total), self.total)
    }

    /// Adds up to `most` items; false when nothing is left.
    pub fn fill(&mut self, out: &mut Vec<Item>, most: usize) -> Result<bool, NodeError> {
        while out.len() < most {
            let Some((path, entries)) = &mut self.current else {
                let Some(path) = self.waiting.next() else { return Ok(false) };
                self.current = Some(self.entries(path)?);
                continue;
            };
            match entries.next() {
                None => self.current = None,
                Some(Ok(entry)) => out.push(item(path, entry.record)),
                Some(Err(error)) if error.is_line() => out.push(Item::Bad(unreadable(path, &error))),
                Some(Err(source)) => return Err(NodeError::Records { path: path.clone(), source }),
            }
        }
        Ok(true)
    }

    fn entries(&self, path: PathBuf) -> Result<(PathBuf, Entries<'a>), NodeError> {
        let file = File::open(&path).map_err(NodeError::io("读取", &path))?;
        let format = format_of(&path).unwrap_or(Format::Jsonl);
        let counted = Counted { inner: BufReader::with_capacity(1 << 16, file), read: self.read.clone() };
        let entries = records::read(format, counted, self.catalogue);
        Ok((path, entries))
    }
}

fn format_of(path: &Path) -> Option<Format> {
    Format::of(&path.file_name()?.to_string_lossy())
}

/// Record files of an input. `truth.jsonl` and `findings.*` of other runs are not records.
pub(crate) fn record_files(input: &Path) -> Result<Vec<PathBuf>, NodeError> {
    if !input.exists() {
        let what = format!("没有“{}”这个文件或目录", input.display());
        return Err(NodeError::refused(what, "请核对 --in"));
    }
    if input.is_file() {
        if format_of(input).is_none() {
            let what = format!("“{}”不是 jsonl、csv 或 xlsx 文件", input.display());
            return Err(NodeError::refused(what, "请用这三种格式之一导出记录"));
        }
        return Ok(vec![input.to_owned()]);
    }
    let mut paths = Vec::new();
    files::walk(input, &mut paths)?;
    paths.retain(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        // Excel keeps a lock file `~$name.xlsx` beside an open workbook.
        let other = matches!(&*stem, "truth" | "findings" | "journal") || stem.starts_with("~$");
        !other && format_of(path).is_some()
    });
    if paths.is_empty() {
        let what = format!("目录“{}”里没有记录文件", input.display());
        return Err(NodeError::refused(what, "请放入 jsonl、csv 或 xlsx 文件，或核对 --in"));
    }
    Ok(paths)
}

fn item(file: &Path, record: Record) -> Item {
    let folder = file.parent().unwrap_or(Path::new("."));
    let inside = |name: &&str| catalogue::photo_is_inside(name);
    let photo = record.photo.as_deref().filter(inside).map(|name| folder.join(name));
    Item::Record { record, photo }
}

fn unreadable(path: &Path, error: &ReadError) -> Finding {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (line, what, fix) = match error {
        ReadError::Line { line, what, fix, .. } => (*line, what.clone(), fix.clone()),
        other => (0, other.to_string(), "请重新导出该文件".into()),
    };
    Finding {
        record_id: format!("{name}#{line}"),
        item: "record".into(),
        item_name: format!("第 {line} 行"),
        rule: "RECORD_SHAPE".into(),
        severity: Severity::Error,
        what,
        fix,
    }
}

/// Counts what is read, for the progress bar.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}
