//! `luzheng sample`.

use crate::bench::Bench;

const KINDS: usize = 9;

fn bytes_of(bench: &Bench, folder: &str) -> Vec<(String, Vec<u8>)> {
    let names = bench.files(folder);
    names.iter().map(|name| (name[folder.len()..].to_owned(), bench.read(name))).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_every_format() {
    let bench = Bench::new();
    for format in ["jsonl", "csv", "xlsx"] {
        for twin in ["a", "b"] {
            let out = format!("{format}-{twin}");
            bench.ok(&["sample", "--count", "40", "--seed", "7", "--format", format, "--out", &out]);
        }
        let (a, b) = (bytes_of(&bench, &format!("{format}-a")), bytes_of(&bench, &format!("{format}-b")));
        assert_eq!(
            a.iter().filter(|(name, _)| name.ends_with(format) && !name.contains("truth")).count(),
            KINDS
        );
        assert!(a == b, "{format} differs");
    }
}

#[test]
fn another_seed_gives_other_records() {
    let bench = Bench::new();
    bench.ok(&["sample", "--count", "18", "--seed", "7", "--out", "a"]);
    bench.ok(&["sample", "--count", "18", "--seed", "8", "--out", "b"]);
    assert_ne!(bench.read("a/qualification.jsonl"), bench.read("b/qualification.jsonl"));
}

#[test]
fn csv_is_utf8_with_a_byte_order_mark_for_excel() {
    let bench = Bench::new();
    bench.ok(&["sample", "--count", "9", "--format", "csv", "--out", "s"]);
    assert!(bench.read("s/qualification.csv").starts_with("\u{feff}".as_bytes()));
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let bench = Bench::new();
    bench.write("s/mine.txt", "do not touch");
    let error = bench.fails(&["sample", "--count", "9", "--out", "s"]);
    assert!(error.contains("不是空目录"), "{error}");
    assert_eq!(bench.files("s"), ["s/mine.txt"]);
}

#[test]
fn an_impossible_count_is_refused() {
    let bench = Bench::new();
    let error = bench.fails(&["sample", "--count", "0", "--out", "s"]);
    assert!(error.contains('0'), "{error}");
}
