//! Making the files under test: invented records, demo keys, sealed certificates.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{arg, said};

/// Passphrase of keys that live for one run.
const PASSPHRASE: &str = "demo-demo-demo";

/// A folder of issued files and the key folder that sealed them.
pub struct Made {
    /// What `luzheng issue --out` wrote.
    pub files: PathBuf,
    /// What `luzheng keys init --dir` wrote.
    pub keys: PathBuf,
}

/// Issues the sample of seed 7 under new demo keys below `work`; what was there before is removed.
///
/// # Errors
/// luzheng cannot be run, or a step fails.
pub fn fresh(luzheng: &Path, work: &Path) -> Result<Made> {
    let [sample, keys, files] = ["sample", "keys", "issued"].map(|name| work.join(name));
    for folder in [&sample, &keys, &files] {
        if folder.exists() {
            std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
    }
    let authority = ["--authority", "演示省交通运输厅", "--uscc", "11990000MB0000000J"];
    step(luzheng, &["sample", "--count", "90", "--seed", "7", "--out", arg(&sample)?], &[0])?;
    step(luzheng, &[&["keys", "init", "--dir", arg(&keys)?][..], &authority].concat(), &[0])?;
    // 2: some records refused. The sample holds wrong ones on purpose.
    let issue = ["issue", "--in", arg(&sample)?, "--keys", arg(&keys)?, "--out", arg(&files)?];
    step(luzheng, &issue, &[0, 2])?;
    Ok(Made { files, keys })
}

fn step(luzheng: &Path, args: &[&str], codes: &[i32]) -> Result<()> {
    let output = Command::new(luzheng)
        .args(args)
        .env("LUZHENG_PASSPHRASE", PASSPHRASE)
        .output()
        .with_context(|| format!("cannot run {}; {}", luzheng.display(), crate::issued::GET_LUZHENG))?;
    if !output.status.code().is_some_and(|code| codes.contains(&code)) {
        bail!("luzheng {} failed: {}", args.join(" "), said(&output));
    }
    Ok(())
}
