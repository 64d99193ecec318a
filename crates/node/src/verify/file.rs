//! `verify`: files against trust data; nothing here needs a private key.

use std::path::{Path, PathBuf};

use model::{Reason, Verdict};
use seal::{FileFacts, FileVerdict, TrustStore, Verifier};

use crate::{NodeError, files};

/// A file with its verdict.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The file.
    pub path: PathBuf,
    /// The verdict.
    pub verdict: FileVerdict,
}

/// Reads trust data from a folder that holds `trust.toml`, or from a key folder (its `trust/`).
///
/// # Errors
/// No trust data there, or data that does not parse.
pub fn load_trust(folder: &Path) -> Result<TrustStore, NodeError> {
    let inner = folder.join("trust");
    let root = if folder.join("trust.toml").is_file() { folder.to_owned() } else { inner };
    let index = root.join("trust.toml");
    if !index.is_file() {
        let what = format!("“{}”没有信任清单 trust.toml", folder.display());
        return Err(NodeError::refused(what, "请用 --trust 指明密钥目录或 keys export-trust 导出的目录"));
    }
    let text = files::read_text(&index)?;
    Ok(TrustStore::parse(&text, |name| {
        let inside = !name.split('/').any(|part| part == ".." || part.is_empty());
        inside.then(|| std::fs::read(root.join(name)).ok()).flatten()
    })?)
}

/// All files to check: a file is itself, a folder gives the `.ofd` files in it, sorted.
///
/// # Errors
/// A path that is not there.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, NodeError> {
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            files::walk(path, &mut found)?;
            let is_ofd = |path: &PathBuf| {
                path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ofd"))
            };
            out.extend(found.into_iter().filter(is_ofd));
        } else if path.is_file() {
            out.push(path.clone());
        } else if path.exists() {
            // A pipe or a device has no end that one could wait for.
            let what = format!("“{}”不是普通文件", path.display());
            return Err(NodeError::refused(what, "请给出 .ofd 文件或目录"));
        } else {
            let what = format!("没有“{}”这个文件或目录", path.display());
            return Err(NodeError::refused(what, "请核对路径"));
        }
    }
    Ok(out)
}

/// The verdict over one file. A file that is too large to be a certificate is not read at all.
///
/// # Errors
/// The file cannot be read.
pub fn verify_file(verifier: &Verifier, path: &Path, now: i64) -> Result<Checked, NodeError> {
    let length = std::fs::metadata(path).map_err(NodeError::io("读取", path))?.len();
    let verdict = if length > verifier.most_bytes() {
        let reason = Reason::new("FILE_TOO_LARGE", &format!("{} MB", length >> 20));
        FileVerdict { verdict: Verdict::Invalid, reasons: vec![reason], facts: FileFacts::default() }
    } else {
        verifier.verify(&files::read(path)?, now)
    };
    Ok(Checked { path: path.to_owned(), verdict })
}
