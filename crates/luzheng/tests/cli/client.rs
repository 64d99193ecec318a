//! `luzheng client rights`: shown to whoever may run the program, changed by 安全管理员 with the own password.

use std::io::Write;
use std::process::Stdio;

use crate::bench::{Bench, PROVINCE, Said, said};

const PASSWORD: &str = "yanshi-2026-lu";

/// A node with a client and an account of each administrator.
fn node() -> Bench {
    let bench = Bench::new();
    let config = "[node]\nid = \"demo-99\"\narea = \"99\"\n[store]\nurl = \"sqlite:rows.db\"\n[files]\nfolder = \"files\"\n\
                  [keys]\nfolder = \"keys\"\n[sign_in]\nsecond_factor = \"off\"\n";
    bench.write("node.toml", config);
    bench.ok(&[&["keys", "init", "--dir", "keys"][..], &PROVINCE].concat());
    let client = ["--operator", "管理员一", "--id", "yz", "--name", "运政系统", "--source", "运政"];
    bench.ok(&[&["client", "add", "--config", "node.toml", "--right", "lifecycle@9901"][..], &client].concat());
    bench
}

/// Runs with the operator's password on standard input.
fn with_password(bench: &Bench, args: &[&str], password: &str) -> Said {
    let mut child = bench
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses before it reads has closed its end.
    let _ = child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes());
    said(child.wait_with_output().unwrap())
}

fn account(bench: &Bench, name: &str, role: &str) {
    let args =
        ["operator", "add", name, "--config", "node.toml", "--person", name, "--unit", "演示省交通运输厅"];
    let more = ["--staff-no", name, "--role", role, "--area", "*", "--operator", "管理员一"];
    let made = with_password(
        bench,
        &[&args[..], &more, &["--break-glass", "测试", "--password-fd", "0"]].concat(),
        PASSWORD,
    );
    assert_eq!(made.code, Some(0), "{}", made.err);
}

fn change(bench: &Bench, operator: &str, password: &str, more: &[&str]) -> Said {
    let by = ["--operator", operator, "--operator-password-fd", "0"];
    let args = [&["client", "rights", "yz", "--config", "node.toml"][..], &by, more].concat();
    with_password(bench, &args, password)
}

#[test]
fn rights_are_shown_given_and_taken_by_the_security_administrator_alone() {
    let bench = node();
    let show = ["client", "rights", "yz", "--config", "node.toml"];
    assert!(bench.ok(&show).contains("lifecycle@9901/*"));
    for (name, role) in [("xitong01", "系统管理员"), ("anquan01", "安全管理员"), ("shenji01", "审计管理员")]
    {
        account(&bench, name, role);
    }
    let give = ["--give", "verify.read@9901/taxi-driver"];
    // Nobody, a name without its password, the two others: nothing changes.
    let nobody = bench.run(&[&show[..], &give].concat());
    assert!(nobody.code != Some(0) && nobody.err.contains("--operator"), "{}", nobody.err);
    assert!(change(&bench, "anquan01", "wrong", &give).err.contains("口令"));
    for other in ["xitong01", "shenji01"] {
        let refused = change(&bench, other, PASSWORD, &give);
        assert!(refused.code != Some(0) && refused.err.contains("安全管理员"), "{}", refused.err);
    }
    assert!(!bench.ok(&show).contains("verify.read"));
    let given = change(&bench, "anquan01", PASSWORD, &give);
    assert_eq!(given.code, Some(0), "{}", given.err);
    assert!(
        given.out.contains("权限已变更") && given.out.contains("verify.read@9901/taxi-driver"),
        "{}",
        given.out
    );
    // What it does not have, what does not exist, all of it: each named, and nothing changes.
    for (more, why) in [
        (&["--drop", "verify.read@9902"][..], "没有权限“verify.read@9902/*”"),
        (&["--give", "verify.all"], "没有名为“verify.all”的权限"),
        (&["--drop", "lifecycle@9901", "--drop", "verify.read@9901/taxi-driver"], "没有任何权限"),
    ] {
        let refused = change(&bench, "anquan01", PASSWORD, more);
        assert!(refused.code != Some(0) && refused.err.contains(why), "{more:?}: {}", refused.err);
    }
    let taken = change(&bench, "anquan01", PASSWORD, &["--drop", "lifecycle@9901"]);
    assert_eq!(taken.code, Some(0), "{}", taken.err);
    let left = bench.ok(&show);
    assert!(left.contains("verify.read@9901/taxi-driver") && !left.contains("lifecycle"), "{left}");
    // A new secret needs the person, too; the name of an account that may is not enough, unless the glass is broken.
    let rotate = ["client", "rotate", "yz", "--config", "node.toml", "--operator", "anquan01"];
    let proof = ["--operator-password-fd", "0"];
    assert!(bench.run(&rotate).code != Some(0));
    assert!(with_password(&bench, &[&rotate[..], &proof].concat(), "wrong").code != Some(0));
    let rotated = with_password(&bench, &[&rotate[..], &proof].concat(), PASSWORD);
    assert!(rotated.code == Some(0) && rotated.out.contains("新密钥"), "{}", rotated.err);
    let broken = bench.run(&[&rotate[..6], &["李四", "--break-glass", "三人都不在"]].concat());
    assert!(broken.code == Some(0) && broken.err.contains("报警：李四"), "{}", broken.err);
    let unknown = bench.run(&["client", "rights", "zz", "--config", "node.toml"]);
    assert!(unknown.code != Some(0) && unknown.err.contains("没有编号为“zz”的客户端"), "{}", unknown.err);
}
