//! The digest tree of one party: leaves written in the transaction of each act, sums above them folded in later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::rows::certificate::Certificate;
use store::rows::issue::FileRow;
use store::rows::reconcile::{self as rows, LeafRow, NodeRow};
use store::{Session, Store};

use super::path::{Level, Path, slot};
use super::sum::Sum;
use crate::NodeError;

/// The tree of the node's own certificates.
pub const OWN: &str = "own";

/// Leaves that one transaction folds in.
const FOLD: u32 = 2_000;

/// One certificate as both sides compare it (`domain.md`, "Reconciliation and outages").
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// Key of the certificate.
    pub certificate: String,
    /// Month of first issue, `2026-06`; never changes.
    pub month: String,
    /// Area of the issuer; never changes.
    pub area: String,
    /// Acts recorded.
    pub state_seq: i64,
    /// Newest version.
    pub version: i64,
    /// Base of the status (Chinese name).
    pub base: String,
    /// SM3 of each file of the newest version, hex, by part.
    pub files: Vec<String>,
    /// When this side recorded it, microseconds UTC. Not compared.
    pub changed_at: i64,
}

impl Leaf {
    /// The leaf of one of our certificates with the files of its newest version.
    pub fn of(certificate: &Certificate, files: &[FileRow]) -> Self {
        Self {
            certificate: certificate.id.clone(),
            month: certificate.month.clone(),
            area: certificate.area.clone(),
            state_seq: certificate.state_seq,
            version: certificate.version,
            base: certificate.base.clone(),
            files: files.iter().map(|file| file.sm3.clone()).collect(),
            changed_at: certificate.updated_at,
        }
    }

    /// Does it say the same as another one?
    pub fn is_same(&self, other: &Self) -> bool {
        *self == Self { changed_at: self.changed_at, ..other.clone() }
    }

    fn row(&self) -> Result<LeafRow, NodeError> {
        Ok(LeafRow {
            certificate_id: self.certificate.clone(),
            cell: Path::cell(&self.month, &self.area)?.into(),
            slot: slot(&self.certificate),
            state_seq: self.state_seq,
            version: self.version,
            base: self.base.clone(),
            files: self.files.join(" "),
            changed_at: self.changed_at,
            folded: String::new(),
        })
    }

    pub(super) fn read(row: LeafRow) -> Self {
        let (month, area) = row.cell.split_once('/').unwrap_or((&row.cell, ""));
        Self {
            month: month.to_owned(),
            area: area.to_owned(),
            files: row.files.split(' ').filter(|sm3| !sm3.is_empty()).map(str::to_owned).collect(),
            certificate: row.certificate_id,
            state_seq: row.state_seq,
            version: row.version,
            base: row.base,
            changed_at: row.changed_at,
        }
    }
}

/// What is hashed of a leaf. NUL stands in none of the parts.
fn message(row: &LeafRow) -> Vec<u8> {
    let LeafRow { certificate_id, state_seq, version, base, files, .. } = row;
    format!("luzheng leaf 1\0{certificate_id}\0{state_seq}\0{version}\0{base}\0{files}").into_bytes()
}

/// Notes an act of one of our certificates in the act's own transaction: one row. A record without a version has no
/// leaf, since nobody else could hold it. `files` are those of a version that the act made.
///
/// # Errors
/// A database that cannot be written.
pub fn touch(
    session: &mut Session,
    certificate: &Certificate,
    files: Option<&[FileRow]>,
) -> Result<(), NodeError> {
    if certificate.version == 0 {
        return Ok(());
    }
    let leaf = match (files, &certificate.identifier) {
        (Some(files), _) => Leaf::of(certificate, files),
        (None, Some(identifier)) => Leaf::of(certificate, &store::rows::issue::files(session, identifier)?),
        (None, None) => Leaf::of(certificate, &[]),
    };
    touch_all(session, OWN, &[leaf])
}

/// Notes acts of many certificates: one row each, few statements. The last word on a certificate counts.
///
/// # Errors
/// A leaf whose month or area is none; a database that cannot be written.
pub fn touch_all(session: &mut Session, tree: &str, leaves: &[Leaf]) -> Result<(), NodeError> {
    // In the order of keys: two transactions that touch the same certificates meet in the same order.
    let mut latest = BTreeMap::new();
    for leaf in leaves {
        latest.insert(leaf.certificate.as_str(), leaf.row()?);
    }
    let rows: Vec<LeafRow> = latest.into_values().collect();
    Ok(rows::put(session, tree, &rows)?)
}

/// Brings the sums up to date with all acts that are durable; the number of leaves that had changed. Several processes
/// may do it at the same time.
///
/// # Errors
/// A database that cannot be written.
pub fn fold(store: &Store, tree: &str) -> Result<u64, NodeError> {
    let mut folded = 0;
    while store.read(|session| rows::is_dirty(session, tree))? {
        let name = tree.to_owned();
        let now = store.write(move |session| fold_some(session, &name, FOLD))?;
        folded += now;
        if now == 0 {
            // What is left is being changed at this moment: its act is not durable yet.
            break;
        }
    }
    Ok(folded)
}

/// Folds at most `most` leaves in this transaction.
pub(super) fn fold_some(session: &mut Session, tree: &str, most: u32) -> Result<u64, NodeError> {
    rows::lock(session, tree)?;
    let dirty = rows::dirty(session, tree, most)?;
    let messages: Vec<Vec<u8>> = dirty.iter().map(message).collect();
    let sums: Vec<Sum> = gm::sm3::sm3_many(&messages).iter().map(Sum::of).collect();
    let mut changes = Changes::default();
    for (row, sum) in dirty.iter().zip(&sums) {
        let before = parse(&row.folded)?;
        let is_new = row.folded.is_empty();
        changes.add(&row.cell, row.slot, sum.minus(before), i64::from(is_new));
    }
    changes.write(session, tree)?;
    let folded: Vec<(&str, String)> =
        dirty.iter().zip(&sums).map(|(row, sum)| (row.certificate_id.as_str(), sum.to_string())).collect();
    if !folded.is_empty() {
        rows::set_folded(session, tree, &folded)?;
    }
    Ok(folded.len() as u64)
}

/// Takes leaves out of a tree, with what the nodes hold of them.
pub(super) fn remove(session: &mut Session, tree: &str, leaves: &[LeafRow]) -> Result<(), NodeError> {
    rows::lock(session, tree)?;
    let mut changes = Changes::default();
    for row in leaves {
        let held = i64::from(!row.folded.is_empty());
        changes.add(&row.cell, row.slot, Sum::default().minus(parse(&row.folded)?), -held);
        rows::remove_leaf(session, tree, &row.certificate_id)?;
    }
    changes.write(session, tree)
}

/// What nodes gain, by their paths.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<Path, (Sum, i64)>);

impl Changes {
    pub(super) fn add(&mut self, cell: &str, slot: i64, sum: Sum, leaves: i64) {
        let mut next = Some(Path::bucket(cell, slot));
        while let Some(path) = next {
            next = path.parent();
            let place = self.0.entry(path).or_default();
            *place = (place.0.plus(sum), place.1 + leaves);
        }
    }

    /// The nodes that nothing else contributes to.
    pub(super) fn nodes(self) -> BTreeMap<Path, (Sum, i64)> {
        self.0
    }

    fn write(self, session: &mut Session, tree: &str) -> Result<(), NodeError> {
        let paths: Vec<String> = self.0.keys().map(|path| path.as_str().to_owned()).collect();
        let mut before = BTreeMap::new();
        for node in rows::nodes(session, tree, &paths)? {
            before.insert(node.path, (parse(&node.digest)?, node.leaves));
        }
        let nodes: Vec<NodeRow> = self
            .0
            .into_iter()
            .map(|(path, (sum, leaves))| {
                let (old, count) = before.get(path.as_str()).copied().unwrap_or_default();
                node_row(&path, old.plus(sum), count + leaves)
            })
            .collect();
        Ok(rows::put_nodes(session, tree, &nodes)?)
    }
}

pub(super) fn node_row(path: &Path, sum: Sum, leaves: i64) -> NodeRow {
    NodeRow {
        path: path.as_str().to_owned(),
        parent: path.parent().map(String::from),
        digest: sum.to_string(),
        leaves,
    }
}

fn parse(text: &str) -> Result<Sum, NodeError> {
    Sum::parse(text).ok_or_else(|| {
        NodeError::refused("数据库中的对账摘要不能读取", "请运行 luzheng reconcile rebuild 重建摘要树")
    })
}

/// What lies directly below a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// Where.
    pub path: Path,
    /// Sum of the leaf hashes.
    pub digest: Sum,
    /// Number of leaves.
    pub leaves: u64,
}

/// A tree that can be read from the top down.
pub trait TreeReader {
    /// What lies below each of these places, by path, the empty left out.
    ///
    /// # Errors
    /// A database that cannot be read.
    fn children(&mut self, paths: &[Path]) -> Result<Vec<Vec<Child>>, NodeError>;

    /// The leaves below each of these places, which are cells or lie below one.
    ///
    /// # Errors
    /// As [`TreeReader::children`].
    fn leaves(&mut self, paths: &[Path]) -> Result<Vec<Vec<Leaf>>, NodeError>;
}

/// A tree in the rows of a store. What was not folded before is not in its sums; its leaves are always of now.
pub struct StoredTree<'a> {
    /// Where.
    pub store: &'a Store,
    /// Which.
    pub tree: &'a str,
}

impl TreeReader for StoredTree<'_> {
    fn children(&mut self, paths: &[Path]) -> Result<Vec<Vec<Child>>, NodeError> {
        self.store.read(|session| paths.iter().map(|path| children(session, self.tree, path)).collect())
    }

    fn leaves(&mut self, paths: &[Path]) -> Result<Vec<Vec<Leaf>>, NodeError> {
        let one = |session: &mut Session, path: &Path| {
            let Some((cell, slots)) = path.slots() else {
                return Err(NodeError::refused(format!("“{path}”太大，不能逐证列出"), "请先比对下一级摘要"));
            };
            let mut leaves: Vec<Leaf> =
                rows::leaves_in(session, self.tree, cell, slots)?.into_iter().map(Leaf::read).collect();
            leaves.sort_unstable_by(|a, b| a.certificate.cmp(&b.certificate));
            Ok(leaves)
        };
        self.store.read(|session| paths.iter().map(|path| one(session, path)).collect())
    }
}

fn children(session: &mut Session, tree: &str, path: &Path) -> Result<Vec<Child>, NodeError> {
    let mut found = match path.level() {
        Level::Root | Level::Month | Level::Cell => {
            let mut found = Vec::new();
            for node in rows::children(session, tree, path.as_str())? {
                let leaves = u64::try_from(node.leaves).unwrap_or(0);
                found.push(Child { digest: parse(&node.digest)?, path: Path::known(node.path), leaves });
            }
            found
        }
        Level::Bucket | Level::Small => small(session, tree, path)?,
    };
    found.retain(|child| child.leaves > 0 || child.digest != Sum::default());
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The small buckets of a bucket: a few thousand leaves at most are summed up when they are asked for.
fn small(session: &mut Session, tree: &str, path: &Path) -> Result<Vec<Child>, NodeError> {
    let Some((cell, slots)) = path.slots().filter(|_| path.level() == Level::Bucket) else {
        return Ok(Vec::new());
    };
    let mut sums: BTreeMap<i64, (Sum, u64)> = BTreeMap::new();
    for (slot, folded) in rows::folded_in(session, tree, cell, slots)? {
        let place = sums.entry(slot).or_default();
        *place = (place.0.plus(parse(&folded)?), place.1 + 1);
    }
    let child = |(slot, (digest, leaves))| Child { path: Path::small(cell, slot), digest, leaves };
    Ok(sums.into_iter().map(child).collect())
}
