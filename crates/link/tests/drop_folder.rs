//! The drop folder: whole batches, honest receipts, and a crash at any step.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::Cell;
use std::error::Error;
use std::path::{Path, PathBuf};

use link::files::*;
use proptest::prelude::*;
use serde_json::Map;

/// A folder of the test's own, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("link-drop-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn folder(&self) -> DiskFolder {
        DiskFolder::open(&self.0, 1 << 20).unwrap()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    /// All files, with their folders, sorted.
    fn files(&self) -> Vec<String> {
        fn walk(at: &Path, base: &Path, out: &mut Vec<String>) {
            for entry in std::fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, base, out);
                } else {
                    out.push(path.strip_prefix(base).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        let mut out = Vec::new();
        walk(&self.0, &self.0, &mut out);
        out.sort();
        out
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn name() -> BatchName {
    BatchName::new("events-20261122-01").unwrap()
}

type Answer = Result<Vec<Outcome>, Box<dyn Error + Send + Sync>>;

/// Takes everything whose text has no "bad" in it.
fn intake(lines: &[Line<'_>]) -> Answer {
    let outcome = |line: &Line<'_>| Outcome {
        result: if line.text.contains("bad") { LineResult::Refused } else { LineResult::Accepted },
        id: Some(line.text.to_owned()),
        data: Map::new(),
        problem: None,
    };
    Ok(lines.iter().map(outcome).collect())
}

fn take(folder: &dyn Folder) -> Option<Taken> {
    take_batch(folder, &name(), &mut intake).unwrap()
}

const LINES: [&str; 3] = [r#"{"a":1}"#, r#"{"bad":2}"#, r#"{"c":3}"#];

#[test]
fn a_batch_goes_there_and_its_receipt_comes_back() {
    let scratch = Scratch::new("round");
    let folder = scratch.folder();
    let sent = drop_batch(&folder, &name(), LINES).unwrap();
    assert_eq!(list(&folder.names().unwrap()).ready, [name()]);
    assert_eq!(fetch_receipt(&folder, &name(), &sent).unwrap(), None);
    let taken = take(&folder).unwrap();
    assert!(taken.handed_on);
    let receipt = fetch_receipt(&folder, &name(), &sent).unwrap().unwrap();
    assert_eq!(receipt, taken.receipt);
    let results: Vec<_> = receipt.lines.iter().map(|line| (line.line, line.result)).collect();
    assert_eq!(results, [(1, LineResult::Accepted), (2, LineResult::Refused), (3, LineResult::Accepted)]);
    assert_eq!((receipt.head.lines, receipt.head.accepted), (3, 2));
    close_batch(&folder, &name()).unwrap();
    let stem = "done/events-20261122-01";
    let wanted = ["jsonl", "receipt.jsonl", "receipt.sm3", "sm3"].map(|end| format!("{stem}.{end}"));
    assert_eq!(scratch.files(), wanted);
    assert!(take(&folder).is_none());
}

#[test]
fn dropping_the_same_again_changes_nothing_and_other_lines_need_another_name() {
    let scratch = Scratch::new("again");
    let folder = scratch.folder();
    drop_batch(&folder, &name(), LINES).unwrap();
    drop_batch(&folder, &name(), LINES).unwrap();
    assert!(matches!(drop_batch(&folder, &name(), ["{}"]), Err(FileError::NameTaken { .. })));
    take(&folder);
    drop_batch(&folder, &name(), LINES).unwrap();
    assert_eq!(list(&folder.names().unwrap()).ready, []);
    assert!(matches!(drop_batch(&folder, &name(), ["{}"]), Err(FileError::NameTaken { .. })));
}

#[test]
fn an_incomplete_batch_waits() {
    let scratch = Scratch::new("waits");
    let folder = scratch.folder();
    scratch.put("events-20261122-01.jsonl", b"{}\n");
    assert_eq!(list(&folder.names().unwrap()).waiting, [(name(), Missing::Checksum)]);
    assert!(take(&folder).is_none());
    scratch.put("events-20261122-01.sm3", Checksum::of(b"{}\n").to_text().as_bytes());
    assert!(take(&folder).is_some());
}

#[test]
fn a_wrong_checksum_is_answered_and_the_batch_set_aside() {
    let stated = Checksum::of(b"{}\n");
    let cases = [
        (stated.to_text(), "FILE_CHECKSUM", &b"{}\n{\n"[..]),
        (format!("{} 2", stated.hex()), "FILE_LINES", b"{}\n"),
        ("SM3?".to_owned(), "FILE_CHECKSUM_FORMAT", b"{}\n"),
    ];
    for (sum, code, data) in cases {
        let scratch = Scratch::new(code);
        let folder = scratch.folder();
        scratch.put("events-20261122-01.jsonl", data);
        scratch.put("events-20261122-01.sm3", sum.as_bytes());
        let taken = take(&folder).unwrap();
        assert!(!taken.handed_on);
        let receipt = fetch_receipt(&folder, &name(), &stated).unwrap().unwrap();
        assert_eq!(receipt.head.problem.unwrap().code.as_deref(), Some(code));
        assert!(scratch.files().iter().any(|file| file.starts_with("bad/") && file.ends_with(".jsonl")));
        // The sender mends it and drops it under the same name.
        scratch.put("events-20261122-01.jsonl", b"{}\n");
        scratch.put("events-20261122-01.sm3", stated.to_text().as_bytes());
        assert!(take(&folder).unwrap().handed_on, "{code}");
        assert_eq!(fetch_receipt(&folder, &name(), &stated).unwrap().unwrap().lines.len(), 1);
    }
}

#[test]
fn a_name_used_before_is_answered_beside_the_old_receipt() {
    let scratch = Scratch::new("reused");
    let folder = scratch.folder();
    let sent = drop_batch(&folder, &name(), LINES).unwrap();
    take(&folder);
    for closed in [false, true] {
        scratch.put("events-20261122-01.jsonl", b"{}\n");
        scratch.put("events-20261122-01.sm3", Checksum::of(b"{}\n").to_text().as_bytes());
        let taken = take(&folder).unwrap();
        assert_eq!(taken.receipt.head.problem.unwrap().code.as_deref(), Some("FILE_NAME_REUSED"));
        assert_eq!(fetch_receipt(&folder, &name(), &sent).unwrap().unwrap().lines.len(), 3);
        if !closed {
            close_batch(&folder, &name()).unwrap();
        }
    }
}

#[test]
fn lines_that_cannot_be_read_are_refused_one_by_one() {
    let scratch = Scratch::new("lines");
    let data = b"\xEF\xBB\xBF{\"a\":1}\r\n\n{\"\xFF\":2}\n{\"c\":3}";
    scratch.put("events-20261122-01.jsonl", data);
    scratch.put("events-20261122-01.sm3", Checksum::of(data).to_text().to_uppercase().as_bytes());
    let receipt = take(&scratch.folder()).unwrap().receipt;
    let accepted: Vec<_> = receipt.lines.iter().map(|line| line.result == LineResult::Accepted).collect();
    assert_eq!(accepted, [true, false, false, true]);
    assert_eq!(receipt.lines[0].id.as_deref(), Some(r#"{"a":1}"#));
}

#[test]
fn groups_hold_a_thousand_lines_and_every_line_is_answered() {
    let scratch = Scratch::new("groups");
    let folder = scratch.folder();
    let lines: Vec<String> = (0..2500).map(|i| format!("{{\"n\":{i}}}")).collect();
    drop_batch(&folder, &name(), lines.iter().map(String::as_str)).unwrap();
    let mut sizes = Vec::new();
    let mut counting = |group: &[Line<'_>]| {
        sizes.push(group.len());
        intake(group)
    };
    let taken = take_batch(&folder, &name(), &mut counting).unwrap().unwrap();
    assert_eq!(sizes, [1000, 1000, 500]);
    assert_eq!(taken.receipt.lines.len(), 2500);
}

#[test]
fn a_store_that_is_down_leaves_the_batch_for_later() {
    let scratch = Scratch::new("down");
    let folder = scratch.folder();
    drop_batch(&folder, &name(), LINES).unwrap();
    let failed = take_batch(&folder, &name(), &mut |_| Err("down".into()));
    assert!(matches!(failed, Err(FileError::Intake { line: 1, .. })));
    let short = take_batch(&folder, &name(), &mut |_| Ok(Vec::new()));
    assert!(matches!(short, Err(FileError::Intake { .. })));
    assert!(take(&folder).unwrap().handed_on);
}

#[test]
fn files_of_other_kinds_are_named_and_left() {
    let names =
        ["a.xlsx", "b.receipt.jsonl", "c.jsonl.part", ".d.jsonl", "e f.jsonl", "g.sm3"].map(String::from);
    let listing = list(&names);
    assert_eq!(listing.foreign, [".d.jsonl", "a.xlsx", "e f.jsonl"]);
    assert_eq!(listing.waiting, [(BatchName::new("g").unwrap(), Missing::Data)]);
}

#[test]
fn a_file_over_the_limit_is_an_error_that_says_so() {
    let scratch = Scratch::new("large");
    scratch.put("events-20261122-01.jsonl", &[b'x'; 2000]);
    scratch.put("events-20261122-01.sm3", b"x");
    let folder = DiskFolder::open(&scratch.0, 1999).unwrap();
    assert!(matches!(take_batch(&folder, &name(), &mut intake), Err(FileError::TooLarge { .. })));
}

/// A disk whose power fails at the nth change: what was to be written stays half done beside its place.
struct Failing {
    folder: DiskFolder,
    path: PathBuf,
    left: Cell<u32>,
}

impl Failing {
    fn change(&self) -> Result<(), FileError> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                let source = std::io::Error::other("power");
                Err(FileError::Io { act: "写入", path: self.path.clone(), source })
            }
        }
    }
}

impl Folder for Failing {
    fn names(&self) -> Result<Vec<String>, FileError> {
        self.folder.names()
    }

    fn read(&self, place: Place, name: &str) -> Result<Option<Vec<u8>>, FileError> {
        self.folder.read(place, name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        self.change().inspect_err(|_| {
            std::fs::write(self.path.join(format!("{name}.part")), &bytes[..bytes.len() / 2]).unwrap();
        })?;
        self.folder.write(name, bytes)
    }

    fn shelve(&self, name: &str, place: Place, as_name: &str) -> Result<(), FileError> {
        self.change()?;
        self.folder.shelve(name, place, as_name)
    }
}

/// Drop, take, close, with the power failing before every single change of the disk in turn.
fn survives_every_crash(scratch: &Scratch, prepare: &dyn Fn(&Scratch), sound: bool) -> Vec<String> {
    let mut ends = Vec::new();
    for step in 0..12 {
        let _ = std::fs::remove_dir_all(&scratch.0);
        std::fs::create_dir_all(&scratch.0).unwrap();
        prepare(scratch);
        let failing = Failing { folder: scratch.folder(), path: scratch.0.clone(), left: Cell::new(step) };
        let run = |folder: &dyn Folder| -> Result<(), FileError> {
            if sound {
                drop_batch(folder, &name(), LINES)?;
            }
            take_batch(folder, &name(), &mut intake)?;
            close_batch(folder, &name())
        };
        let crashed = run(&failing).is_err();
        run(&failing.folder).unwrap();
        let mut files = scratch.files();
        files.retain(|file| !file.ends_with(".part"));
        ends.push(files.join(" "));
        if !crashed {
            return ends;
        }
    }
    panic!("more changes than foreseen");
}

#[test]
fn a_crash_before_any_change_ends_in_the_same_folder() {
    let scratch = Scratch::new("crash-good");
    let ends = survives_every_crash(&scratch, &|_| {}, true);
    assert_eq!(ends.len(), 9, "two files dropped, two of the receipt, four moved");
    assert!(ends.iter().all(|end| *end == ends[8]), "{ends:#?}");
}

#[test]
fn a_crash_while_refusing_ends_in_the_same_folder() {
    let prepare = |scratch: &Scratch| {
        scratch.put("events-20261122-01.jsonl", b"{}\n{}\n");
        scratch.put("events-20261122-01.sm3", Checksum::of(b"{}\n").to_text().as_bytes());
    };
    let scratch = Scratch::new("crash-bad");
    let ends = survives_every_crash(&scratch, &prepare, false);
    assert_eq!(ends.len(), 7, "two of the receipt, four moved");
    assert!(ends.iter().all(|end| *end == ends[6]), "{ends:#?}");
}

proptest! {
    #[test]
    fn no_checksum_and_no_receipt_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,100}") {
        let _ = Checksum::parse(&bytes);
        let _ = Checksum::parse(text.as_bytes());
        let _ = BatchName::new(&text);
        for data in [&bytes[..], text.as_bytes()] {
            let _ = BatchReceipt::parse(&name(), data, Checksum::of(data).to_text().as_bytes());
        }
    }

    #[test]
    fn a_checksum_reads_as_written(data in prop::collection::vec(any::<u8>(), 0..200)) {
        let sum = Checksum::of(&data);
        prop_assert_eq!(Checksum::parse(sum.to_text().as_bytes()), Some(sum));
    }
}
