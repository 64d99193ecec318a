//! A proof of one entry stands alone.
#![allow(clippy::unwrap_used)] // Helpers of tests may stop loudly too.

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ledger::*;
use proptest::prelude::*;
use support::*;

static LOG: LazyLock<Log> = LazyLock::new(|| Log::new(40, 6, 9));

fn map_proof(key: &str) -> MapProof {
    prove_latest(&LOG.pages, &LOG.map_root, &map_key(key)).unwrap()
}

fn object(number: usize) -> Object {
    Entry::parse(&LOG.entries[number]).unwrap().object.unwrap()
}

/// The proof of an entry under the last checkpoint, with the map proof of a key.
fn text(number: usize, key: Option<&str>) -> String {
    let map = key.map(map_proof);
    prove(&LOG.nodes, number as u64, &LOG.entries[number], LOG.last(), map).unwrap().to_text().unwrap()
}

fn latest_chained(key: &str) -> usize {
    LOG.latest[&map_key(key)].number as usize
}

#[test]
fn every_entry_is_proven() {
    for number in 0..40 {
        let proven = check_proof(&text(number, None), &keys()).unwrap();
        assert_eq!((proven.number, proven.entry.canonical()), (number as u64, LOG.entries[number].clone()));
        assert_eq!(proven.witnesses.len(), 1);
    }
}

#[test]
fn the_map_says_that_an_entry_is_the_latest() {
    let number = latest_chained("证照-1");
    let proven = check_proof(&text(number, Some("证照-1")), &keys()).unwrap();
    assert!(proven.lines().unwrap().last().unwrap().contains("最新一条"));
}

#[test]
fn the_map_says_which_later_entry_there_is() {
    let key = object(0).key;
    let proven = check_proof(&text(0, Some(&key)), &keys()).unwrap();
    let last = latest_chained(&key);
    assert!(proven.lines().unwrap().last().unwrap().contains(&format!("第 {last} 条")));
}

#[test]
fn the_map_proof_of_another_certificate_is_refused() {
    let key = if object(0).key == "证照-1" { "证照-2" } else { "证照-1" };
    let wanted = LedgerError::Proof { item: "最新条目映射证明" };
    assert_eq!(check_proof(&text(0, Some(key)), &keys()), Err(wanted));
}

/// The proof of an entry under a map that a lying log signed.
fn with_map(number: u64, latest: Latest) -> Result<Proven, LedgerError> {
    let place = map_key(&object(number as usize).key);
    let map = update_map(&BTreeMap::new(), &EMPTY_MAP, &BTreeMap::from([(place, latest)])).unwrap();
    let checkpoint = Checkpoint { map_root: map.root, ..LOG.last().checkpoint().clone() };
    let pages: BTreeMap<PageId, Vec<u8>> = map.pages.into_iter().collect();
    let proof = prove_latest(&pages, &map.root, &place).unwrap();
    let signed = checkpoint.sign(&*key(1)).unwrap();
    let file = prove(&LOG.nodes, number, &LOG.entries[number as usize], &signed, Some(proof)).unwrap();
    check_proof(&file.to_text().unwrap(), &keys())
}

#[test]
fn a_map_that_contradicts_the_entry_is_refused() {
    let wanted = || Err(LedgerError::Proof { item: "最新条目映射证明" });
    let leaf = leaf_hash(&LOG.entries[6]);
    assert!(with_map(6, Latest { number: 6, leaf }).is_ok());
    assert_eq!(with_map(6, Latest { number: 6, leaf: [1; 32] }), wanted());
    assert_eq!(with_map(6, Latest { number: 5, leaf }), wanted());
}

#[test]
fn a_proof_without_the_key_of_the_log_is_refused() {
    let wanted = LedgerError::NotSigned { origin: ORIGIN.to_owned() };
    assert_eq!(check_proof(&text(3, None), &keys()[1..]), Err(wanted));
}

#[test]
fn the_entry_under_another_number_is_refused() {
    let text = text(3, None).replace(r#""n":3"#, r#""n":4"#);
    assert_eq!(check_proof(&text, &keys()), Err(LedgerError::Proof { item: "包含证明" }));
}

#[test]
fn an_entry_that_the_checkpoint_does_not_cover_cannot_be_proven() {
    let made = prove(&LOG.nodes, 9, &LOG.entries[9], &LOG.checkpoints[0], None);
    assert_eq!(made, Err(LedgerError::Range { index: 9, size: 9 }));
}

fn absence(key: &str) -> String {
    AbsenceFile { object: key.to_owned(), map: map_proof(key), checkpoint: LOG.last().clone() }
        .to_text()
        .unwrap()
}

#[test]
fn a_certificate_without_entries_is_proven_to_have_none() {
    let proven = check_absence(&absence("证照-99"), &keys()).unwrap();
    assert_eq!(proven.object, "证照-99");
    assert!(proven.lines().unwrap()[0].contains("没有证照“证照-99”的任何变动条目"));
}

#[test]
fn a_certificate_with_entries_cannot_be_proven_to_have_none() {
    let wanted = LedgerError::Proof { item: "无条目证明" };
    assert_eq!(check_absence(&absence("证照-1"), &keys()), Err(wanted.clone()));
    // Nor under the proof of an absent neighbour.
    assert_eq!(check_absence(&absence("证照-99").replace("证照-99", "证照-1"), &keys()), Err(wanted));
}

proptest! {
    #[test]
    fn a_changed_absence_file_proves_nothing_false(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = absence("证照-99").into_bytes();
        let at = place.index(bytes.len());
        bytes[at] = byte;
        let Ok(changed) = String::from_utf8(bytes) else { return Ok(()) };
        // Another absent key may be named where the proof holds for it too; never one that is present.
        if let Ok(proven) = check_absence(&changed, &keys()) {
            prop_assert!(!LOG.latest.contains_key(&map_key(&proven.object)));
            prop_assert_eq!(&proven.checkpoint, LOG.last().checkpoint());
        }
    }

    #[test]
    fn a_changed_file_proves_nothing_else(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let honest = text(0, Some(&object(0).key));
        let mut bytes = honest.clone().into_bytes();
        let at = place.index(bytes.len());
        bytes[at] = byte;
        let Ok(changed) = String::from_utf8(bytes) else { return Ok(()) };
        // The name of a witness may change: it is then unknown. What is proven of the entry stays.
        if let Ok(proven) = check_proof(&changed, &keys()) {
            prop_assert_eq!(proven.entry.canonical(), LOG.entries[0].clone());
            prop_assert_eq!(proven.number, 0);
            prop_assert!(changed == honest || proven.witnesses.is_empty());
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        prop_assert!(check_proof(&text, &keys()).is_err());
    }
}
