//! The Merkle tree over all entries, as RFC 6962 §2.1 draws it.
//!
//! A store keeps leaf hashes and *complete* nodes: those whose 2^level leaves all exist. They never change.
//! Everything on the ragged right edge is computed from them when it is asked for.

mod frontier;
mod prove;
mod verify;

pub use frontier::Frontier;
pub use prove::{consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof};
pub use verify::{Step, inclusion_steps, verify_consistency, verify_inclusion};

use std::collections::BTreeMap;
use std::ops::Range;

use crate::{Hash, LedgerError, node_hash};

/// Levels 1 to this one may be left out of a store; they are then computed from 2^level leaf hashes at most.
pub const RECOMPUTED_LEVELS: u8 = 8;

/// A complete node: the one over the leaves `index · 2^level .. (index + 1) · 2^level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// Height above the leaves; leaves are at 0.
    pub level: u8,
    /// Number within the level, from 0 at the left.
    pub index: u64,
}

impl NodeId {
    /// The leaves below the node: what to read when the store leaves out its level.
    pub fn leaves(self) -> Range<u64> {
        self.index << self.level..(self.index + 1) << self.level
    }
}

/// Reads complete nodes from a store. Level 0 is the leaf hashes.
pub trait Nodes {
    /// Error of the store, which can also say what is wrong here.
    type Error: From<LedgerError>;

    /// The hash of a node, or `None` if the store does not keep it.
    ///
    /// # Errors
    /// Those of the store.
    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, Self::Error>;
}

impl Nodes for BTreeMap<NodeId, Hash> {
    type Error = LedgerError;

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, LedgerError> {
        Ok(self.get(&NodeId { level, index }).copied())
    }
}

/// Hash of a complete node, computed from the level below where the store leaves it out.
fn read<N: Nodes + ?Sized>(nodes: &N, id: NodeId) -> Result<Hash, N::Error> {
    let NodeId { level, index } = id;
    if let Some(hash) = nodes.node(level, index)? {
        return Ok(hash);
    }
    // A missing high node is damage: computing it would read the whole log.
    if level == 0 || level > RECOMPUTED_LEVELS {
        return Err(LedgerError::MissingNode { level, index }.into());
    }
    let left = read(nodes, NodeId { level: level - 1, index: 2 * index })?;
    let right = read(nodes, NodeId { level: level - 1, index: 2 * index + 1 })?;
    Ok(node_hash(&left, &right))
}

/// RFC 6962 §2.1: the largest power of two smaller than `n`, for `n` ≥ 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}
