//! Checking proofs against roots, with nothing but the proof (the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2).

use gm::sm3::sm3;

use crate::{Hash, node_hash};

/// One step on the way from a leaf to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The hash that the proof supplies.
    pub sibling: Hash,
    /// Does it stand at the left?
    pub left: bool,
    /// What the two give.
    pub gives: Hash,
}

/// Does the proof lead from the leaf `index` to the root of `size` leaves?
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    inclusion_steps(leaf, index, size, proof)
        .is_some_and(|steps| steps.last().map_or(*leaf, |step| step.gives) == *root)
}

/// The steps of a proof, for whoever wants to follow them; the last one gives the root. `None` where the proof does not have the
/// length that `index` and `size` demand.
pub fn inclusion_steps(leaf: &Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Vec<Step>> {
    if index >= size {
        return None;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    let mut steps = Vec::with_capacity(proof.len());
    for sibling in proof {
        if last == 0 {
            return None;
        }
        let left = node % 2 == 1 || node == last;
        if left {
            hash = node_hash(sibling, &hash);
            // On the right edge a node without right neighbours moves up unchanged until it is a right child.
            while node % 2 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        steps.push(Step { sibling: *sibling, left, gives: hash });
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(steps)
}

/// Does the proof show that the tree of `old` leaves is a prefix of that of `new` leaves?
///
/// An empty tree is a prefix of every one; its root must be SM3 of nothing.
pub fn verify_consistency(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == sm3(&[]) && (new > 0 || new_root == old_root);
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    // A complete old tree is itself the first node; otherwise the proof tells its last complete subtree.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let Some((first, rest)) = proof.split_first() else { return false };
        (first, rest)
    };
    // Up to the highest complete subtree that ends with the last old leaf.
    let shift = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node % 2 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
