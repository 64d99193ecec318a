//! The ledger's tree and map, read from rows.

use std::cell::RefCell;

use ledger::{Frontier, Hash, LedgerError, Nodes, PageId, Pages, RECOMPUTED_LEVELS, SignedCheckpoint};
use store::Session;
use store::rows::audit as rows;

use crate::NodeError;

impl From<LedgerError> for NodeError {
    /// Its text ends in the remedy.
    fn from(error: LedgerError) -> Self {
        let text = error.to_string();
        let text = text.trim_end_matches('。');
        match text.rsplit_once('；') {
            Some((what, fix)) => Self::refused(what, fix),
            None => Self::refused(text, "请运行 luzheng doctor"),
        }
    }
}

/// Nodes and pages through a session.
pub(super) struct Stored<'s>(RefCell<&'s mut Session>);

impl<'s> Stored<'s> {
    pub fn new(session: &'s mut Session) -> Self {
        Self(RefCell::new(session))
    }
}

impl Nodes for Stored<'_> {
    type Error = NodeError;

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, NodeError> {
        let mut session = self.0.borrow_mut();
        if level > RECOMPUTED_LEVELS {
            return rows::node(&mut session, level, int(index))?.map(|text| hash(&text)).transpose();
        }
        // One query for a whole subtree; the ledger alone would ask for its leaves one by one.
        let from = index << level;
        let texts = rows::hashes(&mut session, int(from), int(from + (1 << level)))?;
        if texts.len() != 1 << level {
            return Ok(None);
        }
        let leaves = texts.iter().map(|text| hash(text)).collect::<Result<Vec<_>, _>>()?;
        let mut subtree = Frontier::new();
        subtree.append_many(&leaves);
        Ok(Some(subtree.root()))
    }
}

impl Pages for Stored<'_> {
    type Error = NodeError;

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, NodeError> {
        let body = rows::page(&mut self.0.borrow_mut(), &path(id))?;
        let damaged = |_| LedgerError::Damaged { item: "最新条目映射页" };
        Ok(body.map(|body| gm::base64::decode(&body).map_err(damaged)).transpose()?)
    }
}

/// The primary key of a page.
pub(super) fn path(id: &PageId) -> String {
    id.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number as a column holds it. No log reaches 2^63 entries.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A digest from its column.
pub(super) fn hash(text: &str) -> Result<Hash, NodeError> {
    Ok(ledger::parse_hex(text).ok_or(LedgerError::Damaged { item: "摘要" })?)
}

/// The tree's right edge from its row, as [`rows::tree`] or [`rows::lock_tree`] read it.
pub(super) fn frontier(row: Option<(u64, String)>) -> Result<Frontier, NodeError> {
    let damaged = || LedgerError::Damaged { item: "审计树前沿" };
    let (size, text) = row.ok_or_else(damaged)?;
    let frontier = Frontier::from_bytes(&gm::base64::decode(&text)?)?;
    if frontier.size() == size { Ok(frontier) } else { Err(damaged().into()) }
}

/// A checkpoint from its row.
pub(super) fn checkpoint(note: Option<String>) -> Result<Option<SignedCheckpoint>, NodeError> {
    Ok(note.map(|note| SignedCheckpoint::parse(&note)).transpose()?)
}
