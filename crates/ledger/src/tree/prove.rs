//! Proofs read from a store: O(log n) nodes each.

use std::ops::Range;

use super::{NodeId, Nodes, read, split};
use crate::{Hash, LedgerError, node_hash};

/// Proof that the leaf `index` is in the tree of the first `size` leaves (RFC 6962 §2.1.1), from the leaf upwards.
///
/// # Errors
/// [`LedgerError::Range`] unless `index < size`; a missing node; those of the store.
pub fn inclusion_proof<N: Nodes + ?Sized>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    inclusion_ranges(index, size)?.into_iter().map(|range| range_hash(nodes, range)).collect()
}

/// Proof that the tree of the first `old` leaves is a prefix of that of the first `new` (RFC 6962 §2.1.2).
/// Empty when `old` is 0 or equal to `new`.
///
/// # Errors
/// [`LedgerError::Range`] unless `old ≤ new`; a missing node; those of the store.
pub fn consistency_proof<N: Nodes + ?Sized>(nodes: &N, old: u64, new: u64) -> Result<Vec<Hash>, N::Error> {
    consistency_ranges(old, new)?.into_iter().map(|range| range_hash(nodes, range)).collect()
}

/// The nodes that [`inclusion_proof`] reads, for a store that fetches them in one query.
///
/// # Errors
/// [`LedgerError::Range`] unless `index < size`.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<NodeId>, LedgerError> {
    Ok(inclusion_ranges(index, size)?.into_iter().flat_map(complete_nodes).collect())
}

/// The nodes that [`consistency_proof`] reads.
///
/// # Errors
/// [`LedgerError::Range`] unless `old ≤ new`.
pub fn consistency_nodes(old: u64, new: u64) -> Result<Vec<NodeId>, LedgerError> {
    Ok(consistency_ranges(old, new)?.into_iter().flat_map(complete_nodes).collect())
}

/// The leaves below each hash of an inclusion proof: PATH of RFC 6962 §2.1.1.
fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range<u64>>, LedgerError> {
    if index >= size {
        return Err(LedgerError::Range { index, size });
    }
    let mut ranges = Vec::new();
    let (mut begin, mut end) = (0, size);
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(begin..middle);
            begin = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// The leaves below each hash of a consistency proof: SUBPROOF of RFC 6962 §2.1.2.
fn consistency_ranges(old: u64, new: u64) -> Result<Vec<Range<u64>>, LedgerError> {
    if old > new {
        return Err(LedgerError::Range { index: old, size: new });
    }
    let mut ranges = Vec::new();
    if old == 0 {
        return Ok(ranges);
    }
    let (mut begin, mut end) = (0, new);
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(begin..middle);
            begin = middle;
        }
    }
    // The old root itself is known to whoever checks; only another subtree has to be told.
    if begin != 0 {
        ranges.push(begin..end);
    }
    ranges.reverse();
    Ok(ranges)
}

/// Complete nodes that together cover a range, the largest first. The ranges above begin at a multiple of a power of
/// two that is at least their length, so the greatest power that fits is always aligned.
fn complete_nodes(range: Range<u64>) -> Vec<NodeId> {
    let mut ids = Vec::new();
    let mut begin = range.start;
    while begin < range.end {
        let level = (range.end - begin).ilog2() as u8;
        ids.push(NodeId { level, index: begin >> level });
        begin += 1 << level;
    }
    ids
}

fn range_hash<N: Nodes + ?Sized>(nodes: &N, range: Range<u64>) -> Result<Hash, N::Error> {
    let mut hash: Option<Hash> = None;
    for id in complete_nodes(range).into_iter().rev() {
        let left = read(nodes, id)?;
        hash = Some(hash.map_or(left, |right| node_hash(&left, &right)));
    }
    // No range above is empty.
    hash.ok_or_else(|| LedgerError::Damaged { item: "审计树" }.into())
}
