//! The checker: one pass, no store, no belief in anything but the keys it is given.
//!
//! Memory: the frontier, and for each object its latest entry.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use super::lines::{Header, Line, read_header, read_line};
use super::report::{IssueCode, Report, Rollback};
use crate::{
    Checkpoint, Entry, Frontier, Hash, Latest, LedgerError, Link, NamedKey, Object, SignedCheckpoint,
    leaf_hash, map_key, map_root,
};

/// No honest line comes near this many bytes.
const MAX_LINE: u64 = 1 << 20;

/// Checks an export against the public keys of the log and of its witnesses, and against a newer checkpoint that somebody
/// else kept, if there is one. Whatever is wrong with the export stands in the report.
///
/// # Errors
/// [`LedgerError::Read`] if the reader fails.
pub fn check_export(
    mut reader: impl BufRead,
    keys: &[NamedKey],
    newer: Option<&SignedCheckpoint>,
) -> Result<Report, LedgerError> {
    let mut checker = Checker::new(keys);
    if let Some(newer) = newer {
        checker.take_newer(newer);
    }
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let line = checker.line + 1;
        let read = (&mut reader).take(MAX_LINE).read_until(b'\n', &mut buffer);
        if read.map_err(|error| LedgerError::Read { line, reason: error.to_string() })? == 0 {
            break;
        }
        checker.line = line;
        let text = buffer.strip_suffix(b"\n").and_then(|bytes| std::str::from_utf8(bytes).ok());
        match text {
            Some(text) => checker.take_line(text),
            None => checker.unreadable("行不完整、过长或不是 UTF-8 文本"),
        }
    }
    Ok(checker.finish())
}

/// How far the check has come.
struct Checker<'k> {
    keys: &'k [NamedKey],
    newer: Option<&'k Checkpoint>,
    report: Report,
    line: u64,
    header: Option<Header>,
    ended: bool,
    frontier: Frontier,
    /// Number that the next entry must have.
    next: u64,
    /// Are all leaves so far known? After a gap no root can be compared any more.
    whole: bool,
    /// Entries covered by the last checkpoint whose root was right.
    proven: u64,
    last: Option<Checkpoint>,
    latest: HashMap<Hash, Latest>,
}

impl<'k> Checker<'k> {
    fn new(keys: &'k [NamedKey]) -> Self {
        Self {
            keys,
            newer: None,
            report: Report::new(),
            line: 0,
            header: None,
            ended: false,
            frontier: Frontier::new(),
            next: 0,
            whole: true,
            proven: 0,
            last: None,
            latest: HashMap::new(),
        }
    }

    fn add(&mut self, code: IssueCode, entry: Option<u64>, text: impl Into<String>) {
        self.report.add(code, self.line, entry, text.into());
    }

    /// A line that nothing can be taken from.
    fn unreadable(&mut self, rule: &str) {
        // It may have been an entry, so the tree is no longer known.
        self.whole = false;
        self.add(IssueCode::Line, None, format!("{rule}；请使用原始导出文件。"));
    }

    fn take_newer(&mut self, newer: &'k SignedCheckpoint) {
        match newer.verify(self.keys) {
            Ok(_) => self.newer = Some(newer.checkpoint()),
            Err(error) => self.add(IssueCode::Signature, None, format!("所给的较新检查点不可用：{error}")),
        }
        self.compare_newer();
    }

    fn take_line(&mut self, text: &str) {
        if self.line == 1 {
            match read_header(text) {
                Ok(header) => {
                    self.report.origin.clone_from(&header.origin);
                    self.header = Some(header);
                }
                Err(rule) => self.unreadable(rule),
            }
            return;
        }
        if self.ended {
            self.add(IssueCode::End, None, "末行之后还有内容；请使用原始导出文件。");
        }
        match read_line(text) {
            Ok(Line::Entry { number, entry, leaf }) => self.take_entry(number, entry, leaf),
            Ok(Line::Checkpoint(checkpoint)) => self.take_checkpoint(&checkpoint),
            Ok(Line::End { entries, checkpoints }) => self.take_end(entries, checkpoints),
            Err(rule) => self.unreadable(&rule),
        }
    }

    fn take_entry(&mut self, number: u64, entry: &str, leaf: Hash) {
        self.report.entries += 1;
        if number < self.next {
            self.add(IssueCode::Order, Some(number), format!("第 {number} 条重复、插入或次序颠倒。"));
            return;
        }
        if number > self.next {
            let (first, last) = (self.next, number - 1);
            self.whole = false;
            self.add(IssueCode::Missing, Some(first), format!("缺少第 {first} 条至第 {last} 条。"));
        }
        self.next = number.saturating_add(1);
        if leaf_hash(entry.as_bytes()) != leaf {
            let text = format!("第 {number} 条的内容与其叶摘要不符，已被改动。");
            self.add(IssueCode::Changed, Some(number), text);
        }
        match Entry::parse(entry.as_bytes()) {
            Ok(parsed) => self.take_link(number, parsed.object, leaf),
            Err(error) => self.add(IssueCode::Changed, Some(number), format!("第 {number} 条：{error}")),
        }
        if self.whole {
            // The written hash, not the computed one: if the next root fits, only this entry's text was changed.
            self.frontier.append(leaf);
            self.compare_newer();
        }
    }

    /// The object's chain: each act names the leaf of the one before.
    fn take_link(&mut self, number: u64, object: Option<Object>, leaf: Hash) {
        let Some(Object { key, link }) = object else { return };
        if link == Link::Apart {
            return;
        }
        let previous = self.latest.insert(map_key(&key), Latest { number, leaf });
        let wrong = match (link, previous) {
            (Link::First, Some(previous)) => {
                format!("第 {number} 条称是“{key}”的首条，但此前已有第 {} 条。", previous.number)
            }
            (Link::After(_), None) => format!("第 {number} 条所指的“{key}”上一条不在日志中。"),
            (Link::After(hash), Some(previous)) if hash != previous.leaf => {
                format!("第 {number} 条所指的“{key}”上一条与第 {} 条的叶摘要不符。", previous.number)
            }
            _ => return,
        };
        self.add(IssueCode::Link, Some(number), wrong);
    }

    fn take_checkpoint(&mut self, signed: &SignedCheckpoint) {
        self.report.checkpoints += 1;
        match signed.verify(self.keys) {
            Ok(verified) => {
                for name in &verified.unknown {
                    self.add(
                        IssueCode::UnknownSigner,
                        None,
                        format!("“{name}”的签名未核对：没有给出其公钥。"),
                    );
                }
                self.report.set_witnesses(verified.witnesses);
            }
            Err(error) => self.add(IssueCode::Signature, None, error.to_string()),
        }
        let checkpoint = signed.checkpoint();
        self.check_place(checkpoint);
        let (size, proven) = (checkpoint.size, self.proven);
        if self.whole && size == self.next {
            if checkpoint.root == self.frontier.root() {
                self.proven = size;
            } else {
                self.whole = false;
                let text = format!(
                    "检查点（{size} 条）的树根与条目不符：第 {proven} 条起至此有条目被改动、删除或插入。"
                );
                self.add(IssueCode::Root, Some(proven), text);
            }
        }
        self.last = Some(checkpoint.clone());
    }

    /// Does a checkpoint belong here: to this log, after these entries, after the checkpoint before?
    fn check_place(&mut self, checkpoint: &Checkpoint) {
        let size = checkpoint.size;
        if checkpoint.origin != self.report.origin {
            let text = format!("检查点属于另一日志“{}”。", checkpoint.origin);
            self.add(IssueCode::Checkpoint, None, text);
        }
        if size != self.next {
            let text = format!("检查点为 {size} 条，但此前的条目为 {} 条：有条目被删除或插入。", self.next);
            self.add(IssueCode::Checkpoint, Some(size.min(self.next)), text);
        }
        if self.last.as_ref().is_some_and(|last| last.at > checkpoint.at) {
            self.add(IssueCode::Checkpoint, None, format!("检查点（{size} 条）的时间早于上一检查点。"));
        }
        let every = self.header.as_ref().is_some_and(|header| header.every_checkpoint);
        let before = self.last.as_ref().and_then(|last| last.digest().ok());
        if every && before != checkpoint.previous {
            let text = format!("检查点（{size} 条）所指的上一检查点不在其前：有检查点被删除或插入。");
            self.add(IssueCode::Checkpoint, None, text);
        }
    }

    fn take_end(&mut self, entries: u64, checkpoints: u64) {
        self.ended = true;
        if (entries, checkpoints) != (self.report.entries, self.report.checkpoints) {
            let text = format!("末行称有条目 {entries} 条、检查点 {checkpoints} 个，与所见不符。");
            self.add(IssueCode::End, None, text);
        }
    }

    /// Compares with the newer checkpoint as soon as the tree has its size.
    fn compare_newer(&mut self) {
        let Some(newer) = self.newer.filter(|newer| newer.size == self.frontier.size()) else { return };
        let size = newer.size;
        self.report.rollback = if newer.root == self.frontier.root() {
            Rollback::Excluded { newer: size }
        } else {
            self.add(IssueCode::Forked, None, format!("前 {size} 条与所给检查点不同：日志已分叉。"));
            Rollback::Forked { newer: size }
        };
    }

    fn finish(mut self) -> Report {
        if !self.ended {
            self.add(
                IssueCode::End,
                Some(self.next),
                format!("导出没有末行，第 {} 条起可能已被截去。", self.next),
            );
        }
        let size = self.header.as_ref().map_or(0, |header| header.size);
        if size != self.next {
            let text = format!("文件头称有 {size} 条，实有 {} 条。", self.next);
            self.add(IssueCode::End, Some(size.min(self.next)), text);
        }
        match &self.last {
            Some(last) if last.size == self.next => self.check_map(last.map_root),
            _ => {
                let text = format!("第 {} 条起没有检查点为证；请导出到最后一个检查点为止。", self.proven);
                self.add(IssueCode::Checkpoint, Some(self.proven), text);
            }
        }
        self.finish_newer();
        self.report
    }

    /// The map of the last checkpoint, rebuilt from the entries; a newer checkpoint of the same size must have it too.
    fn check_map(&mut self, wanted: Hash) {
        if !self.whole {
            return;
        }
        let mut content: Vec<(Hash, Latest)> = std::mem::take(&mut self.latest).into_iter().collect();
        content.sort_unstable_by_key(|(key, _)| *key);
        let root = map_root(&content);
        if root != wanted {
            self.add(IssueCode::Map, None, "最后一个检查点的最新条目映射与条目不符。");
        }
        if self.newer.is_some_and(|newer| newer.size == self.next && newer.map_root != root) {
            self.add(IssueCode::Map, None, "所给检查点的最新条目映射与条目不符。");
        }
    }

    fn finish_newer(&mut self) {
        let (Some(newer), have) = (self.newer, self.next) else { return };
        let size = newer.size;
        if newer.origin != self.report.origin {
            self.report.rollback = Rollback::NotProvable;
            let text = format!("所给检查点属于另一日志“{}”；请提供本日志的检查点。", newer.origin);
            self.add(IssueCode::Checkpoint, None, text);
        } else if size > have {
            self.report.rollback = Rollback::RolledBack { have, newer: size };
            let text = format!("已回退：导出为 {have} 条，所给检查点为 {size} 条。");
            self.add(IssueCode::RolledBack, Some(have), text);
        } else if self.report.rollback == Rollback::NotProvable {
            self.report.rollback = Rollback::NotComparable { newer: size };
        }
    }
}
