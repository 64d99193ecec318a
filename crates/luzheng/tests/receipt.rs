//! `luzheng verify --receipt`: what a node signed, checked by the binary with an exported trust folder only.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "cli/bench.rs"]
#[allow(dead_code, reason = "the bench of the command line's tests; this one uses its own part")]
mod bench;

use std::time::{SystemTime, UNIX_EPOCH};

use bench::{Bench, PASSPHRASE, PROVINCE};
use gm::SigningKey;
use model::Verdict;
use node::keys::{KeyFolder, NodeKeys};
use proof::receipt::{Bundle, Knowledge, Outcome, Receipt, Signer, Subject};

/// A folder `k` with keys, and its public part in `t`.
fn world() -> (Bench, NodeKeys) {
    let bench = Bench::new();
    bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
    let keys = node_keys(&bench, "k");
    bench.ok(&["keys", "export-trust", "--dir", "k", "--out", "t"]);
    (bench, keys)
}

fn node_keys(bench: &Bench, folder: &str) -> NodeKeys {
    KeyFolder::open(&bench.file(folder)).unwrap().node_keys(PASSPHRASE).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the binary under test asks the machine for the time too")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

fn receipt(key: &dyn SigningKey) -> String {
    let at = now();
    let receipt = Receipt {
        key_id: key.public_key().key_id(),
        signer: Signer::Node {
            node: "demo-99".into(),
            staff_no: "99010100123".into(),
            unit: "演示市执法支队".into(),
            device: None,
        },
        subject: Subject::of_text(None, "https://example.invalid/"),
        checked_at: at,
        verdict: Verdict::Undecided,
        reasons: vec!["CODE_FOREIGN".into()],
        knowledge: Knowledge::Code,
        group: None,
        outcome: Outcome::Passed,
    };
    Bundle::from(receipt.sign(key).unwrap()).text()
}

#[test]
fn a_receipt_holds_with_public_keys_only() {
    let (bench, keys) = world();
    let text = receipt(&*keys.node);
    bench.write("r.txt", format!("核验回执：\n{text}\n"));
    for named in [text.as_str(), "r.txt"] {
        let mut command = bench.command(&["verify", "--trust", "t", "--receipt", named]);
        let said = bench::said(command.env_remove("LUZHENG_PASSPHRASE").output().unwrap());
        assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
        for part in ["核验回执　有效", "99010100123", "演示市执法支队", "处理结果：放行", "演示省交通运输厅"]
        {
            assert!(said.out.contains(part), "{part}\n{}", said.out);
        }
    }
    let json: serde_json::Value =
        serde_json::from_str(&bench.ok(&["verify", "--trust", "t", "--json", "--receipt", "r.txt"])).unwrap();
    assert_eq!(json["verdict"], "有效");
    assert_eq!(json["receipt"]["核验结论"], "无法判定");
}

#[test]
fn a_bad_receipt_among_good_ones_decides_the_exit_code() {
    let (bench, keys) = world();
    let good = receipt(&*keys.node);
    let mut bad = good.clone();
    let at = bad.len() - 20;
    bad.replace_range(at..=at, if &bad[at..=at] == "A" { "B" } else { "A" });
    bench.write("r.txt", format!("{good}\n{bad}\n"));
    let said = bench.run(&["verify", "--trust", "t", "--receipt", "r.txt"]);
    assert_eq!(said.code, Some(2), "{}{}", said.out, said.err);
    assert!(said.out.contains("共 2 份回执：成立 1"), "{}", said.out);
}

#[test]
fn the_older_node_key_is_believed_beside_the_newer_one_and_a_strangers_is_not() {
    let (bench, keys) = world();
    bench.ok(&[&["keys", "init", "--dir", "k2", "--under", "k"], &PROVINCE[..]].concat());
    let newer = node_keys(&bench, "k2");
    let (old, new) = (receipt(&*keys.node), receipt(&*newer.node));
    let run = |text: &str| bench.run(&["verify", "--trust", "t", "--receipt", text]);
    // Before the trust data know the newer key.
    let said = run(&new);
    assert_eq!(said.code, Some(2));
    assert!(said.out.contains("RECEIPT_SIGNER_UNKNOWN"), "{}", said.out);
    bench.write("t/nodes/node-2.cer", newer.certificate.as_der());
    let mut trust = String::from_utf8(bench.read("t/trust.toml")).unwrap();
    trust += "\n[[nodes]]\ncertificate = \"nodes/node-2.cer\"\nareas = [\"99\"]\n";
    bench.write("t/trust.toml", trust);
    assert_eq!((run(&old).code, run(&new).code), (Some(0), Some(0)));
}

#[test]
fn what_is_no_receipt_is_said_so() {
    let (bench, _) = world();
    bench.write("none.txt", "没有回执");
    for (named, says) in [("missing.txt", "既不是文件"), ("none.txt", "没有核验回执")] {
        let error = bench.fails(&["verify", "--trust", "t", "--receipt", named]);
        assert!(error.contains(says), "{error}");
    }
}
