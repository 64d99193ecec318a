//! Benches that are more than one program, with one line of JSON at the end. `bench verify`: codes and packs from the bench, pages from a
//! real browser, the way across provinces from real processes. `bench pages`: the time of a cold build, then the pages of what was built.

use std::process::{Command, Stdio};

use crate::install::{FONTS, TESTS, install};
use crate::run::{root, run_with, target};

/// The parts beside the bench itself: tests that measure and print a line of JSON. They run the program as tests do, unoptimised.
const MEASURES: [&[&str]; 2] = [
    &["test", "--quiet", "-p", "web", "--test", "browser", "--", "--ignored", "figures", "--nocapture"],
    &["test", "--quiet", "-p", "luzheng", "--test", "three_nodes", "--", "--nocapture"],
];

/// Measures everything; `rest` is handed to the bench.
///
/// # Errors
/// A part that failed or printed no figures.
pub fn verify(rest: &[&str]) -> Result<(), String> {
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

/// Builds the program in an empty folder, with the time, and opens its pages; `rest` is handed to the bench.
///
/// # Errors
/// A build that fails, a page that does not answer.
pub fn pages(rest: &[&str]) -> Result<(), String> {
    install(FONTS)?;
    let folder = target().join("cold");
    let gone = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(gone)?;
    }
    let place = folder.to_string_lossy().into_owned();
    #[allow(clippy::disallowed_methods, reason = "a build has no clock but the machine's")]
    let began = std::time::Instant::now();
    run_with("cargo", &["build", "--release", "--package", "luzheng"], &[("CARGO_TARGET_DIR", &place)])?;
    let cold = began.elapsed().as_secs_f64();
    let program = folder.join("release/luzheng").to_string_lossy().into_owned();
    let own = [&["run", "--release", "--quiet", "--package", "benches", "--"], rest, &["--demo", &program]];
    let members = figures(&own.concat());
    std::fs::remove_dir_all(&folder).map_err(gone)?;
    println!("{{{},\"cold_build_s\":{cold:.1}}}", members?);
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
