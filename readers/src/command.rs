//! Running the programs that the trial stands on, with an error that says how to get a missing one.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `program` to its end, whatever its exit code.
///
/// # Errors
/// The program cannot be started: `how_to_get_it` completes the sentence.
pub fn run(program: &Path, args: &[&str], how_to_get_it: &str) -> Result<Output> {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}; {how_to_get_it}", program.display()))
}

/// Runs `program` and gives its standard output.
///
/// # Errors
/// It cannot be started, or ends with a code other than 0 (the message carries its output).
pub fn succeed(program: &Path, args: &[&str], how_to_get_it: &str) -> Result<Vec<u8>> {
    let output = run(program, args, how_to_get_it)?;
    if !output.status.success() {
        bail!("{} {} failed: {}", program.display(), args.join(" "), said(&output));
    }
    Ok(output.stdout)
}

/// Both streams of a finished program, for messages.
pub fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).trim().replace('\n', "; ")
}

/// A path as an argument.
///
/// # Errors
/// The path is not UTF-8.
pub fn arg(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}

/// Writes `bytes` to `path`, making its folder.
///
/// # Errors
/// The disk refuses.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut file =
        std::fs::File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))
}
