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
mod ofd_core_reader;
mod ofdkit_reader;
mod openssl_reader;
mod picture;
mod sofd_reader;
mod tally;
mod text;
mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: readers --files DIR --keys DIR --luzheng PATH --docs PAGE [--update]
  --files    folder that `luzheng issue` wrote (from `luzheng sample --count 90 --seed 7`)
  --keys     folder of `luzheng keys init`
  --luzheng  the program under test
  --docs     the committed agreement page; the run fails when it differs
  --update   rewrite that page instead";

/// What the command line names.
pub struct Args {
    /// Folder of issued files, searched through.
    pub files: PathBuf,
    /// Key folder; only its public `trust/` part is read.
    pub keys: PathBuf,
    /// The luzheng program.
    pub luzheng: PathBuf,
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
    match (files, keys, luzheng, docs) {
        (Some(files), Some(keys), Some(luzheng), Some(docs)) => {
            Ok(Args { files, keys, luzheng, docs, update })
        }
        _ => bail!("an argument is missing\n{USAGE}"),
    }
}

fn main() -> ExitCode {
    let outcome = parse(std::env::args().skip(1)).and_then(|args| trial::run(&args));
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
