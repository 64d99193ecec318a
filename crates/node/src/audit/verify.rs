//! The check of the own database: every entry, the tree, the map and the checkpoints against each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger::{
    Checkpoint, EMPTY_MAP, Entry, Frontier, Hash, IssueCode, Latest, Link, NamedKey, PageId,
    RECOMPUTED_LEVELS, Rollback, SignedCheckpoint, hex, leaf_hashes, map_key, map_root, parse_hex,
    update_map,
};
use store::Session;
use store::rows::audit::{self as rows, Leaf};

use super::finding::VerifyReport;
use super::stored::{Stored, checkpoint, int};
use super::{Log, sequence};
use crate::NodeError;

/// Leaves read at a time.
const PAGE: u32 = 2048;
/// Keys of the map checked at a time.
const KEYS: usize = 8192;

impl Log<'_> {
    /// Checks the log in the database, with the public keys of the log and its witnesses and, if somebody else kept one, a newer checkpoint.
    /// Sequencing may go on beside it.
    ///
    /// # Errors
    /// The rows cannot be read. Whatever is wrong with them stands in the report.
    pub fn audit_verify(
        &self,
        keys: &[NamedKey],
        newer: Option<&SignedCheckpoint>,
    ) -> Result<VerifyReport, NodeError> {
        let mut pass = Pass::new(self.origin, keys);
        if let Some(newer) = newer {
            pass.take_newer(newer);
        }
        // Leaves never change, so most of them are read outside of a snapshot, which would keep the engine from tidying up.
        // Not beyond the last checkpoint: one that is being signed may have a smaller size than the tree.
        let signed = checkpoint(self.store.read(rows::last_checkpoint)?).ok().flatten();
        let signed = signed.map_or(0, |signed| signed.checkpoint().size);
        while self.store.read(|session| pass.step(session, signed))? {}
        self.store.read(|session| {
            rows::snapshot(session, |session| {
                let (size, frontier) = rows::tree(session)?.unwrap_or_default();
                while pass.step(session, size)? {}
                pass.finish(session, size, &frontier)
            })
        })?;
        Ok(pass.report)
    }
}

struct Pass<'k> {
    keys: &'k [NamedKey],
    newer: Option<Checkpoint>,
    report: VerifyReport,
    frontier: Frontier,
    next: u64,
    /// Are all leaves so far there? After a gap no root can be compared.
    whole: bool,
    /// Entries under the last checkpoint whose root fitted.
    proven: u64,
    last: Option<Checkpoint>,
    latest: HashMap<Hash, Latest>,
    /// What the map said about keys before the leaves that no checkpoint covers.
    undo: Vec<(Hash, Option<Latest>)>,
}

impl<'k> Pass<'k> {
    fn new(origin: &str, keys: &'k [NamedKey]) -> Self {
        Self {
            keys,
            newer: None,
            report: VerifyReport::new(origin),
            frontier: Frontier::new(),
            next: 0,
            whole: true,
            proven: 0,
            last: None,
            latest: HashMap::new(),
            undo: Vec::new(),
        }
    }

    fn take_newer(&mut self, newer: &SignedCheckpoint) {
        let checkpoint = newer.checkpoint();
        match newer.verify(self.keys) {
            Ok(_) if checkpoint.origin == self.report.origin => self.newer = Some(checkpoint.clone()),
            Ok(_) => {
                let text = format!("所给检查点属于另一日志“{}”；请提供本日志的检查点。", checkpoint.origin);
                self.report.add(IssueCode::Checkpoint, None, text);
            }
            Err(error) => {
                self.report.add(IssueCode::Signature, None, format!("所给的较新检查点不可用：{error}"));
            }
        }
    }

    /// Checks the next page of leaves, up to the next checkpoint or `until`; false when all below `until` are checked.
    fn step(&mut self, session: &mut Session, until: u64) -> Result<bool, NodeError> {
        self.compare_newer();
        let past = self.last.as_ref().map_or(0, |last| last.size);
        let due =
            rows::checkpoints_after(session, int(past), 1)?.pop().filter(|(size, _)| *size <= int(until));
        let newer =
            self.newer.as_ref().map(|newer| newer.size).filter(|size| (self.next + 1..until).contains(size));
        let stop = due.as_ref().map_or(int(until), |(size, _)| *size).min(newer.map_or(i64::MAX, int));
        if int(self.next) < stop {
            let mut leaves = rows::leaves(session, int(self.next), PAGE)?;
            leaves.retain(|leaf| leaf.n < stop);
            self.take_leaves(session, &leaves)?;
            if leaves.len() == PAGE as usize {
                return Ok(true);
            }
        }
        if int(self.next) < stop {
            self.gap(stop);
        }
        match due {
            Some((size, note)) if size <= int(self.next) => {
                self.take_checkpoint(size, &note);
                Ok(true)
            }
            _ => Ok(self.next < until),
        }
    }

    fn gap(&mut self, until: i64) {
        let (first, until) = (self.next, until.cast_unsigned());
        self.whole = false;
        self.next = until;
        self.report.add(IssueCode::Missing, Some(first), format!("缺少第 {first} 条至第 {} 条。", until - 1));
    }

    fn take_leaves(&mut self, session: &mut Session, leaves: &[Leaf]) -> Result<(), NodeError> {
        let texts: Vec<&[u8]> = leaves.iter().map(|leaf| leaf.entry.as_bytes()).collect();
        let mut hashes = Vec::with_capacity(leaves.len());
        for (leaf, computed) in leaves.iter().zip(leaf_hashes(&texts)) {
            if leaf.n > int(self.next) {
                self.gap(leaf.n);
            }
            let number = leaf.n.cast_unsigned();
            self.next = number + 1;
            self.report.entries += 1;
            let written = parse_hex(&leaf.hash);
            if written != Some(computed) {
                let text = format!("第 {number} 条的内容与其叶摘要不符，已被改动。");
                self.report.add(IssueCode::Changed, Some(number), text);
            }
            // The written hash: if the next root fits, only this entry's text was changed.
            let hash = written.unwrap_or(computed);
            hashes.push(hash);
            self.take_entry(leaf, &hash);
        }
        if !self.whole {
            return Ok(());
        }
        for (id, hash) in self.frontier.append_many(&hashes) {
            if id.level > RECOMPUTED_LEVELS
                && rows::node(session, id.level, int(id.index))? != Some(hex(&hash))
            {
                let text = format!("审计树第 {} 层第 {} 号节点缺失或与条目不符。", id.level, id.index);
                self.report.add(IssueCode::Root, Some(id.leaves().start), text);
            }
        }
        Ok(())
    }

    /// The entry's form, its columns, its place in its certificate's chain.
    fn take_entry(&mut self, leaf: &Leaf, hash: &Hash) {
        let number = leaf.n.cast_unsigned();
        let entry = match Entry::parse(leaf.entry.as_bytes()) {
            Ok(entry) => entry,
            Err(error) => {
                return self.report.add(IssueCode::Changed, Some(number), format!("第 {number} 条：{error}"));
            }
        };
        let columns = sequence::leaf(leaf.n, &entry, leaf.entry.clone().into_bytes(), hash);
        if columns != *leaf {
            let text = format!("第 {number} 条的检索字段与条目内容不符，已被改动。");
            self.report.add(IssueCode::Changed, Some(number), text);
        }
        let Some(object) = entry.object.filter(|object| object.link != Link::Apart) else { return };
        let key = map_key(&object.key);
        let before = self.latest.insert(key, Latest { number, leaf: *hash });
        self.undo.push((key, before));
        let fits = match (object.link, before) {
            (Link::First, None) => true,
            (Link::After(previous), Some(before)) => previous == before.leaf,
            _ => false,
        };
        if !fits {
            let text = format!("第 {number} 条所指的“{}”上一条与日志不符。", object.key);
            self.report.add(IssueCode::Link, Some(number), text);
        }
    }

    fn take_checkpoint(&mut self, size: i64, note: &str) {
        self.report.checkpoints += 1;
        let number = size.cast_unsigned();
        self.undo.clear();
        let signed = match SignedCheckpoint::parse(note) {
            Ok(signed) => signed,
            Err(error) => {
                self.report.add(IssueCode::Checkpoint, None, format!("检查点（{number} 条）：{error}"));
                // Reading goes on after it.
                let root = self.frontier.root();
                let origin = self.report.origin.clone();
                self.last = Some(Checkpoint {
                    origin,
                    size: number,
                    root,
                    at: 0,
                    previous: None,
                    map_root: EMPTY_MAP,
                });
                return;
            }
        };
        match signed.verify(self.keys) {
            Ok(verified) => {
                self.report.witnesses = verified.witnesses.into_iter().map(|witness| witness.name).collect();
            }
            Err(error) => self.report.add(IssueCode::Signature, None, error.to_string()),
        }
        self.check_place(signed.checkpoint(), number);
        if self.whole && signed.checkpoint().root == self.frontier.root() {
            self.proven = number;
        } else if self.whole {
            self.whole = false;
            let proven = self.proven;
            let text = format!(
                "检查点（{number} 条）的树根与条目不符：第 {proven} 条起至此有条目被改动、删除或插入。"
            );
            self.report.add(IssueCode::Root, Some(proven), text);
        }
        self.last = Some(Checkpoint { size: number, ..signed.checkpoint().clone() });
        self.report.signed = number;
    }

    fn check_place(&mut self, checkpoint: &Checkpoint, row: u64) {
        let before = self.last.as_ref();
        let linked = before.and_then(|last| last.digest().ok()) == checkpoint.previous;
        let ordered = before.is_none_or(|last| last.at <= checkpoint.at);
        if checkpoint.size != row || checkpoint.origin != self.report.origin || !linked || !ordered {
            let text = format!("检查点（{row} 条）不接续上一检查点：有检查点被删除、插入或改动。");
            self.report.add(IssueCode::Checkpoint, None, text);
        }
    }

    /// As soon as the tree has the newer checkpoint's size.
    fn compare_newer(&mut self) {
        let Some(newer) =
            self.newer.as_ref().filter(|newer| self.whole && newer.size == self.frontier.size())
        else {
            return;
        };
        let size = newer.size;
        if newer.root == self.frontier.root() {
            self.report.rollback = Rollback::Excluded { newer: size };
        } else if self.report.rollback == Rollback::NotProvable {
            self.report.rollback = Rollback::Forked { newer: size };
            self.report.add(IssueCode::Forked, None, format!("前 {size} 条与所给检查点不同：日志已分叉。"));
        }
    }

    /// What only the end can tell: surplus rows, the frontier, the map, a roll-back.
    fn finish(&mut self, session: &mut Session, size: u64, frontier: &str) -> Result<(), NodeError> {
        self.compare_newer();
        if let Some(leaf) = rows::leaves(session, int(size), 1)?.first() {
            let text =
                format!("第 {} 条不是由定序产生的，为外部插入；或审计树的条目数（{size}）被改小。", leaf.n);
            self.report.add(IssueCode::Order, Some(leaf.n.cast_unsigned()), text);
        }
        if let Some((beyond, _)) = rows::checkpoints_after(session, int(size), 1)?.first() {
            let text = format!("有 {beyond} 条的检查点，但数据库中只有 {size} 条：条目被删除。");
            self.report.add(IssueCode::Missing, Some(size), text);
        }
        let nodes: u64 = (u32::from(RECOMPUTED_LEVELS) + 1..63).map(|level| size >> level).sum();
        if rows::count_nodes(session)? != nodes {
            self.report.add(IssueCode::Root, None, format!("审计树应存 {nodes} 个节点，数目不符。"));
        }
        if self.whole && gm::base64::encode(&self.frontier.to_bytes()) != frontier {
            self.report.add(
                IssueCode::Root,
                Some(self.proven),
                "审计树前沿与条目不符：检查点之后有条目被改动。",
            );
        }
        if self.whole {
            self.check_map(session)?;
        }
        if let Some(newer) = &self.newer {
            let newer = newer.size;
            if newer > size {
                self.report.rollback = Rollback::RolledBack { have: size, newer };
                let text = format!("已回退：数据库为 {size} 条，所给检查点为 {newer} 条。");
                self.report.add(IssueCode::RolledBack, Some(size), text);
            } else if self.report.rollback == Rollback::NotProvable {
                self.report.rollback = Rollback::NotComparable { newer };
            }
        }
        Ok(())
    }

    /// The map of the last checkpoint: its root from the entries, and the stored pages by writing them again.
    fn check_map(&mut self, session: &mut Session) -> Result<(), NodeError> {
        for (key, before) in std::mem::take(&mut self.undo).into_iter().rev() {
            match before {
                Some(before) => self.latest.insert(key, before),
                None => self.latest.remove(&key),
            };
        }
        let mut content: Vec<(Hash, Latest)> = std::mem::take(&mut self.latest).into_iter().collect();
        content.sort_unstable_by_key(|(key, _)| *key);
        let root = self.last.as_ref().map_or(EMPTY_MAP, |last| last.map_root);
        if map_root(&content) != root {
            self.report.add(IssueCode::Map, None, "最后一个检查点的最新条目映射与条目不符。");
            return Ok(());
        }
        let count = rows::count_pages(session)?;
        let stored = Stored::new(session);
        let mut pages: HashSet<PageId> = HashSet::new();
        for keys in content.chunks(KEYS) {
            let same: BTreeMap<Hash, Latest> = keys.iter().copied().collect();
            // Reads every page on the way of every key and compares it with what the page above says of it.
            match update_map(&stored, &root, &same) {
                Ok(update) if update.root == root => pages.extend(update.pages.into_iter().map(|(id, _)| id)),
                Ok(_) => {
                    self.report.add(IssueCode::Map, None, "存储的最新条目映射与条目不符。");
                    return Ok(());
                }
                Err(NodeError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    self.report.add(IssueCode::Map, None, format!("{error}。"));
                    return Ok(());
                }
            }
        }
        if pages.len() as u64 != count {
            self.report.add(
                IssueCode::Map,
                None,
                format!("最新条目映射应有 {} 页，存有 {count} 页。", pages.len()),
            );
        }
        Ok(())
    }
}
