//! The demo as people start it: its own check, a folder that was not finished, a second start, a clean end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const BIN: &str = env!("CARGO_BIN_EXE_luzheng");
/// The line that ends the start.
const READY: &str = "演示已就绪";

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A demo that is ended, whatever becomes of the test.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a small demo on free ports; gives it back once it is ready, with what it said until then.
fn start(folder: &Path) -> (Demo, BufReader<std::process::ChildStdout>, String) {
    let mut child = Command::new(BIN)
        .args(["demo", "--small", "--port-base", "0", "--folder"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let demo = Demo(child);
    let mut said = String::new();
    while !said.contains(READY) {
        assert!(lines.read_line(&mut said).unwrap() > 0, "ended early: {said}");
    }
    (demo, lines, said)
}

/// SIGTERM; it must end by itself with code 0.
fn stop(mut demo: Demo, mut lines: BufReader<std::process::ChildStdout>) {
    let id = rustix::process::Pid::from_raw(i32::try_from(demo.0.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    // Whoever is not read from may not be able to end.
    std::io::copy(&mut lines, &mut std::io::sink()).unwrap();
    assert!(demo.0.wait().unwrap().success());
}

#[test]
fn every_step_of_the_story_holds() {
    let output = Command::new(BIN).args(["demo", "--check", "--small"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.lines().filter(|line| line.contains("　通过　")).count() >= 16, "{said}");
}

#[test]
fn what_was_cut_off_is_begun_again_and_what_is_there_is_kept() {
    let folder = Folder(std::env::temp_dir().join(format!("luzheng-demo-{}", std::process::id())));
    std::fs::create_dir_all(folder.0.join("99/files")).unwrap();
    std::fs::write(folder.0.join("demo.toml"), "note = \"\"\nready = false\nversion = \"0\"\n").unwrap();
    std::fs::write(folder.0.join("99/files/000001.pack"), "half a file").unwrap();
    let (demo, lines, said) = start(&folder.0);
    assert!(said.contains("上次没有准备完"), "{said}");
    stop(demo, lines);
    let sign_ins = std::fs::read_to_string(folder.0.join("sign-ins.toml")).unwrap();
    let (demo, lines, said) = start(&folder.0);
    assert!(said.contains("已有数据"), "{said}");
    stop(demo, lines);
    assert_eq!(std::fs::read_to_string(folder.0.join("sign-ins.toml")).unwrap(), sign_ins);
}

#[test]
fn a_folder_with_other_things_in_it_is_left_alone() {
    let folder = Folder(std::env::temp_dir().join(format!("luzheng-not-a-demo-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("thesis.txt"), "years of work").unwrap();
    let mut command = Command::new(BIN);
    let output = command.args(["demo", "--fresh", "--port-base", "0", "--folder"]).arg(&folder.0).output();
    let output = output.unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("不是演示目录"));
    assert_eq!(std::fs::read_to_string(folder.0.join("thesis.txt")).unwrap(), "years of work");
}
