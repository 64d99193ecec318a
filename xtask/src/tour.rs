//! The first look: the product's main job on invented data, and pictures to open.

use std::path::Path;
use std::process::Command;

use crate::install::{FONTS, install};
use crate::run::{binary, root};

/// Runs sample → keys → issue → verify → show into `tour/`, printing each command as a user would type it.
///
/// # Errors
/// A command that could not run.
pub fn tour() -> Result<(), String> {
    install(FONTS)?;
    let binary = binary()?;
    let folder = root().join("tour");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let step = |args: &[&str], allowed: &[i32]| step(&binary, &folder, args, allowed);
    step(&["sample", "--count", "900", "--seed", "7", "--out", "sample"], &[0])?;
    step(
        &["keys", "init", "--dir", "keys", "--authority", "演示省交通运输厅", "--uscc", "11990000MB0000000J"],
        &[0],
    )?;
    // About three in a hundred records are wrong on purpose: refused records are exit code 2.
    step(&["issue", "--in", "sample", "--keys", "keys", "--out", "out"], &[0, 2])?;
    step(&["keys", "export-trust", "--dir", "keys", "--out", "trust"], &[0])?;
    step(&["verify", "--trust", "trust", "out/qualification"], &[0])?;
    for kind in ["qualification", "operation-licence", "transport-certificate"] {
        let file = first(&folder.join("out").join(kind))?;
        let picture = format!("{kind}.png");
        step(&["show", &file, "--png", "--out", &picture], &[0])?;
    }
    println!(
        "\nOpen tour/qualification.png, tour/operation-licence.png, tour/transport-certificate.png; findings are in tour/out/findings.xlsx."
    );
    Ok(())
}

fn step(binary: &Path, folder: &Path, args: &[&str], allowed: &[i32]) -> Result<(), String> {
    println!("\n$ luzheng {}", args.join(" "));
    let status = Command::new(binary)
        .args(args)
        .current_dir(folder)
        .env("LUZHENG_PASSPHRASE", "demo-passphrase")
        .status()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    match status.code() {
        Some(code) if allowed.contains(&code) => Ok(()),
        _ => Err(format!("luzheng {} ended with {status}", args.join(" "))),
    }
}

/// The first certificate file below a folder.
fn first(folder: &Path) -> Result<String, String> {
    let mut paths = vec![folder.to_owned()];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let mut children: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
            children.sort_by(|a, b| b.cmp(a));
            paths.extend(children);
        } else if path.extension().is_some_and(|extension| extension == "ofd") {
            return Ok(path.to_string_lossy().into_owned());
        }
    }
    Err(format!("no certificate below {}", folder.display()))
}
