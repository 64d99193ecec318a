//! Every test: format, lints, the workspace, and the readers that we did not write.

use crate::install::{FONTS, TESTS, install};
use crate::run::{binary, root, run, run_with, target};

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
    object_storage()?;
    readers(false)
}

/// The tests that need an S3 server: the store itself, and a node that stands on it.
fn object_storage() -> Result<(), String> {
    let place = target().join("moto");
    let server = place.join("bin/moto_server");
    if !server.is_file() {
        let folder = place.to_string_lossy().into_owned();
        let pip = place.join("bin/pip").to_string_lossy().into_owned();
        let made = run("python3", &["-m", "venv", &folder])
            .and_then(|()| run(&pip, &["install", "--quiet", "moto[s3,server]"]));
        if let Err(error) = made {
            println!("\n*** {error}: the S3 tests below are SKIPPED unless moto_server is on the path ***\n");
        }
    }
    let given = server.is_file().then(|| server.to_string_lossy().into_owned());
    let environment: Vec<(&str, &str)> = given.iter().map(|path| ("MOTO_SERVER", path.as_str())).collect();
    for package in ["objects", "luzheng"] {
        let args = ["test", "--quiet", "--package", package, "--features", "s3", "--test", "s3"];
        run_with("cargo", &args, &environment)?;
    }
    Ok(())
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
