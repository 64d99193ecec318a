//! `bench verify`: codes and packs from the bench, pages from a real browser, the way across provinces from real processes; one line of
//! JSON at the end.

use std::process::{Command, Stdio};

use crate::install::{FONTS, TESTS, install};
use crate::run::{root, target};

/// The parts beside the bench itself: tests that measure and print a line of JSON. They run the program as tests do, unoptimised.
const MEASURES: [&[&str]; 2] = [
    &["test", "--quiet", "-p", "web", "--test", "browser", "--", "--ignored", "figures", "--nocapture"],
    &["test", "--quiet", "-p", "luzheng", "--test", "three_nodes", "--", "--nocapture"],
];

/// Measures everything; `rest` is handed to the bench.
///
/// # Errors
/// A part that failed or printed no figures.
pub fn bench(rest: &[&str]) -> Result<(), String> {
    install(FONTS)?;
    install(TESTS)?;
    let own = [&["run", "--release", "--quiet", "--package", "benches", "--"], rest].concat();
    let mut members = Vec::new();
    for args in std::iter::once(own.as_slice()).chain(MEASURES) {
        members.push(figures(args)?);
    }
    println!("{{{}}}", members.join(","));
    Ok(())
}

/// Runs a part and gives the members of the JSON object that it printed on a line of its own.
fn figures(args: &[&str]) -> Result<String, String> {
    eprintln!("$ cargo {}", args.join(" "));
    let run = Command::new("cargo")
        .args(args)
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !run.status.success() {
        return Err(format!("cargo {} ended with {}", args.join(" "), run.status));
    }
    let text = String::from_utf8_lossy(&run.stdout);
    let line = text.lines().rev().find_map(|line| line.trim().strip_prefix('{')?.strip_suffix('}'));
    line.map(str::to_owned).ok_or_else(|| format!("cargo {} printed no figures", args.join(" ")))
}
