//! The vectors of `docs/ledger-format.md` are what the code makes: the document is read back here.

mod support;

use ledger::*;
use support::*;

const DOCUMENT: &str = include_str!("../../../docs/ledger-format.md");

/// The document holds exactly this block; otherwise the message is what it should hold.
fn assert_documented(name: &str, block: &str) {
    let wanted = format!("<!-- {name} -->\n```\n{block}\n```\n");
    assert!(DOCUMENT.contains(&wanted), "docs/ledger-format.md should hold:\n{wanted}");
}

fn hex_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn log() -> Log {
    Log::new(4, 2, 4)
}

/// `name value` lines.
fn table<const N: usize>(rows: [(&str, String); N]) -> String {
    rows.map(|(name, value)| format!("{name} {value}")).join("\n")
}

fn list(proof: &[Hash]) -> String {
    proof.iter().map(hex).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_tree_vectors_are_documented() {
    let log = log();
    let leaf = |number: usize| hex(&leaf_hash(&log.entries[number]));
    let root = |size: usize| {
        let mut frontier = Frontier::new();
        frontier.append_many(&leaf_hashes(&log.entries[..size]));
        hex(&frontier.root())
    };
    let mut three = Frontier::new();
    three.append_many(&leaf_hashes(&log.entries[..3]));
    let block = table([
        ("leaf0", leaf(0)),
        ("leaf1", leaf(1)),
        ("leaf2", leaf(2)),
        ("leaf3", leaf(3)),
        ("root0", root(0)),
        ("root1", root(1)),
        ("root2", root(2)),
        ("root3", root(3)),
        ("root4", root(4)),
        ("frontier3", hex_bytes(&three.to_bytes())),
        ("inclusion(1,3)", list(&inclusion_proof(&log.nodes, 1, 3).unwrap())),
        ("consistency(3,4)", list(&consistency_proof(&log.nodes, 3, 4).unwrap())),
    ]);
    assert_documented("tree", &block);
}

#[test]
fn the_map_vectors_are_documented() {
    let log = log();
    let absent = map_key("证照-2");
    let proof = prove_latest(&log.pages, &log.map_root, &absent).unwrap();
    let block = table([
        ("key(证照-0)", hex(&map_key("证照-0"))),
        ("key(证照-1)", hex(&map_key("证照-1"))),
        ("key(证照-2)", hex(&absent)),
        ("root", hex(&log.map_root)),
        ("page(00)", hex_bytes(&log.pages[&PageId::ROOT])),
        ("absent(证照-2)", serde_json::to_string(&proof).unwrap()),
    ]);
    assert_documented("map", &block);
}

#[test]
fn the_checkpoint_vector_is_documented() {
    let keys = table([
        ("log", hex_bytes(named(ORIGIN, 1).key.as_bytes())),
        ("witness", hex_bytes(named(WITNESS, 2).key.as_bytes())),
        ("digest", hex(&log().last().checkpoint().digest().unwrap())),
    ]);
    assert_documented("keys", &keys);
    assert_documented("checkpoint", log().last().to_text().unwrap().trim_end());
}

#[test]
fn the_export_vector_is_documented() {
    assert_documented("export", &log().export().join("\n"));
}

#[test]
fn the_proof_file_vector_is_documented() {
    let log = log();
    let map = prove_latest(&log.pages, &log.map_root, &map_key("证照-1")).unwrap();
    let file = prove(&log.nodes, 1, &log.entries[1], log.last(), Some(map)).unwrap();
    assert_documented("proof", file.to_text().unwrap().trim_end());
}

#[test]
fn the_absence_file_vector_is_documented() {
    let log = log();
    let map = prove_latest(&log.pages, &log.map_root, &map_key("证照-2")).unwrap();
    let file = AbsenceFile { object: "证照-2".to_owned(), map, checkpoint: log.last().clone() };
    assert_documented("absence", file.to_text().unwrap().trim_end());
}
