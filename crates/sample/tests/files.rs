//! The files of a sample.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::collections::BTreeMap;
use std::io::{self, Cursor};

use catalogue::{Catalogue, inspect_photo};
use model::Record;
use records::Format;
use sample::{SampleOptions, Sink, generate, write_sample};

#[derive(Default, PartialEq)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Sink for Memory {
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        assert!(self.0.insert(path.to_owned(), bytes.to_vec()).is_none(), "{path} is written twice");
        Ok(())
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.entry(path.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    }
}

fn written(count: usize, seed: u64, format: Format) -> Memory {
    let catalogue = Catalogue::builtin().unwrap();
    let sample = generate(SampleOptions { count, seed, ..SampleOptions::default() }, &catalogue).unwrap();
    let mut memory = Memory::default();
    let mut done = 0;
    write_sample(&sample, format, &mut memory, |number| done = number).unwrap();
    assert_eq!(done, count);
    memory
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for format in [Format::Jsonl, Format::Csv, Format::Xlsx] {
        assert!(written(40, 7, format) == written(40, 7, format), "{format:?}");
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    let (one, other) = (written(40, 7, Format::Jsonl), written(40, 8, Format::Jsonl));
    assert_ne!(one.0["qualification.jsonl"], other.0["qualification.jsonl"]);
    assert_ne!(one.0["photos/S7-000001.jpg"], other.0["photos/S8-000001.jpg"]);
}

#[test]
fn the_count_is_exact_and_spread_over_the_kinds() {
    let catalogue = Catalogue::builtin().unwrap();
    for count in [1, 8, 9, 100, 1000] {
        let sample = generate(SampleOptions { count, ..SampleOptions::default() }, &catalogue).unwrap();
        let counts: Vec<_> = sample.kinds().iter().map(|kind| kind.range.len()).collect();
        assert_eq!(counts.iter().sum::<usize>(), count);
        assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
        assert_eq!(sample.iter().count(), count);
    }
}

#[test]
fn impossible_counts_are_refused() {
    let catalogue = Catalogue::builtin().unwrap();
    for count in [0, 4_000_001] {
        let error = generate(SampleOptions { count, ..SampleOptions::default() }, &catalogue).err().unwrap();
        assert!(error.to_string().contains(&count.to_string()));
    }
}

#[test]
fn each_format_reads_back_as_the_records_of_the_sample() {
    let catalogue = Catalogue::builtin().unwrap();
    let sample =
        generate(SampleOptions { count: 300, seed: 7, ..SampleOptions::default() }, &catalogue).unwrap();
    for format in [Format::Jsonl, Format::Csv, Format::Xlsx] {
        for kind in sample.kinds() {
            let records: Vec<Record> =
                kind.range.clone().filter_map(|number| sample.case(number)).map(|case| case.record).collect();
            let mut bytes = Vec::new();
            records::write(format, &mut bytes, kind.kind, &records).unwrap();
            let read = records::read(format, Cursor::new(bytes), &catalogue);
            let read: Vec<_> = read.map(|entry| entry.unwrap().record).collect();
            assert_eq!(read, records, "{} as {format:?}", kind.kind.name);
        }
    }
}

#[test]
fn photos_are_whole_different_and_of_the_size_of_real_ones() {
    let memory = written(45, 7, Format::Jsonl);
    let truth = String::from_utf8(memory.0["truth.jsonl"].clone()).unwrap();
    let mut seen = std::collections::HashSet::new();
    for (path, bytes) in memory.0.iter().filter(|(path, _)| path.ends_with(".jpg")) {
        let id = path.trim_start_matches("photos/").trim_end_matches(".jpg");
        if truth.lines().any(|line| line.contains(id) && line.contains("PHOTO_DAMAGED")) {
            assert_eq!(inspect_photo(bytes), None, "{path}");
            continue;
        }
        let info = inspect_photo(bytes).unwrap();
        assert!(matches!((info.width, info.height), (295, 413) | (480, 320)), "{path}");
        assert!((6_000..24_000).contains(&bytes.len()), "{path}: {}", bytes.len());
        assert!(seen.insert(bytes.clone()), "{path}");
    }
    // Five kinds of the nine have a photo.
    assert_eq!(memory.0.keys().filter(|path| path.ends_with(".jpg")).count(), 25);
}

#[test]
fn truth_lines_have_three_fields() {
    let memory = written(300, 7, Format::Jsonl);
    let truth = String::from_utf8(memory.0["truth.jsonl"].clone()).unwrap();
    assert_eq!(truth.lines().count(), 9);
    assert!(
        truth.lines().all(|line| line.starts_with("{\"record_id\":\"S7-000") && line.contains("\"rule\":\""))
    );
}
