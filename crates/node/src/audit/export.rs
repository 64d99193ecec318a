//! The export: a file that anyone can check with nothing but public keys (`docs/ledger-format.md`, "Export").

use std::io::Write;
use std::path::Path;

use ledger::{Header, SignedCheckpoint, checkpoint_line, end_line, entry_line, header_line, parse_hex};
use store::rows::audit as rows;

use super::stored::{checkpoint, int};
use super::{Log, Look};
use crate::NodeError;

/// Leaves read at a time.
const PAGE: u32 = 2000;

/// How much is exported. An export always begins with entry 0: nothing else proves that nothing is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportRange {
    /// At most so many entries; the export ends at the last checkpoint within. `None`: all that is signed.
    pub until: Option<u64>,
    /// With every checkpoint, or with the last one only.
    pub every_checkpoint: bool,
}

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Entries.
    pub entries: u64,
    /// Checkpoints.
    pub checkpoints: u64,
}

impl Log<'_> {
    /// Writes the log to `out`; the export is itself an entry, of which this file knows nothing yet. Rows are written as they are: whoever checks the file sees what was done to them.
    ///
    /// # Errors
    /// No checkpoint in the range; the rows; `out`.
    pub fn audit_export(
        &self,
        range: ExportRange,
        out: &mut dyn Write,
        look: Look<'_>,
    ) -> Result<Exported, NodeError> {
        let until = range.until.map_or(i64::MAX, int);
        let last = checkpoint(self.store.read(|session| rows::checkpoint_within(session, until))?)?;
        let last = last.ok_or_else(|| {
            NodeError::refused(
                "审计日志在所给范围内还没有检查点",
                "请先签署检查点（luzheng audit checkpoint），或扩大范围",
            )
        })?;
        let size = last.checkpoint().size;
        self.note(look, "audit.export", None, &[("entries", size.to_string())])?;
        let every_checkpoint = range.every_checkpoint;
        line(out, &header_line(&Header { origin: self.origin.to_owned(), size, every_checkpoint }))?;
        let mut done = Exported { entries: 0, checkpoints: 0 };
        let mut next = 0;
        let mut checkpoints = Checkpoints { log: *self, page: Vec::new(), passed: 0 };
        let mut due = if every_checkpoint { checkpoints.next()? } else { Some(last.clone()) };
        loop {
            let leaves = self.store.read(|session| rows::leaves(session, next, PAGE))?;
            for leaf in leaves.iter().filter(|leaf| leaf.n < int(size)) {
                while let Some(signed) = due.take_if(|signed| int(signed.checkpoint().size) <= leaf.n) {
                    line(out, &checkpoint_line(&signed)?)?;
                    done.checkpoints += 1;
                    due = checkpoints.next()?;
                }
                // A hash that is none cannot fit its entry; zeros do not either, and the checker says so.
                let hash = parse_hex(&leaf.hash).unwrap_or_default();
                line(out, &entry_line(leaf.n.cast_unsigned(), leaf.entry.as_bytes(), &hash)?)?;
                done.entries += 1;
            }
            match leaves.last() {
                Some(last) if last.n + 1 < int(size) && leaves.len() == PAGE as usize => next = last.n + 1,
                _ => break,
            }
        }
        while let Some(signed) = due.take_if(|signed| signed.checkpoint().size <= size) {
            line(out, &checkpoint_line(&signed)?)?;
            done.checkpoints += 1;
            due = if every_checkpoint { checkpoints.next()? } else { None };
        }
        line(out, &end_line(done.entries, done.checkpoints))?;
        out.flush().map_err(NodeError::io("写入", Path::new("审计导出")))?;
        Ok(done)
    }
}

/// The stored checkpoints in order of size.
struct Checkpoints<'a> {
    log: Log<'a>,
    page: Vec<(i64, String)>,
    passed: i64,
}

impl Checkpoints<'_> {
    fn next(&mut self) -> Result<Option<SignedCheckpoint>, NodeError> {
        if self.page.is_empty() {
            self.page = self.log.store.read(|session| rows::checkpoints_after(session, self.passed, 256))?;
            self.page.reverse();
        }
        let Some((size, note)) = self.page.pop() else { return Ok(None) };
        self.passed = size;
        Ok(Some(SignedCheckpoint::parse(&note)?))
    }
}

fn line(out: &mut dyn Write, text: &str) -> Result<(), NodeError> {
    writeln!(out, "{text}").map_err(NodeError::io("写入", Path::new("审计导出")))
}
