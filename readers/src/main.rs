//! Readers that we did not write, run over every template of sealed certificate that luzheng issues:
//! ofd-core, sofd, ofdkit and openssl, each with the mutated files that it must refuse.
//!
//! Invariant: nothing here uses a crate of this project; luzheng is only ever run as a program.

mod agreement;
mod command;
mod container;
mod der;
mod forgery;
mod issued;
mod making;
mod ofd_core_reader;
mod ofdkit_reader;
mod openssl_reader;
mod picture;
mod sofd_reader;
mod tally;
mod text;
mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::making::Made;

const USAGE: &str = "usage: readers --luzheng PATH [--files DIR --keys DIR] [--docs PAGE] [--update]
  --luzheng  the program under test
  --files    folder that `luzheng issue` wrote; without it the sample of seed 7 is issued first
  --keys     folder of the keys that sealed those files
  --docs     the committed agreement page (docs/reader-agreement.md); the run fails when it differs
  --update   rewrite that page instead";

/// What the command line names.
pub struct Args {
    /// The luzheng program.
    pub luzheng: PathBuf,
    /// Issued files and their keys, when they are there already.
    pub made: Option<Made>,
    /// The agreement page.
    pub docs: PathBuf,
    /// Rewrite the page instead of comparing it.
    pub update: bool,
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Args> {
    let (mut files, mut keys, mut luzheng, mut docs, mut update) = (None, None, None, None, false);
    while let Some(flag) = args.next() {
        let slot = match flag.as_str() {
            "--files" => &mut files,
            "--keys" => &mut keys,
            "--luzheng" => &mut luzheng,
            "--docs" => &mut docs,
            "--update" => {
                update = true;
                continue;
            }
            other => bail!("unknown argument {other}\n{USAGE}"),
        };
        *slot = Some(PathBuf::from(args.next().with_context(|| format!("{flag} needs a path\n{USAGE}"))?));
    }
    let made = match (files, keys) {
        (Some(files), Some(keys)) => Some(Made { files, keys }),
        (None, None) => None,
        _ => bail!("--files and --keys belong together\n{USAGE}"),
    };
    let docs =
        docs.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reader-agreement.md"));
    let luzheng = luzheng.with_context(|| format!("--luzheng is missing\n{USAGE}"))?;
    Ok(Args { luzheng, made, docs, update })
}

fn main() -> ExitCode {
    let outcome = parse(std::env::args().skip(1)).and_then(trial::run);
    match outcome {
        Ok(tally) => {
            println!("{} passed, {} failed", tally.passed, tally.failed);
            if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        // The trial could not be held at all: a missing tool, folder or program counts as a failure.
        Err(error) => {
            println!("FAILED  {error:#}");
            println!("0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}
