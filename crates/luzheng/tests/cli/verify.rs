//! `luzheng verify`: verdicts, exit codes, public parts only.

use std::fs;

use crate::bench::{Bench, keys, said};

fn issued() -> Bench {
    let bench = Bench::with_sample(9, 1);
    assert_eq!(bench.issue("s", "o", &[]).code, Some(0));
    bench.ok(&["keys", "export-trust", "--dir", keys(), "--out", "t"]);
    bench
}

/// Changes a byte in the middle of a file.
fn spoil(bench: &Bench, from: &str, to: &str) {
    let mut bytes = bench.read(from);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    bench.write(to, bytes);
}

#[test]
fn an_exported_folder_is_enough_and_no_passphrase_is_asked() {
    let bench = issued();
    let mut command = bench.command(&["verify", "--trust", "t", "o"]);
    let said = said(command.env_remove("LUZHENG_PASSPHRASE").output().unwrap());
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let count = bench.certificates("o").len();
    assert!(said.out.contains(&format!("共 {count} 个文件：有效 {count}")), "{}", said.out);
}

#[test]
fn the_key_folder_serves_without_its_private_part() {
    let bench = issued();
    for name in ["trust.toml"].iter().map(|name| format!("t/{name}")).chain(bench.files("t")) {
        bench.write(&name.replace("t/", "k/trust/"), bench.read(&name));
    }
    assert_eq!(bench.run(&["verify", "--trust", "k", "o"]).code, Some(0));
}

#[test]
fn json_is_one_object_a_file_with_verdict_and_reasons() {
    let bench = issued();
    let verdicts = bench.verdicts("t", "o");
    assert_eq!(verdicts.len(), bench.certificates("o").len());
    for verdict in verdicts {
        assert_eq!(verdict["verdict"], "有效", "{verdict}");
        assert!(bench.file(verdict["file"].as_str().unwrap()).is_file());
        let reasons = verdict["reasons"].as_array().unwrap();
        assert!(reasons.iter().all(|reason| reason["code"].is_string() && reason["text"].is_string()));
        assert!(verdict["identifier"].as_str().unwrap().starts_with("1.2.156.3005.2."));
    }
}

#[test]
fn one_bad_file_among_good_ones_decides_the_exit_code() {
    let bench = issued();
    let good = bench.certificates("o").remove(0);
    spoil(&bench, &good, "bad.ofd");
    let said = bench.run(&["verify", "--trust", "t", &good, "bad.ofd"]);
    assert_eq!(said.code, Some(2), "{}{}", said.out, said.err);
    assert!(said.out.contains("无效　bad.ofd"), "{}", said.out);
    assert!(said.out.contains("有效 1，"), "{}", said.out);
}

#[test]
fn a_certificate_of_strangers_is_not_valid() {
    let bench = issued();
    bench.ok(&[
        "keys",
        "init",
        "--dir",
        "other",
        "--authority",
        "试验省交通运输厅",
        "--uscc",
        "11980000MB0000000E",
    ]);
    for verdict in bench.verdicts("other", "o") {
        assert!(matches!(verdict["verdict"].as_str(), Some("无法判定" | "无效")), "{verdict}");
    }
}

#[test]
fn things_that_are_no_certificates_get_a_verdict_and_no_panic() {
    let bench = issued();
    bench.write("x/empty.ofd", "");
    bench.write("x/text.ofd", "你好");
    bench.write("x/zeros.ofd", vec![0; 1 << 20]);
    let good = bench.read(&bench.certificates("o")[0]);
    bench.write("x/cut.ofd", &good[..good.len() / 3]);
    fs::File::create(bench.file("x/large.ofd")).unwrap().set_len(100 << 20).unwrap();
    let verdicts = bench.verdicts("t", "x");
    assert_eq!(verdicts.len(), 5);
    assert!(verdicts.iter().all(|verdict| verdict["verdict"] == "无效"), "{verdicts:?}");
}

#[test]
fn what_cannot_be_checked_at_all_ends_with_1() {
    let bench = issued();
    bench.write("none/a.txt", "");
    let cases: [(&[&str], &str); 4] = [
        (&["verify", "--trust", "t", "missing.ofd"], "missing.ofd"),
        (&["verify", "--trust", "none", "o"], "trust.toml"),
        (&["verify", "--trust", "t", "none"], "没有 .ofd 文件"),
        (&["verify", "--trust", "t", "/dev/zero"], "不是普通文件"),
    ];
    for (args, says) in cases {
        let error = bench.fails(args);
        assert!(error.contains(says), "{error}");
    }
}
