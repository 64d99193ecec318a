//! Running commands from the repository's root.

use std::path::PathBuf;
use std::process::Command;

use crate::install::{FONTS, install};

/// The repository's root.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// The one target directory of everything, readers included.
pub fn target() -> PathBuf {
    #[allow(clippy::disallowed_methods, reason = "a build command may be told its target directory")]
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a command and prints it first.
pub fn run(program: &str, args: &[&str]) -> Result<(), String> {
    run_with(program, args, &[])
}

/// The same, with more in its environment.
pub fn run_with(program: &str, args: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    println!("$ {program} {}", args.join(" "));
    let mut command = Command::new(program);
    command.args(args).current_dir(root()).env("CARGO_TARGET_DIR", target());
    let status = command.envs(environment.iter().copied()).status();
    let status = status.map_err(|error| format!("{program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} {} ended with {status}", args.join(" "))) }
}

/// The release binary, built.
pub fn binary() -> Result<PathBuf, String> {
    run("cargo", &["build", "--release", "--package", "luzheng"])?;
    Ok(target().join("release").join("luzheng"))
}

/// `cargo xtask demo …`: the process becomes the product, so that Ctrl-C reaches it and nobody prints after it.
pub fn demo(rest: &[&str]) -> Result<(), String> {
    use std::os::unix::process::CommandExt;
    install(FONTS)?;
    let binary = binary()?;
    println!("$ luzheng demo {}", rest.join(" "));
    let error = Command::new(&binary).arg("demo").args(rest).current_dir(root()).exec();
    Err(format!("{}: {error}", binary.display()))
}

/// `cargo xtask bench …`: the bench is a program of its own crate, built like the product.
pub fn bench(rest: &[&str]) -> Result<(), String> {
    let mut args = vec!["run", "--release", "--quiet", "--package", "benches", "--"];
    args.extend(rest);
    run("cargo", &args)
}
