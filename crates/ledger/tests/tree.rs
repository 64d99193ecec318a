//! The tree against RFC 6962 §2.1 written down as it stands there.

use std::collections::BTreeMap;

use gm::sm3::sm3;
use ledger::*;
use proptest::prelude::*;

fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH(D[n]) over leaf hashes.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sm3(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            sm3(&[&[1][..], &mth(left), &mth(right)].concat())
        }
    }
}

/// PATH(m, D[n]).
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) =
        if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
    proof.push(other);
    proof
}

/// SUBPROOF(m, D[n], b).
fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - k, right, false), mth(left))
    };
    proof.push(other);
    proof
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

fn grown(leaves: &[Hash]) -> (Frontier, BTreeMap<NodeId, Hash>) {
    let mut frontier = Frontier::new();
    let nodes = frontier.append_many(leaves).into_iter().collect();
    (frontier, nodes)
}

#[test]
fn a_leaf_is_sm3_of_zero_and_the_entry() {
    assert_eq!(leaf_hash(b"abc"), sm3(b"\0abc"));
}

#[test]
fn leaf_hashes_are_those_of_each_entry() {
    let entries: Vec<Vec<u8>> = (0..2500).map(|i| vec![i as u8; i % 300]).collect();
    let wanted: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    assert_eq!(leaf_hashes(&entries), wanted);
}

#[test]
fn every_root_is_that_of_the_rfc() {
    let all = leaves(140);
    let mut frontier = Frontier::new();
    for size in 0..all.len() {
        assert_eq!(frontier.root(), mth(&all[..size]), "{size}");
        frontier.append(all[size]);
    }
}

#[test]
fn every_inclusion_proof_is_that_of_the_rfc_and_holds() {
    let all = leaves(70);
    let (_, nodes) = grown(&all);
    for size in 1..=all.len() {
        let root = mth(&all[..size]);
        for index in 0..size {
            let proof = inclusion_proof(&nodes, index as u64, size as u64).unwrap();
            assert_eq!(proof, path(index, &all[..size]));
            assert!(verify_inclusion(&all[index], index as u64, size as u64, &proof, &root));
        }
    }
}

#[test]
fn every_consistency_proof_is_that_of_the_rfc_and_holds() {
    let all = leaves(70);
    let (_, nodes) = grown(&all);
    for new in 1..=all.len() {
        for old in 1..=new {
            let proof = consistency_proof(&nodes, old as u64, new as u64).unwrap();
            assert_eq!(proof, subproof(old, &all[..new], true));
            let (old_root, new_root) = (mth(&all[..old]), mth(&all[..new]));
            assert!(verify_consistency(old as u64, &old_root, new as u64, &new_root, &proof), "{old} {new}");
        }
    }
}

#[test]
fn the_empty_log_is_a_prefix_of_every_log_and_its_root_is_known() {
    let root = mth(&leaves(5));
    assert!(verify_consistency(0, &sm3(&[]), 5, &root, &[]));
    assert!(!verify_consistency(0, &[0; 32], 5, &root, &[]));
    assert!(!verify_consistency(0, &sm3(&[]), 0, &root, &[]));
}

#[test]
fn a_number_beyond_the_tree_is_refused() {
    let (_, nodes) = grown(&leaves(4));
    assert_eq!(inclusion_proof(&nodes, 4, 4), Err(LedgerError::Range { index: 4, size: 4 }));
    assert_eq!(consistency_proof(&nodes, 5, 4), Err(LedgerError::Range { index: 5, size: 4 }));
}

#[test]
fn a_proof_that_ends_below_the_root_fails() {
    let leaf = leaf_hash(b"a");
    assert!(verify_inclusion(&leaf, 0, 1, &[], &leaf));
    assert!(!verify_inclusion(&leaf, 0, 2, &[], &leaf));
}

#[test]
fn a_store_may_leave_out_the_lower_levels() {
    let all = leaves(1000);
    let (_, mut nodes) = grown(&all);
    let whole = inclusion_proof(&nodes, 77, 1000).unwrap();
    nodes.retain(|id, _| id.level == 0 || id.level > RECOMPUTED_LEVELS);
    assert_eq!(inclusion_proof(&nodes, 77, 1000).unwrap(), whole);
}

#[test]
fn a_missing_high_node_is_damage() {
    let (_, mut nodes) = grown(&leaves(2048));
    nodes.remove(&NodeId { level: 9, index: 1 });
    assert_eq!(inclusion_proof(&nodes, 0, 2048), Err(LedgerError::MissingNode { level: 9, index: 1 }));
}

#[test]
fn the_announced_nodes_are_enough_for_a_proof() {
    let (_, nodes) = grown(&leaves(300));
    let pick = |ids: Vec<NodeId>| ids.into_iter().map(|id| (id, nodes[&id])).collect::<BTreeMap<_, _>>();
    let some = pick(inclusion_nodes(123, 299).unwrap());
    assert_eq!(inclusion_proof(&some, 123, 299), inclusion_proof(&nodes, 123, 299));
    let some = pick(consistency_nodes(123, 299).unwrap());
    assert_eq!(consistency_proof(&some, 123, 299), consistency_proof(&nodes, 123, 299));
}

proptest! {
    #[test]
    fn one_by_one_and_in_batches_give_the_same(batches in prop::collection::vec(0usize..40, 0..8)) {
        let all = leaves(batches.iter().sum());
        let (mut single, mut many) = (Frontier::new(), Frontier::new());
        let by_one: BTreeMap<NodeId, Hash> = all.iter().flat_map(|leaf| single.append(*leaf)).collect();
        let mut by_batch = BTreeMap::new();
        let mut rest = &all[..];
        for count in batches {
            let (batch, left) = rest.split_at(count);
            by_batch.extend(many.append_many(batch));
            rest = left;
        }
        prop_assert_eq!(by_one, by_batch);
        prop_assert_eq!(single, many);
    }

    #[test]
    fn a_frontier_comes_back_from_its_bytes(size in 0usize..300) {
        let (frontier, _) = grown(&leaves(size));
        prop_assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Ok(frontier));
    }

    #[test]
    fn arbitrary_bytes_are_a_frontier_only_in_its_form(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frontier) = Frontier::from_bytes(&bytes) {
            prop_assert_eq!(frontier.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_changed_inclusion_proof_fails(size in 2u64..200, seed in any::<u64>(), place in any::<prop::sample::Index>(), bit in 0usize..256) {
        let index = seed % size;
        let all = leaves(size as usize);
        let (frontier, nodes) = grown(&all);
        let leaf = all[index as usize];
        let mut proof = inclusion_proof(&nodes, index, size).unwrap();
        let root = frontier.root();
        prop_assert!(!verify_inclusion(&leaf, (index + 1) % size, size, &proof, &root));
        prop_assert!(!verify_inclusion(&leaf, index, size, &proof[1..], &root));
        let at = place.index(proof.len());
        proof[at][bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!verify_inclusion(&leaf, index, size, &proof, &root));
    }

    #[test]
    fn a_changed_log_is_not_consistent(old in 1u64..100, more in 1u64..100, seed in any::<u64>()) {
        let mut all = leaves((old + more) as usize);
        let old_root = grown(&all[..old as usize]).0.root();
        all[(seed % old) as usize][0] ^= 1;
        let (frontier, nodes) = grown(&all);
        let proof = consistency_proof(&nodes, old, old + more).unwrap();
        prop_assert!(!verify_consistency(old, &old_root, old + more, &frontier.root(), &proof));
    }

    #[test]
    fn arbitrary_proofs_never_panic(old in any::<u64>(), new in any::<u64>(), proof in prop::collection::vec(any::<[u8; 32]>(), 0..70)) {
        verify_inclusion(&[1; 32], old, new, &proof, &[2; 32]);
        prop_assert!(!verify_consistency(old.max(1), &[1; 32], new, &[2; 32], &proof));
    }
}
