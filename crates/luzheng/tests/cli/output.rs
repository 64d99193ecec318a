//! What stands on the terminal: Chinese, complete, and no panic when nobody listens.

use std::process::Stdio;

use crate::bench::Bench;

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let bench = Bench::new();
    let mut command = bench.command(&["catalogue", "show", "qualification"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let bench = Bench::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = bench.command(&["catalogue", "list"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("磁盘已满"));
}

#[test]
fn wrong_usage_ends_with_1_and_chinese() {
    let bench = Bench::new();
    let cases: [(&[&str], &str); 6] = [
        (&["issue"], "缺少"),
        (&["isue"], "isue"),
        (&["sample", "--colour", "red", "--out", "s"], "--colour"),
        (&["sample", "--format", "xml", "--out", "s"], "jsonl"),
        (&["sample", "--count", "many", "--out", "s"], "many"),
        (&["show", "a.ofd", "--png", "--svg"], "--png"),
    ];
    for (args, says) in cases {
        let error = bench.fails(args);
        assert!(error.contains(says) && error.contains("--help"), "{args:?}: {error}");
    }
}

#[test]
fn help_is_chinese_and_no_failure() {
    let bench = Bench::new();
    for args in [&["--help"][..], &["keys", "--help"], &["keys", "import", "--help"], &["show", "-h"]] {
        let out = bench.ok(args);
        assert!(out.contains("用法："), "{out}");
        for english in ["Usage", "Options:", "Commands:", "Arguments:", "Print help", "[default", "[possible"]
        {
            assert!(!out.contains(english), "{english} in {out}");
        }
    }
}
