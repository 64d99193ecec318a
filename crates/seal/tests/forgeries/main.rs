//! The table of forgeries: each row is a file built from the genuine one, with the verdict and the reason it must get.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod authority;
mod container;
mod document;
mod genuine;
mod layer;
mod overlay;
mod table;
mod time;

use std::collections::BTreeSet;

use seal::Verifier;
use support::{Files, NOW, Trust, World};

/// What a row's builder gives.
pub struct Case {
    pub bytes: Vec<u8>,
    pub trust: Trust,
    pub now: i64,
}

impl Case {
    pub fn bytes(world: &World, bytes: Vec<u8>) -> Self {
        Self { bytes, trust: world.trust(), now: NOW }
    }

    pub fn files(world: &World, files: &Files) -> Self {
        Self::bytes(world, files.zip())
    }

    pub fn trust(mut self, change: impl FnOnce(&mut Trust)) -> Self {
        change(&mut self.trust);
        self
    }
}

/// The id of a row and how its file is made.
pub type Forgery = (&'static str, fn(&World) -> Case);

fn forgeries() -> impl Iterator<Item = &'static Forgery> {
    [genuine::ROWS, document::ROWS, layer::ROWS, authority::ROWS, time::ROWS, overlay::ROWS, container::ROWS]
        .into_iter()
        .flatten()
}

#[test]
fn every_row_gets_its_verdict_and_reason() {
    let (world, rows) = (World::new(), table::rows());
    let mut wrong = Vec::new();
    for (id, build) in forgeries() {
        let Some(row) = rows.iter().find(|row| row.id == *id) else { continue };
        let case = build(&world);
        // Twice: what the verifier remembers from the first time must not change the second answer.
        let verifier = case.trust.verifier();
        let (first, second) =
            (verifier.verify(&case.bytes, case.now), verifier.verify(&case.bytes, case.now));
        assert_eq!(first.reasons, second.reasons, "{id}");
        let codes: BTreeSet<&str> = first.reasons.iter().map(|reason| reason.code.as_str()).collect();
        if first.verdict.text() != row.verdict || !codes.contains(row.code.as_str()) {
            wrong.push(format!("{id}: {} {codes:?}", first.verdict));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_remembered_of_the_genuine_file_helps_no_forgery() {
    let world = World::new();
    let genuine = world.genuine().zip();
    // Often enough that parts, seal and the signer's key are all remembered.
    let often = 30;
    for (id, build) in forgeries() {
        let case = build(&world);
        let warm = case.trust.verifier();
        (0..often).for_each(|_| drop(warm.verify(&genuine, case.now)));
        let cold = Verifier::uncached(case.trust.store());
        let (warm, cold) = (warm.verify(&case.bytes, case.now), cold.verify(&case.bytes, case.now));
        assert_eq!(warm.reasons, cold.reasons, "{id}");
    }
}

#[test]
fn table_and_builders_name_the_same_rows() {
    let listed: Vec<String> = table::rows().into_iter().map(|row| row.id).collect();
    let built: Vec<&str> = forgeries().map(|(id, _)| *id).collect();
    assert_eq!(listed, built);
    assert_eq!(built.len(), built.iter().collect::<BTreeSet<_>>().len(), "an id occurs twice");
}

#[test]
fn a_forgery_differs_from_the_genuine_file_or_its_trust() {
    let world = World::new();
    let genuine = world.genuine().zip();
    for (id, build) in document::ROWS.iter().chain(overlay::ROWS).chain(container::ROWS) {
        assert!(build(&world).bytes != genuine, "{id} is the genuine file");
    }
}

/// Not about the bytes of a file: given by the node before one is read, or by the register (`crates/proof/tests/standing.rs`,
/// `crates/node/tests/verify.rs`), or by whoever asks another node (`crates/luzheng/tests/three_nodes.rs`).
const ELSEWHERE: [&str; 12] = [
    "ENTITLEMENT_LOST",
    "FILE_NOT_REGISTERED",
    "FILE_REGISTERED",
    "FILE_TOO_LARGE",
    "ISSUER_NOT_CONNECTED",
    "LINKED_HINT",
    "MINISTRY_UNREACHABLE",
    "NOT_CONVERTED",
    "NUMBER_FORM",
    "PLATE_EXEMPT",
    "PLATE_FORM",
    "PLATE_OTHER_COLOUR",
];

/// The rows about codes and what is known of a certificate; its test shows each of their reasons.
const VERDICTS: &str = include_str!("../../../../docs/verdict-table.json");

/// Shown elsewhere: by the table of verdicts, or about receipts (`crates/proof/tests/receipt.rs`) and answers of other systems
/// (`crates/node/tests/connector.rs`).
fn is_of_others(code: &str) -> bool {
    let begins = ["RECEIPT_", "CONNECTOR_"].iter().any(|head| code.starts_with(head));
    ELSEWHERE.contains(&code) || begins || VERDICTS.contains(&format!("\"{code}\""))
}

#[test]
fn every_reason_of_the_data_file_is_shown_by_a_row() {
    let world = World::new();
    let mut shown: BTreeSet<String> = BTreeSet::new();
    for (_, build) in forgeries() {
        let case = build(&world);
        let verdict = case.trust.verifier().verify(&case.bytes, case.now);
        shown.extend(verdict.reasons.into_iter().map(|reason| reason.code));
    }
    let silent: Vec<&str> = model::Reason::codes()
        .into_iter()
        .filter(|code| !shown.contains(*code) && !is_of_others(code))
        .collect();
    assert!(silent.is_empty(), "no row shows {silent:?}");
}

#[test]
fn a_row_that_passes_says_why_it_may() {
    for row in table::rows() {
        assert_eq!(row.passes.is_some(), row.verdict.starts_with("有效"), "{}", row.id);
    }
}

#[test]
fn the_document_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/forgeries.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == table::markdown(),
        "run: cargo test -p seal --test forgeries -- --ignored write_the_document"
    );
}

#[test]
#[ignore = "writes docs/forgeries.md"]
fn write_the_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/forgeries.md");
    std::fs::write(path, table::markdown()).unwrap();
}
