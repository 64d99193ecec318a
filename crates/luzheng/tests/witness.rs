//! A province's checkpoints are witnessed by the ministry, as real processes; a database that was put back is found out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;

use std::path::Path;
use std::time::Duration;

use nodes::*;

/// Runs `doctor` until it says these words of the witness.
fn doctor_says(config: &str, words: &str) {
    let mut last = String::new();
    for _ in 0..120 {
        last = text(&luzheng(&["doctor", "--config", config]));
        if last.lines().any(|line| line.contains("审计见证") && line.contains(words)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    panic!("{words}: {last}");
}

/// An act that leaves an entry: the cheapest there is.
fn act(config: &str, name: &str) {
    let args = ["client", "add", "--config", config, "--operator", "管理员一", "--source", "运政"];
    assert!(luzheng(&[&args[..], &["--name", name, "--right", "verify"]].concat()).status.success());
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[test]
fn a_database_that_was_put_back_is_found_out_by_the_witness() {
    let folder = Folder(std::env::temp_dir().join(format!("luzheng-witness-{}", std::process::id())));
    let at = &folder.0;
    std::fs::create_dir_all(at).unwrap();
    keys(at, "demo-99", ("演示省交通运输厅", "11990000MB0000000J"), None);
    keys(at, "demo-00", ("演示部", "11990000MB0000000J"), Some("demo-99"));
    let log = |name: &str| at.join(format!("{name}-keys/nodes/log.cer")).to_str().unwrap().to_owned();
    let ministry_config = config(at, "demo-00", "ministry", "");
    let own = ["--issuer", "99", "--log-certificate", &log("demo-99")];
    enrol(at, &ministry_config, ("demo-99", "province", "http://127.0.0.1:1"), &own);
    let ministry = serve(at, "demo-00");

    let province_config = config(at, "demo-99", "province", "");
    enrol(at, &province_config, ("demo-00", "ministry", &ministry.address), &[]);
    doctor_says(&province_config, "没有登记“demo-00”的日志证书");
    let args = ["peer", "log", "--config", &province_config, "--operator", "管理员一", "demo-00"];
    assert!(luzheng(&[&args[..], &["--certificate", &log("demo-00")]].concat()).status.success());
    let province = serve(at, "demo-99");
    doctor_says(&province_config, "已见证");
    let verified = luzheng(&["audit", "verify", "--config", &province_config]);
    assert!(verified.status.success(), "{}", text(&verified));
    assert!(text(&verified).contains("demo-00"), "{}", text(&verified));

    // Doctor tells how many entries are witnessed.
    let count = || {
        let said = text(&luzheng(&["doctor", "--config", &province_config]));
        let line = said.lines().find(|line| line.contains("已见证")).unwrap_or_default().to_owned();
        line.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap_or(0)
    };
    let before = count();
    province.stop();
    copy(&at.join("demo-99"), &at.join("kept"));
    act(&province_config, "此后登记的系统");
    let province = serve(at, "demo-99");
    for _ in 0..120 {
        if count() > before {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(count() > before, "{before}");
    province.stop();

    copy(&at.join("kept"), &at.join("demo-99"));
    let province = serve(at, "demo-99");
    doctor_says(&province_config, "拒绝");
    // The rows fit together; only the witness knows that there were more.
    let verified = luzheng(&["audit", "verify", "--config", &province_config]);
    assert_eq!(verified.status.code(), Some(2), "{}", text(&verified));
    assert!(text(&verified).contains("已回退"), "{}", text(&verified));
    doctor_says(&ministry_config, "demo-99");
    // What was signed cannot be grown over either.
    for number in 0..4 {
        act(&province_config, &format!("另一段历史{number}"));
    }
    province.stop();
    let province = serve(at, "demo-99");
    doctor_says(&province_config, "拒绝");
    province.stop();
    ministry.stop();
}
