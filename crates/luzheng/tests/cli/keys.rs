//! `luzheng keys init`, `show`, `revoke`, `export-trust`.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::bench::{Bench, PASSPHRASE, PROVINCE, failed, keys, said};

fn with_keys() -> Bench {
    let bench = Bench::new();
    bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    bench
}

#[test]
fn init_says_that_the_keys_are_for_demonstration() {
    let bench = Bench::new();
    let out = bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    assert!(out.contains("不得用于真实证照"), "{out}");
}

#[test]
fn private_files_are_for_the_owner_only() {
    let bench = with_keys();
    let private = bench.files("k/private");
    // Root, maker, signer, code; node, log and data key of a node.
    assert_eq!(private.len(), 7, "{private:?}");
    for name in private {
        let mode = bench.file(&name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn openssl_opens_every_private_key_with_the_passphrase_and_with_no_other() {
    let bench = with_keys();
    for name in bench.files("k/private") {
        let open = |passphrase: &str| {
            let mut command = Command::new("openssl");
            command.args(["pkey", "-noout", "-in", &name, "-passin", &format!("pass:{passphrase}")]);
            said(command.current_dir(&bench.path).output().expect("openssl is installed"))
        };
        let opened = open(PASSPHRASE);
        assert_eq!(opened.code, Some(0), "{name}: {}", opened.err);
        assert_ne!(open("another-horse").code, Some(0), "{name}");
    }
}

#[test]
fn show_prints_every_certificate_and_nothing_private() {
    let bench = with_keys();
    let out = bench.ok(&["keys", "show", "--dir", "k"]);
    for word in ["根证书", "制章人", "签章人", "赋码密钥", "道路运输电子证照专用章", "可签章"]
    {
        assert!(out.contains(word), "{word} in {out}");
    }
    assert!(!out.contains("PRIVATE"), "{out}");
    for name in bench.files("k/private") {
        let pem = String::from_utf8(bench.read(&name)).unwrap();
        let body: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        assert!(!body.is_empty() && body.iter().all(|line| !out.contains(line)), "{name}");
    }
}

#[test]
fn show_asks_for_no_passphrase() {
    let bench = Bench::new();
    let output = bench.command(&["keys", "show", "--dir", keys()]).env_remove("LUZHENG_PASSPHRASE").output();
    assert_eq!(said(output.unwrap()).code, Some(0));
}

#[test]
fn a_folder_with_keys_is_not_overwritten() {
    let bench = with_keys();
    let before = bench.read("k/private/root.pem");
    let error = bench.fails(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    assert!(error.contains("不会覆盖"), "{error}");
    assert_eq!(bench.read("k/private/root.pem"), before);
}

#[test]
fn a_short_passphrase_and_a_false_uscc_are_refused() {
    let bench = Bench::new();
    let mut command = bench.command(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    let error = failed(said(command.env("LUZHENG_PASSPHRASE", "short").output().unwrap()));
    assert!(error.contains("8 个字符"), "{error}");
    let error =
        bench.fails(&["keys", "init", "--dir", "k", "--authority", "甲", "--uscc", "11990000MB0000000X"]);
    assert!(error.contains("--uscc"), "{error}");
    assert!(!bench.file("k").exists());
}

#[test]
fn a_wrong_passphrase_is_one_chinese_sentence_and_exit_code_1() {
    let bench = Bench::with_sample(9, 1);
    let mut command = bench.command(&["issue", "--in", "s", "--keys", keys(), "--out", "o"]);
    let error = failed(said(command.env("LUZHENG_PASSPHRASE", "another-horse").output().unwrap()));
    assert!(error.contains("口令不对"), "{error}");
    assert!(!bench.file("o").exists());
}

#[test]
fn the_passphrase_comes_through_a_file_descriptor() {
    let bench = Bench::with_sample(9, 1);
    bench.write("passphrase", format!("{PASSPHRASE}\n"));
    let mut command =
        bench.command(&["issue", "--in", "s", "--keys", keys(), "--out", "o", "--passphrase-fd", "0"]);
    command.env_remove("LUZHENG_PASSPHRASE");
    command.stdin(Stdio::from(std::fs::File::open(bench.file("passphrase")).unwrap()));
    let issued = said(command.output().unwrap());
    assert_eq!(issued.code, Some(0), "{}{}", issued.out, issued.err);
    let error = bench.fails(&["issue", "--in", "s", "--keys", keys(), "--out", "o", "--passphrase-fd", "77"]);
    assert!(error.contains("文件描述符 77"), "{error}");
}

#[test]
fn exported_trust_holds_no_private_key_and_is_not_mixed_with_an_older_one() {
    let bench = Bench::new();
    bench.ok(&["keys", "export-trust", "--dir", keys(), "--out", "t"]);
    let names = bench.files("t");
    assert!(names.contains(&"t/trust.toml".to_owned()), "{names:?}");
    for name in &names {
        assert!(!String::from_utf8_lossy(&bench.read(name)).contains("PRIVATE"), "{name}");
    }
    let error = bench.fails(&["keys", "export-trust", "--dir", keys(), "--out", "t"]);
    assert!(error.contains("不是空目录"), "{error}");
}

#[test]
fn a_revoked_signer_makes_its_certificates_undecided_or_invalid() {
    let bench = with_keys();
    bench.ok(&["sample", "--count", "9", "--out", "s"]);
    bench.ok(&["issue", "--in", "s", "--keys", "k", "--out", "o"]);
    bench.ok(&["keys", "revoke", "--dir", "k", "--reason", "key-compromise"]);
    for verdict in bench.verdicts("k", "o") {
        assert!(matches!(verdict["verdict"].as_str(), Some("无法判定" | "无效")), "{verdict}");
    }
}

#[test]
fn a_signer_superseded_later_leaves_what_it_signed_before_valid() {
    let bench = with_keys();
    bench.ok(&["sample", "--count", "9", "--out", "s"]);
    bench.ok(&["issue", "--in", "s", "--keys", "k", "--out", "o"]);
    // Times are whole seconds, and a revocation in the second of the signature counts as before it.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    bench.ok(&["keys", "revoke", "--dir", "k", "--reason", "superseded"]);
    for verdict in bench.verdicts("k", "o") {
        assert!(verdict["verdict"].as_str().unwrap().starts_with("有效"), "{verdict}");
    }
}

#[test]
fn revoking_refuses_what_makes_no_sense() {
    let bench = with_keys();
    let revoke = |more: &[&str]| bench.fails(&[&["keys", "revoke", "--dir", "k"], more].concat());
    assert!(revoke(&["--reason", "boredom"]).contains("不认识撤销原因"));
    assert!(revoke(&["--reason", "superseded", "--label", "nobody"]).contains("nobody"));
    assert!(revoke(&["--reason", "superseded", "--at", "yesterday"]).contains("不是时间"));
    assert!(revoke(&["--reason", "superseded", "--at", "2999-01-01"]).contains("晚于现在"));
    bench.ok(&["keys", "revoke", "--dir", "k", "--reason", "superseded"]);
    assert!(revoke(&["--reason", "superseded"]).contains("已经撤销"));
}

/// A code of a face, signed with the folder's code key in use.
fn code(bench: &Bench) -> String {
    let folder = node::keys::KeyFolder::open(&bench.file("k")).unwrap();
    let identifier = codes::CertificateId::new(
        codes::TypeCode::parse("11100000000019713D071").unwrap(),
        codes::Uscc::parse("11990000MB0000000J").unwrap(),
        codes::Serial::parse("990000202600000001").unwrap(),
        1,
    );
    let day = "2026-11-22".parse().unwrap();
    let request = proof::CodeRequest {
        identifier: identifier.unwrap(),
        status_index: 7,
        issued: day,
        valid_from: day,
        valid_to: codes::Validity::LongTerm,
    };
    folder.unlock(PASSPHRASE).unwrap().codes.content(&request).unwrap()
}

#[test]
fn a_new_code_key_is_told_before_it_is_used_and_the_old_one_stays_known() {
    let bench = with_keys();
    let known = |code: &str, trust: &str| {
        let out = bench.run(&["verify", "--code", code, "--trust", trust, "--json"]).out;
        assert!(out.contains("PACK_MISSING") != out.contains("CODE_KEY_UNKNOWN"), "{out}");
        out.contains("PACK_MISSING")
    };
    let old = code(&bench);
    bench.ok(&["keys", "export-trust", "--dir", "k", "--out", "before"]);
    assert!(bench.ok(&["keys", "add-code", "--dir", "k"]).contains("code-2"));
    // Told, but not in use yet.
    assert_eq!(code(&bench), old);
    bench.ok(&["keys", "use-code", "--dir", "k", "code-2"]);
    let new = code(&bench);
    bench.ok(&["keys", "export-trust", "--dir", "k", "--out", "after"]);
    let seen = [(&old, "before"), (&new, "before"), (&old, "after"), (&new, "after")];
    assert_eq!(seen.map(|(code, trust)| known(code, trust)), [true, false, true, true]);
}

#[test]
fn a_code_key_that_nobody_was_told_of_is_not_used() {
    let bench = with_keys();
    let why = failed(bench.run(&["keys", "use-code", "--dir", "k", "code-2"]));
    assert!(why.contains("keys add-code"), "{why}");
}
