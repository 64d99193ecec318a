//! The verdict table: the readable cases of `tests/verdicts/`, the committed `docs/verdict-table.json` made of them, and the Rust
//! verdict function on every row.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeMap;

use proof::{Evidence, Input, Knowledge, Pack, Trust, TrustData, judge};
use serde::{Deserialize, Serialize};
use support::world::{at, trust};
use support::{Snapshots, world};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdict-table.json");

/// What server, command line and page are held to.
#[derive(Serialize, Deserialize)]
struct Table {
    about: String,
    trusts: BTreeMap<String, TrustData>,
    packs: BTreeMap<String, String>,
    rows: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    name: String,
    trust: String,
    packs: Vec<String>,
    evidence: Evidence,
    now: String,
    input: Input,
    verdict: String,
    codes: Vec<String>,
}

fn made() -> String {
    let world = Snapshots::read();
    let names = ["all", "98", "roots", "no-crl", "stale-crl", "empty"];
    let rows: Vec<Row> = world
        .cases
        .iter()
        .map(|case| Row {
            name: case.name.clone(),
            trust: case.trust.clone(),
            packs: case.packs.clone(),
            evidence: world.evidence(case),
            now: case.now.clone(),
            input: world.input(case),
            verdict: case.verdict.clone(),
            codes: case.codes.clone(),
        })
        .collect();
    let head = "Made of crates/proof/tests/verdicts/*.toml by `cargo test -p proof --test verdict_table -- --ignored`: \
                knowledge (trust, packs), evidence of a register, now, input → verdict and reason codes in order.";
    let table = Table {
        about: head.into(),
        trusts: names.iter().map(|name| ((*name).to_owned(), trust(name))).collect(),
        packs: world
            .pack_names()
            .map(|name| (name.clone(), gm::base64::encode(&world.pack_file(name))))
            .collect(),
        rows,
    };
    // One row a line: a change shows as the rows that it changes.
    let line = |value: serde_json::Value| serde_json::to_string(&value).unwrap();
    let value = serde_json::to_value(&table).unwrap();
    let object = |name: &str| {
        let lines: Vec<String> = value[name]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, one)| format!("{}:{}", line(key.as_str().into()), line(one.clone())))
            .collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    };
    let rows: Vec<String> = value["rows"].as_array().unwrap().iter().map(|row| line(row.clone())).collect();
    format!(
        "{{\n\"about\":{},\n\"trusts\":{},\n\"packs\":{},\n\"rows\":[\n{}\n]\n}}\n",
        line(value["about"].clone()),
        object("trusts"),
        object("packs"),
        rows.join(",\n")
    )
}

#[test]
#[ignore = "writes docs/verdict-table.json"]
fn write_the_table() {
    std::fs::write(TABLE, made()).unwrap();
}

#[test]
fn the_committed_table_is_the_one_that_the_cases_make() {
    assert!(std::fs::read_to_string(TABLE).unwrap() == made(), "run this target with --ignored");
}

#[test]
fn the_verdict_function_gives_every_row() {
    let table: Table = serde_json::from_str(&std::fs::read_to_string(TABLE).unwrap()).unwrap();
    let trusts: BTreeMap<&String, Trust> =
        table.trusts.iter().map(|(name, data)| (name, Trust::open(data).unwrap())).collect();
    let signers = world::open("all");
    let packs: BTreeMap<&String, Pack> = table
        .packs
        .iter()
        .map(|(name, text)| (name, Pack::read(&gm::base64::decode(text).unwrap(), &signers).unwrap()))
        .collect();
    let mut wrong = Vec::new();
    for row in &table.rows {
        let mut knowledge = Knowledge::new(trusts[&row.trust].clone());
        for name in &row.packs {
            knowledge.admit(packs[name].clone()).unwrap();
        }
        let answer = judge(&knowledge, &row.evidence, at(&row.now), &row.input);
        let codes: Vec<&str> = answer.reasons.iter().map(|reason| reason.code.as_str()).collect();
        if answer.verdict.text() != row.verdict || codes != row.codes {
            wrong.push(format!(
                "{}: {} {codes:?}, want {} {:?}",
                row.name, answer.verdict, row.verdict, row.codes
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.rows.len(), wrong.join("\n"));
}

#[test]
fn there_are_at_least_150_rows_with_different_names_and_every_reason_of_a_code_is_met() {
    let world = Snapshots::read();
    let names: std::collections::BTreeSet<_> = world.cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), world.cases.len());
    assert!(names.len() >= 150, "{}", names.len());
    let met: std::collections::BTreeSet<_> = world.cases.iter().flat_map(|case| &case.codes).collect();
    let groups =
        ["CODE_", "PACK_", "SHEET_", "CLOCK_", "OFFLINE_", "ISSUER_UNREACHABLE", "SHOWN_", "COMPARE_"];
    let missing: Vec<_> = model::Reason::codes()
        .into_iter()
        .filter(|code| {
            groups.iter().any(|group| code.starts_with(group)) && !met.iter().any(|one| one == code)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
