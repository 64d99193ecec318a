//! Input on disk: invented records with photos of their own, demo keys.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use node::keys::{InitRequest, KeyFolder, init};
use node::{Data, NodeError};
use records::Format;
use sample::{SampleOptions, Sink, generate, write_sample};

use crate::clock::now;

pub const PASSPHRASE: &str = "bench-passphrase";

/// A folder that is deleted when it is dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(base: &Path, name: &str) -> Result<Self, String> {
        let path = base.join(format!("luzheng-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Folder<'a>(&'a Path);

impl Sink for Folder<'_> {
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.0.join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(target, bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.0.join(path);
        std::fs::OpenOptions::new().create(true).append(true).open(target)?.write_all(bytes)
    }
}

/// Writes `count` records, each with its own photo, all clean.
pub fn records(folder: &Path, count: usize, data: &Data) -> Result<(), String> {
    let options = SampleOptions { count, seed: 11, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).map_err(|error| error.to_string())?;
    write_sample(&sample, Format::Jsonl, &mut Folder(folder), |_| {}).map_err(|error| error.to_string())
}

/// Writes `count` records that share the photos of another folder: for memory, not for speed.
pub fn records_sharing_photos(folder: &Path, count: usize, photos: &Path, data: &Data) -> Result<(), String> {
    let options = SampleOptions { count, seed: 12, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).map_err(|error| error.to_string())?;
    let failed = |error: io::Error| error.to_string();
    let mut pictures: Vec<PathBuf> =
        std::fs::read_dir(photos).map_err(failed)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    pictures.sort();
    std::os::unix::fs::symlink(photos, folder.join("photos")).map_err(failed)?;
    for kind in sample.kinds() {
        let file = std::fs::File::create(folder.join(format!("{}.jsonl", kind.kind.slug))).map_err(failed)?;
        let mut file = io::BufWriter::new(file);
        for number in kind.range.clone() {
            let Some(mut case) = sample.case(number) else { continue };
            if case.record.photo.is_some() {
                let name = pictures[number % pictures.len()]
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                case.record.photo = Some(format!("photos/{name}"));
            }
            let mut line = Vec::new();
            records::append_json_line(&case.record, &mut line);
            file.write_all(&line).map_err(failed)?;
        }
        file.flush().map_err(failed)?;
    }
    Ok(())
}

/// Demo keys.
pub fn keys(folder: &Path, data: &Data) -> Result<KeyFolder, NodeError> {
    let fonts = data.open_fonts()?;
    let request = InitRequest {
        dir: folder,
        authority: "演示省交通运输厅",
        uscc: "11990000MB0000000J",
        passphrase: PASSPHRASE,
        now: now(),
        under: None,
    };
    // Bench keys sign invented records in a folder that is deleted: they need no entropy.
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut rng = |buffer: &mut [u8]| {
        for byte in buffer {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    };
    init(&request, &data.catalogue, &fonts, &mut rng)
}
