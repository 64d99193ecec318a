//! The right edge of the tree: all that appending needs.

use gm::sm3::sm3;

use super::NodeId;
use crate::hash::parents;
use crate::{Hash, LedgerError, node_hash};

/// The roots of the largest complete subtrees, one for each one-bit of the size; at most 64 hashes, whatever the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// From the largest subtree (leftmost) to the smallest.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf; returns every node it completes, from the leaf upwards.
    pub fn append(&mut self, leaf: Hash) -> Vec<(NodeId, Hash)> {
        let mut id = NodeId { level: 0, index: self.size };
        let mut hash = leaf;
        let mut completed = vec![(id, hash)];
        // An odd node completes its parent, together with the peak to its left.
        while id.index % 2 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            id = NodeId { level: id.level + 1, index: id.index / 2 };
            completed.push((id, hash));
        }
        self.peaks.push(hash);
        self.size += 1;
        completed
    }

    /// Appends many leaves, hashing level by level on all lanes; returns every node they complete, by level and index.
    pub fn append_many(&mut self, leaves: &[Hash]) -> Vec<(NodeId, Hash)> {
        let mut completed = Vec::with_capacity(2 * leaves.len());
        let mut id = NodeId { level: 0, index: self.size };
        let mut fresh = leaves.to_vec();
        let mut lone: Vec<Hash> = Vec::new();
        while !fresh.is_empty() {
            let indices = id.index..;
            completed
                .extend(indices.zip(&fresh).map(|(index, hash)| (NodeId { level: id.level, index }, *hash)));
            // The first new node has a left neighbour exactly if a peak stands at this level.
            if id.index % 2 == 1
                && let Some(left) = self.peaks.pop()
            {
                fresh.insert(0, left);
            }
            if fresh.len() % 2 == 1 {
                lone.extend(fresh.last());
            }
            fresh = parents(&fresh);
            id = NodeId { level: id.level + 1, index: id.index / 2 };
        }
        // What found no right neighbour is a peak now, the highest first.
        self.peaks.extend(lone.into_iter().rev());
        self.size += leaves.len() as u64;
        completed
    }

    /// The root hash (RFC 6962 §2.1 MTH); of an empty log, SM3 of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(&last) = peaks.next() else { return sm3(&[]) };
        peaks.fold(last, |right, left| node_hash(left, &right))
    }

    /// The stored form: size (8 bytes, big-endian), then the peaks, the largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.size.to_be_bytes(), self.peaks.as_flattened()].concat()
    }

    /// Reads [`Frontier::to_bytes`].
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] if the number of peaks does not fit the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let damaged = LedgerError::Damaged { item: "审计树前沿" };
        let Some((size, peaks)) = bytes.split_first_chunk::<8>() else { return Err(damaged) };
        let size = u64::from_be_bytes(*size);
        let (peaks, rest) = peaks.as_chunks::<32>();
        if !rest.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(damaged);
        }
        Ok(Self { size, peaks: peaks.to_vec() })
    }
}
