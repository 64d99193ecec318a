//! Every test: format, lints, the workspace, and the readers that we did not write.

use crate::install::{FONTS, TESTS, install};
use crate::run::{binary, root, run};

/// Installs what is missing and runs everything; the first failure stops.
///
/// # Errors
/// What failed.
pub fn test() -> Result<(), String> {
    install(FONTS)?;
    install(TESTS)?;
    run("cargo", &["fmt", "--all", "--check"])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    run("cargo", &["test", "--workspace", "--quiet", "--no-fail-fast"])?;
    readers(false)
}

/// Runs the independent readers over fresh files; `update` rewrites their table.
///
/// # Errors
/// A reader that disagrees, or a table that differs from the committed one.
pub fn readers(update: bool) -> Result<(), String> {
    let binary = binary()?;
    let binary = binary.to_string_lossy().into_owned();
    let manifest = root().join("readers/Cargo.toml").to_string_lossy().into_owned();
    let mut args = vec!["run", "--quiet", "--manifest-path", &manifest, "--", "--luzheng", &binary];
    if update {
        args.push("--update");
    }
    run("cargo", &args)
}
