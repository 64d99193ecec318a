//! After a crash: a torn or damaged journal, lost files, a full disk, two runs at once.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::bench::{Bench, PASSPHRASE, keys, said};

const JOURNAL: &str = "o/journal.jsonl";

fn issued(count: usize) -> Bench {
    let bench = Bench::with_sample(count, 1);
    assert!(matches!(bench.issue("s", "o", &[]).code, Some(0 | 2)));
    bench
}

fn ofd_bytes(bench: &Bench) -> BTreeMap<String, Vec<u8>> {
    bench.certificates("o").into_iter().map(|name| (name.clone(), bench.read(&name))).collect()
}

#[test]
fn a_damaged_line_inside_is_refused_with_its_number_and_nothing_is_lost() {
    let bench = issued(9);
    let journal = bench.read(JOURNAL);
    let second = journal.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut damaged = journal.clone();
    damaged[second + 5] = b'#';
    bench.write(JOURNAL, &damaged);
    let error = bench.fails(&["issue", "--in", "s", "--keys", keys(), "--out", "o"]);
    assert!(error.contains("第 2 行损坏") && error.contains("请从备份恢复"), "{error}");
    assert!(bench.read(JOURNAL) == damaged);
}

#[test]
fn a_missing_line_inside_is_refused() {
    let bench = issued(9);
    let journal = bench.read(JOURNAL);
    let first = journal.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bench.write(JOURNAL, &journal[first..]);
    let error = bench.fails(&["issue", "--in", "s", "--keys", keys(), "--out", "o"]);
    assert!(error.contains("没有它的意向"), "{error}");
}

#[test]
fn certificates_without_their_journal_are_not_numbered_again() {
    let bench = issued(9);
    let files = ofd_bytes(&bench);
    for lost in [true, false] {
        if lost {
            std::fs::remove_file(bench.file(JOURNAL)).unwrap()
        } else {
            bench.write(JOURNAL, "")
        }
        let error = bench.fails(&["issue", "--in", "s", "--keys", keys(), "--out", "o"]);
        assert!(error.contains("空的或不见了") && error.contains("请从备份恢复"), "{error}");
        assert!(ofd_bytes(&bench) == files);
    }
}

#[test]
fn a_lost_file_is_made_again_with_the_same_bytes() {
    let bench = issued(18);
    let (journal, files) = (bench.lines(JOURNAL), ofd_bytes(&bench));
    for name in files.keys().step_by(3) {
        std::fs::remove_file(bench.file(name)).unwrap();
    }
    bench.issue("s", "o", &[]);
    assert!(ofd_bytes(&bench) == files);
    let intents = |lines: &[serde_json::Value]| lines.iter().filter(|line| line["t"] == "intent").count();
    assert_eq!(intents(&bench.lines(JOURNAL)), intents(&journal));
}

#[test]
fn a_lost_file_that_cannot_be_made_the_same_is_refused_and_not_replaced() {
    let bench = issued(9);
    let name = bench.certificates("o").remove(0);
    std::fs::remove_file(bench.file(&name)).unwrap();
    // Another title in the kind's definition gives other bytes.
    let slug = name.split('/').nth(1).unwrap();
    let path = format!("{}/../../data/kinds/{slug}.toml", env!("CARGO_MANIFEST_DIR"));
    let kind = std::fs::read_to_string(path).unwrap().replacen("title = \"", "title = \"新", 1);
    bench.write(&format!("data/kinds/{slug}.toml"), kind);
    let error = bench.fails(&["issue", "--in", "s", "--keys", keys(), "--out", "o", "--data", "data"]);
    assert!(error.contains("不同"), "{error}");
    assert!(!bench.file(&name).exists());
}

#[test]
fn two_runs_at_once_in_one_folder_do_not_mix() {
    let bench = Bench::with_sample(300, 1);
    let mut command = bench.command(&["issue", "--in", "s", "--keys", keys(), "--out", "o"]);
    let mut first = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let held = |bench: &Bench| bench.file(JOURNAL).metadata().is_ok_and(|meta| meta.len() > 0);
    while !held(&bench) && first.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // Stopped, the first one keeps its lock for as long as the second one needs to start.
    let signal = |name: &str| Command::new("kill").args([name, &first.id().to_string()]).status().unwrap();
    assert!(signal("-STOP").success());
    let second = bench.issue("s", "o", &[]);
    assert!(signal("-CONT").success());
    assert_eq!(second.code, Some(1), "{}{}", second.out, second.err);
    assert!(second.err.contains("另一个程序正在"), "{}", second.err);
    assert_eq!(first.wait().unwrap().code(), Some(2));
}

/// Runs with a limit on the size of a file, as a full disk would show in the middle of a write.
fn issue_with_limit(bench: &Bench, kilobytes: u32) -> crate::bench::Said {
    let line = format!(
        "trap '' XFSZ; ulimit -f {kilobytes}; exec '{}' issue --in s --keys '{}' --out o",
        env!("CARGO_BIN_EXE_luzheng"),
        keys()
    );
    let mut shell = Command::new("bash");
    said(
        shell
            .args(["-c", &line])
            .current_dir(&bench.path)
            .env("LUZHENG_PASSPHRASE", PASSPHRASE)
            .output()
            .unwrap(),
    )
}

#[test]
fn a_full_disk_is_said_and_the_next_run_completes() {
    // 8 KB: no certificate fits. 48 KB: the journal is torn in the middle of its intents.
    for limit in [8, 48] {
        let bench = Bench::with_sample(90, 1);
        let said = issue_with_limit(&bench, limit);
        assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
        assert!(said.err.contains("无法写入") && said.err.contains("磁盘空间"), "{}", said.err);
        assert_eq!(bench.issue("s", "o", &[]).code, Some(2));
        let verdicts = bench.verdicts(keys(), "o");
        assert!(verdicts.iter().all(|verdict| verdict["verdict"] == "有效"), "limit {limit}");
        crate::crash::check(&bench, "o");
    }
}
