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
    let axe =
        python(&["--no-deps", "axe-playwright-python==0.1.8"], "packages/axe_playwright_python/axe.min.js");
    let environment: Vec<(&str, &str)> = axe.iter().map(|path| ("AXE_CORE", path.as_str())).collect();
    run_with("cargo", &["test", "--workspace", "--quiet", "--no-fail-fast"], &environment)?;
    object_storage()?;
    readers(false)
}

/// A file out of a Python package, which is installed below the target folder once; `None`, and loudly, where that cannot be.
fn python(wanted: &[&str], file: &str) -> Option<String> {
    let place = target().join("python");
    let path = |below: &str| place.join(below).to_string_lossy().into_owned();
    let found = path(file);
    if !place.join(file).is_file() {
        let folder = place.to_string_lossy().into_owned();
        // Beside the environment's own tools, so that a package's files are found by their names.
        let packages = path("packages");
        let done = run("python3", &["-m", "venv", &folder]).and_then(|()| {
            let install = if file.starts_with("bin/") {
                ["install", "--quiet"].as_slice()
            } else {
                &["install", "--quiet", "--target", &packages]
            };
            run(&path("bin/pip"), &[install, wanted].concat())
        });
        if let Err(error) = done {
            println!("\n*** {error}: what needs {} is SKIPPED ***\n", wanted.join(" "));
            return None;
        }
    }
    Some(found)
}

/// The tests that need an S3 server: the store itself, and a node that stands on it.
fn object_storage() -> Result<(), String> {
    let server = python(&["moto[s3,server]"], "bin/moto_server");
    let environment: Vec<(&str, &str)> = server.iter().map(|path| ("MOTO_SERVER", path.as_str())).collect();
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
