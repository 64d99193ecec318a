//! The scripts of the pages under Node.js: `crates/web/assets/tests/*.test.mjs`, with cases that the Rust crates make here and judge
//! themselves, so that both sides say the same of the same bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cases;
mod chance;
mod receipts;
#[allow(dead_code, reason = "one world of keys for the tests of several crates")]
#[path = "../../../proof/tests/support/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

/// Runs the named test files, and demands that none of their tests was left out.
fn run(tests: &[&str], cases: &Path) {
    let paths = tests.iter().map(|test| format!("{ASSETS}/tests/{test}.test.mjs"));
    let output = Command::new("node").arg("--test").args(paths).env("LUZHENG_CASES", cases).output();
    let output =
        output.expect("Node.js is needed for the tests of the pages' scripts: apt-get install nodejs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("# skipped 0"), "a test was left out:\n{text}");
}

#[test]
fn what_the_crates_say_of_keys_codes_certificates_and_packs_the_page_says_too() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let cases = folder.join("page-cases.json");
    fs::write(&cases, serde_json::to_vec(&cases::all()).unwrap()).unwrap();
    run(&["cases", "vectors"], &cases);
}

#[test]
fn the_page_gives_every_row_of_the_verdict_table() {
    run(&["verdict"], Path::new(""));
}

#[test]
fn symbols_in_pictures_are_read() {
    run(&["qr", "gridmatrix", "hostile"], Path::new(""));
}

#[test]
fn only_what_browsers_of_2020_know_is_shipped() {
    run(&["dated"], Path::new(""));
}

#[test]
#[ignore = "figures: cargo test -p web --test assets -- --ignored --nocapture"]
fn figures() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (cases, large) = (folder.join("page-cases.json"), folder.join("page-large.lzpk"));
    fs::write(&cases, serde_json::to_vec(&cases::all()).unwrap()).unwrap();
    fs::write(&large, cases::large_pack()).unwrap();
    let script = format!("{ASSETS}/tests/figures.mjs");
    let status = Command::new("node").arg(script).arg(&cases).arg(&large).status().unwrap();
    assert!(status.success());
}

/// A test file that no test above names would never run.
#[test]
fn every_test_file_is_run() {
    let mut found = Vec::new();
    files(&Path::new(ASSETS).join("tests"), &mut found);
    let mut names: Vec<String> = found
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".test.mjs").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, ["cases", "dated", "gridmatrix", "hostile", "qr", "vectors", "verdict"]);
}
