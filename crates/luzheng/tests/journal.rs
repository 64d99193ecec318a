//! A journal torn at any byte of its last line. The library is called here, since the loop runs hundreds of times.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use node::issue::{IssueRequest, JOURNAL, Summary, issue};
use node::keys::{InitRequest, KeyFolder, SigningKeys, init};
use node::{Data, Engine};
use sample::{SampleOptions, generate};

const NOW: i64 = 1_795_000_000;

struct Bench {
    path: PathBuf,
    data: Data,
    engine: Engine,
    keys: SigningKeys,
}

impl Bench {
    /// Keys, and one licence (正本 and 副本) as `in.jsonl`.
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let data = Data::load(None).unwrap();
        let request = InitRequest {
            dir: &path.join("k"),
            authority: "演示省交通运输厅",
            uscc: "11990000MB0000000J",
            passphrase: "correct-horse-88",
            now: NOW,
            under: None,
        };
        // Keys for a test: bytes that differ and nothing more.
        let mut next = 0u8;
        let mut fill = |buffer: &mut [u8]| {
            buffer.iter_mut().for_each(|byte| {
                next = next.wrapping_mul(5).wrapping_add(1);
                *byte = next
            })
        };
        init(&request, &data.catalogue, &data.open_fonts().unwrap(), &mut fill).unwrap();
        let keys = KeyFolder::open(&path.join("k")).unwrap().unlock("correct-horse-88").unwrap();
        let sample =
            generate(SampleOptions { count: 300, seed: 1, ..SampleOptions::default() }, &data.catalogue)
                .unwrap();
        let licence = sample.iter().find(|case| case.truth.is_none() && case.record.photo.is_none()).unwrap();
        fs::write(path.join("in.jsonl"), licence.record.canonical()).unwrap();
        let engine = Engine::new(&data, true).unwrap();
        Self { path, data, engine, keys }
    }

    fn issue(&self, now: i64) -> Summary {
        let request = IssueRequest {
            input: &self.path.join("in.jsonl"),
            out: &self.path.join("o"),
            data: &self.data,
            engine: &self.engine,
            keys: &self.keys,
            clock: &move || now,
            threads: 1,
        };
        issue(&request, &mut |_| {}).unwrap()
    }

    /// Certificates and journal by path.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut out = BTreeMap::new();
        let mut folders = vec![self.path.join("o")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let kept =
                    path.extension().is_some_and(|extension| extension == "ofd") || path.ends_with(JOURNAL);
                if path.is_dir() {
                    folders.push(path)
                } else if kept {
                    out.insert(path.clone(), fs::read(&path).unwrap());
                }
            }
        }
        out
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[test]
fn a_last_line_cut_at_any_byte_gives_the_same_files_and_the_same_journal() {
    let bench = Bench::new("done");
    assert_eq!(bench.issue(NOW).files, 2);
    let before = bench.files();
    assert_eq!(before.len(), 3);
    let journal = bench.path.join("o").join(JOURNAL);
    let whole = before[&journal].clone();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last..whole.len() {
        fs::write(&journal, &whole[..cut]).unwrap();
        // The clock has gone on: the intent's own time counts.
        bench.issue(NOW + 90_000);
        assert!(bench.files() == before, "cut at byte {cut}");
    }
}

#[test]
fn an_intent_torn_before_its_signature_is_minted_again_without_a_gap() {
    let bench = Bench::new("intent");
    bench.issue(NOW);
    let before = bench.files();
    let journal = bench.path.join("o").join(JOURNAL);
    let whole = before[&journal].clone();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for cut in (0..=first).step_by(29).chain([first]) {
        fs::remove_dir_all(bench.path.join("o")).unwrap();
        fs::create_dir_all(bench.path.join("o")).unwrap();
        fs::write(&journal, &whole[..cut]).unwrap();
        bench.issue(NOW);
        assert!(bench.files() == before, "cut at byte {cut}");
    }
}
