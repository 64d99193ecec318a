//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::NodeError;

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, NodeError> {
    fs::read(path).map_err(NodeError::io("读取", path))
}

pub(crate) fn read_text(path: &Path) -> Result<String, NodeError> {
    fs::read_to_string(path).map_err(NodeError::io("读取", path))
}

pub(crate) fn create_dir(path: &Path) -> Result<(), NodeError> {
    fs::create_dir_all(path).map_err(NodeError::io("建立目录", path))
}

/// Writes beside the target, then renames: a reader, and a crash, sees the old file or the new one.
/// Durable only after [`sync`] of the folder's file system.
pub(crate) fn place(path: &Path, bytes: &[u8]) -> Result<(), NodeError> {
    place_with_mode(path, bytes, 0o644)
}

pub(crate) fn place_with_mode(path: &Path, bytes: &[u8], mode: u32) -> Result<(), NodeError> {
    use std::os::unix::fs::OpenOptionsExt;
    let part = part_of(path);
    let open = || fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&part);
    let mut file = open().map_err(NodeError::io("写入", &part))?;
    file.write_all(bytes).map_err(NodeError::io("写入", &part))?;
    fs::rename(&part, path).map_err(NodeError::io("写入", path))
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Everything written below `folder` is on the disk when this returns: files, names and folders.
pub(crate) fn sync(folder: &Path) -> Result<(), NodeError> {
    let handle = File::open(folder).map_err(NodeError::io("打开", folder))?;
    rustix::fs::syncfs(&handle).map_err(|error| NodeError::io("写盘", folder)(error.into()))
}

/// All regular files below a folder, sorted by path; a file is itself.
pub(crate) fn walk(path: &Path, out: &mut Vec<PathBuf>) -> Result<(), NodeError> {
    let meta = fs::symlink_metadata(path).map_err(NodeError::io("读取", path))?;
    if !meta.is_dir() {
        out.push(path.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(NodeError::io("读取", path))?;
    let mut children = entries.collect::<Result<Vec<_>, _>>().map_err(NodeError::io("读取", path))?;
    children.sort_by_key(std::fs::DirEntry::file_name);
    for child in children {
        if child.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_file()) {
            walk(&child.path(), out)?;
        }
    }
    Ok(())
}
