//! `luzheng keys import`: an approved seal beside the province's own, used by policy.

use crate::bench::{Bench, PASSPHRASE, PROVINCE, failed, said};
use crate::records::clean;

const SEAL: &str = "甲演市道路运输专用章";
const CITY: &str = "11990100MB0000100D";

/// `k/`: the province's keys; `city/`: keys of a city under the same root.
fn two_folders() -> Bench {
    let bench = Bench::new();
    bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    bench.ok(&[
        "keys",
        "init",
        "--dir",
        "city",
        "--authority",
        "甲演市交通运输局",
        "--uscc",
        CITY,
        "--under",
        "k",
    ]);
    bench
}

fn import<'a>(label: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["keys", "import", "--dir", "k", "--label", label, "--name", SEAL];
    args.extend(["--seal", "city/seals/seal.esl", "--certificate", "city/trust/signers/signer.cer"]);
    args.extend(["--issuer", CITY, "--area", "9901"]);
    args.extend(more);
    args
}

const WITH_KEY: [&str; 4] = ["--root", "city/trust/roots/root.cer", "--key", "city/private/signer.pem"];

/// One record of the city and one of the province, and a policy that gives the city its own seal.
fn records_and_policy(bench: &Bench) {
    bench.ok(&["sample", "--count", "18", "--seed", "2", "--out", "s"]);
    let mut records = clean(bench, "operation-licence");
    for (record, (uscc, area)) in records.iter_mut().zip([(CITY, "990100"), (PROVINCE[3], "990000")]) {
        record["authority_uscc"] = uscc.into();
        record["area"] = area.into();
    }
    crate::records::put(bench, "s/two.jsonl", &records[..2]);
    let policy = format!(
        "policies = [\n  {{ kinds = [\"operation-licence\"], areas = [\"9901\"], valid_from = \"2019-01-01\", seal = \"{SEAL}\" }},\n  \
         {{ kinds = [\"*\"], valid_from = \"2019-01-01\", seal = \"道路运输电子证照专用章\" }},\n]\n"
    );
    bench.write("data/seal-policy.toml", policy);
}

fn issue(bench: &Bench) -> crate::bench::Said {
    bench.run(&["issue", "--in", "s/two.jsonl", "--keys", "k", "--out", "o", "--data", "data"])
}

#[test]
fn an_imported_seal_seals_what_the_policy_gives_it() {
    let bench = two_folders();
    bench.ok(&import("city", &WITH_KEY));
    records_and_policy(&bench);
    let said = issue(&bench);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    bench.ok(&["keys", "export-trust", "--dir", "k", "--out", "t"]);
    let verdicts = bench.verdicts("t", "o");
    assert_eq!(verdicts.len(), 4);
    for verdict in verdicts {
        assert_eq!(verdict["verdict"], "有效", "{verdict}");
        let by_city = verdict["identifier"].as_str().unwrap().contains(CITY);
        let signer = verdict["signer"].as_str().unwrap();
        assert_eq!(signer.starts_with("甲演市"), by_city, "{verdict}");
    }
}

#[test]
fn an_imported_seal_shows_up_and_its_key_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let bench = two_folders();
    bench.ok(&import("city", &WITH_KEY));
    let out = bench.ok(&["keys", "show", "--dir", "k"]);
    assert!(out.contains(SEAL) && out.contains("可签章"), "{out}");
    let mode = bench.file("k/private/city.pem").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_seal_without_its_key_serves_verification_and_hinders_nobody() {
    let bench = two_folders();
    bench.ok(&import("city", &[]));
    assert!(bench.ok(&["keys", "show", "--dir", "k"]).contains("仅核验"));
    records_and_policy(&bench);
    let said = issue(&bench);
    assert_eq!(said.code, Some(2), "{}{}", said.out, said.err);
    let findings = bench.lines("o/findings.jsonl");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["rule"], "NOT_ENTITLED");
    assert!(findings[0]["what"].as_str().unwrap().contains(SEAL), "{}", findings[0]);
    assert_eq!(bench.certificates("o").len(), 2);
}

#[test]
fn a_seal_outside_its_scope_seals_nothing() {
    let bench = two_folders();
    bench.ok(&import("city", &WITH_KEY));
    records_and_policy(&bench);
    // The policy errs: the city's seal for everybody.
    let policy =
        format!("policies = [{{ kinds = [\"*\"], valid_from = \"2019-01-01\", seal = \"{SEAL}\" }}]");
    bench.write("data/seal-policy.toml", policy);
    assert_eq!(issue(&bench).code, Some(2));
    assert_eq!(bench.lines("o/findings.jsonl")[0]["rule"], "NOT_ENTITLED");
    assert_eq!(bench.certificates("o").len(), 2);
}

#[test]
fn labels_in_use_are_refused_and_their_keys_stay() {
    let bench = two_folders();
    let before: Vec<Vec<u8>> = bench.files("k").iter().map(|name| bench.read(name)).collect();
    for label in ["root", "maker", "signer", "code"] {
        let error = bench.fails(&import(label, &WITH_KEY));
        assert!(error.contains(label), "{error}");
    }
    let after: Vec<Vec<u8>> = bench.files("k").iter().map(|name| bench.read(name)).collect();
    assert!(before == after);
    assert!(bench.fails(&import("../x", &WITH_KEY)).contains("标签只能用"));
}

#[test]
fn a_key_under_another_passphrase_is_refused() {
    let bench = Bench::new();
    bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    let init = ["keys", "init", "--dir", "city", "--authority", "甲演市交通运输局", "--uscc", CITY];
    let made = bench.command(&init).env("LUZHENG_PASSPHRASE", "another-horse").output().unwrap();
    assert!(made.status.success());
    let error = bench.fails(&import("city", &WITH_KEY));
    assert!(error.contains("要导入的私钥"), "{error}");
    let mut other = bench.command(&import("city", &WITH_KEY));
    let error = failed(said(other.env("LUZHENG_PASSPHRASE", "another-horse").output().unwrap()));
    assert!(error.contains("密钥目录里的私钥"), "{error}");
    assert!(!bench.file("k/private/city.pem").exists());
    assert_ne!(PASSPHRASE, "another-horse");
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let bench = two_folders();
    let error = bench.fails(&import("city", &["--key", "city/private/maker.pem"]));
    assert!(!error.is_empty());
    assert!(!bench.file("k/private/city.pem").exists());
}

#[test]
fn a_seal_of_strangers_needs_their_root() {
    let bench = Bench::new();
    bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    bench.ok(&["keys", "init", "--dir", "city", "--authority", "甲演市交通运输局", "--uscc", CITY]);
    let error = bench.fails(&import("city", &[]));
    assert!(error.contains("--root"), "{error}");
}

#[test]
fn a_folder_without_the_root_key_revokes_nothing_and_says_where_to() {
    let bench = two_folders();
    let error = bench.fails(&["keys", "revoke", "--dir", "city", "--reason", "superseded"]);
    assert!(error.contains("没有根密钥"), "{error}");
}

#[test]
fn an_imported_seal_of_the_same_root_can_be_revoked() {
    let bench = two_folders();
    bench.ok(&import("city", &WITH_KEY));
    records_and_policy(&bench);
    assert_eq!(issue(&bench).code, Some(0));
    bench.ok(&["keys", "revoke", "--dir", "k", "--label", "city", "--reason", "key-compromise"]);
    for verdict in bench.verdicts("k", "o") {
        let by_city = verdict["identifier"].as_str().unwrap().contains(CITY);
        assert_eq!(verdict["verdict"] != "有效", by_city, "{verdict}");
    }
}
