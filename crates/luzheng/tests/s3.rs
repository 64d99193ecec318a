//! A node whose files are in an object storage: configured, looked at by `doctor`, refused where it cannot be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "cli/bench.rs"]
#[allow(dead_code, reason = "the bench of the command line's tests; this one uses its own part")]
mod bench;

use bench::{Bench, PROVINCE, Said, said};
use testbed::ObjectStorage;

const KEY_FILE: &str = "key_file = \"s3.key\"\n";

/// A folder with keys and a configuration; `more` goes into `[files.s3]`.
fn world(endpoint: &str, more: &str) -> Bench {
    let bench = Bench::new();
    bench.ok(&[&["keys", "init", "--dir", "keys"], &PROVINCE[..]].concat());
    std::fs::create_dir_all(bench.file("data")).unwrap();
    bench.write("s3.key", "id\nsecret\n");
    let config = format!(
        "[node]\nid = \"demo-99\"\n\n[files.s3]\nendpoint = \"{endpoint}\"\nbucket = \"files\"\n{more}"
    );
    bench.write("node.toml", config);
    bench
}

fn doctor(bench: &Bench, environment: &[(&str, &str)]) -> Said {
    let mut command = bench.command(&["doctor", "--config", "node.toml"]);
    said(command.envs(environment.iter().copied()).output().unwrap())
}

#[test]
fn doctor_writes_reads_and_deletes_in_the_bucket() {
    let Some(server) = ObjectStorage::start() else { return };
    let bench = world(&server.endpoint(), KEY_FILE);
    let report = doctor(&bench, &[]);
    assert!(report.out.contains("正常　文件库：S3 对象存储"), "{}{}", report.out, report.err);
    assert!(report.out.contains("条件写入有效"), "{}", report.out);
    // The same with credentials from the environment.
    let bench = world(&server.endpoint(), "");
    let keys = [("LUZHENG_S3_ACCESS_KEY_ID", "id"), ("LUZHENG_S3_SECRET_ACCESS_KEY", "secret")];
    assert!(doctor(&bench, &keys).out.contains("正常　文件库：S3 对象存储"));
    assert!(doctor(&bench, &[]).out.contains("LUZHENG_S3_ACCESS_KEY_ID"));
}

#[test]
fn a_storage_that_is_not_there_is_named() {
    let bench = world("http://127.0.0.1:9", KEY_FILE);
    let report = doctor(&bench, &[]);
    assert_eq!(report.code, Some(2), "{}{}", report.out, report.err);
    assert!(report.out.contains("异常　文件库"), "{}", report.out);
}
