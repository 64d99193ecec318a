//! The map of latest entries against its definition.
#![allow(clippy::unwrap_used)] // Helpers of tests may stop loudly too.

use std::collections::BTreeMap;

use gm::sm3::sm3;
use ledger::*;
use proptest::prelude::*;

type Content = BTreeMap<Hash, Latest>;
type Stored = BTreeMap<PageId, Vec<u8>>;

fn latest(number: u64) -> Latest {
    Latest { number, leaf: leaf_hash(&number.to_be_bytes()) }
}

/// Keys that share up to 250 bits, so that deep pages occur.
fn key() -> impl Strategy<Value = Hash> {
    prop_oneof![
        (0u64..50).prop_map(|number| map_key(&number.to_string())),
        any::<(u8, u8)>().prop_map(|(first, last)| {
            let mut key = [0xA5; 32];
            key[0] = first & 0x81;
            key[31] = last;
            key
        }),
    ]
}

fn content() -> impl Strategy<Value = Content> {
    prop::collection::btree_map(key(), (0u64..1000).prop_map(latest), 0..40)
}

fn stored(batches: &[Content]) -> (Hash, Stored) {
    let (mut root, mut pages) = (EMPTY_MAP, Stored::new());
    for batch in batches {
        let update = update_map(&pages, &root, batch).unwrap();
        root = update.root;
        pages.extend(update.pages);
    }
    (root, pages)
}

fn flat(content: &Content) -> Vec<(Hash, Latest)> {
    content.iter().map(|(key, latest)| (*key, *latest)).collect()
}

#[test]
fn the_root_of_one_key_is_its_leaf() {
    let (key, value) = (map_key("甲"), latest(7));
    let wanted = sm3(&[&[0][..], &key, &7u64.to_be_bytes(), &value.leaf].concat());
    assert_eq!(map_root(&[(key, value)]), wanted);
}

#[test]
fn two_keys_part_at_their_first_different_bit() {
    let (mut a, mut b) = ([0; 32], [0; 32]);
    (a[0], b[0]) = (0b0100_0000, 0b0110_0000);
    let leaf = |key| map_root(&[(key, latest(1))]);
    let third = node_hash(&leaf(a), &leaf(b));
    let wanted = node_hash(&node_hash(&EMPTY_MAP, &third), &EMPTY_MAP);
    assert_eq!(map_root(&[(a, latest(1)), (b, latest(1))]), wanted);
}

#[test]
fn a_leaf_in_the_wrong_place_proves_no_absence() {
    // A root in which a leaf of the right half stands on the left.
    let (asked, misplaced, sibling) = ([0; 32], [0xFF; 32], [5; 32]);
    let root = node_hash(&map_root(&[(misplaced, latest(1))]), &sibling);
    let base64 = |hash: &Hash| gm::base64::encode(hash);
    let (sibling, key, leaf) = (base64(&sibling), base64(&misplaced), base64(&latest(1).leaf));
    let json = format!(r#"{{"siblings":["{sibling}"],"end":{{"key":"{key}","n":1,"leaf":"{leaf}"}}}}"#);
    let proof: MapProof = serde_json::from_str(&json).unwrap();
    assert_eq!(proof.verify(&root, &asked), None);
}

#[test]
fn a_missing_page_and_a_damaged_one_are_named() {
    let content: Content = (0..100u64).map(|i| (map_key(&i.to_string()), latest(i))).collect();
    let (root, pages) = stored(&[content]);
    let key = map_key("5");
    let mut gone = pages.clone();
    gone.remove(&PageId::on_path(&key, 1));
    assert!(matches!(prove_latest(&gone, &root, &key), Err(LedgerError::MissingPage { .. })));
    let mut damaged = pages;
    damaged.get_mut(&PageId::ROOT).unwrap()[20] ^= 1;
    let change = BTreeMap::from([(key, latest(500))]);
    assert_eq!(update_map(&damaged, &root, &change), Err(LedgerError::Damaged { item: "最新条目映射页" }));
}

#[test]
fn the_pages_on_the_path_of_a_key_are_all_that_its_update_reads() {
    let content: Content = (0..5000u64).map(|i| (map_key(&i.to_string()), latest(i))).collect();
    let (root, pages) = stored(&[content]);
    let key = map_key("new");
    let fetched: Stored = (0..12)
        .map(|depth| PageId::on_path(&key, depth))
        .filter_map(|id| Some((id.clone(), pages.get(&id)?.clone())))
        .collect();
    let change = BTreeMap::from([(key, latest(5000))]);
    assert_eq!(update_map(&fetched, &root, &change), update_map(&pages, &root, &change));
}

#[test]
fn a_proof_reads_and_an_update_writes_a_page_for_every_four_levels() {
    let content: Content = (0..20_000u64).map(|i| (map_key(&i.to_string()), latest(i))).collect();
    let (root, pages) = stored(&[content]);
    let update = update_map(&pages, &root, &BTreeMap::from([(map_key("5"), latest(9))])).unwrap();
    // log16 of 20,000 is 3.6.
    assert!((4..=6).contains(&update.pages.len()), "{}", update.pages.len());
}

proptest! {
    #[test]
    fn the_root_depends_on_the_content_alone(batches in prop::collection::vec(content(), 0..5)) {
        let merged: Content = batches.iter().flatten().map(|(key, value)| (*key, *value)).collect();
        let (root, _) = stored(&batches);
        prop_assert_eq!(root, map_root(&flat(&merged)));
    }

    #[test]
    fn every_key_has_a_proof_of_what_is_there(content in content(), asked in key()) {
        let (root, pages) = stored(std::slice::from_ref(&content));
        let wanted = content.get(&asked).map_or(MapAnswer::Absent, |value| MapAnswer::Present(*value));
        let proof = prove_latest(&pages, &root, &asked).unwrap();
        prop_assert_eq!(proof.verify(&root, &asked), Some(wanted));
        for (key, value) in &content {
            let proof = prove_latest(&pages, &root, key).unwrap();
            prop_assert_eq!(proof.verify(&root, key), Some(MapAnswer::Present(*value)));
        }
    }

    #[test]
    fn a_proof_says_nothing_false_about_another_key(content in content(), asked in key(), other in key()) {
        let (root, pages) = stored(std::slice::from_ref(&content));
        let proof = prove_latest(&pages, &root, &asked).unwrap();
        // It may happen to hold for a neighbour; then it must say the truth.
        if let Some(answer) = proof.verify(&root, &other) {
            let wanted = content.get(&other).map_or(MapAnswer::Absent, |value| MapAnswer::Present(*value));
            prop_assert_eq!(answer, wanted);
        }
        prop_assert_eq!(proof.verify(&[9; 32], &asked), None);
    }

    #[test]
    fn a_proof_comes_back_from_its_json(content in content(), asked in key()) {
        let (root, pages) = stored(&[content]);
        let proof = prove_latest(&pages, &root, &asked).unwrap();
        let json = serde_json::to_string(&proof).unwrap();
        prop_assert_eq!(serde_json::from_str::<MapProof>(&json).unwrap(), proof);
    }

    #[test]
    fn a_page_id_comes_back_from_its_bytes(key in any::<[u8; 32]>(), depth in 0u8..64) {
        let id = PageId::on_path(&key, depth);
        prop_assert_eq!(PageId::from_bytes(&id.to_bytes()), Ok(id));
    }

    #[test]
    fn arbitrary_bytes_are_a_page_id_only_in_its_form(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(id) = PageId::from_bytes(&bytes) {
            prop_assert_eq!(id.to_bytes(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_in_the_root_page_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let pages = Stored::from([(PageId::ROOT, bytes)]);
        prop_assert!(prove_latest(&pages, &[1; 32], &[2; 32]).is_err());
    }
}
