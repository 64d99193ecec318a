//! The demo as people start it: its own check, a folder that was not finished, a second start, a clean end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod stage;

use std::process::Command;

use stage::{BIN, Demo, Folder};

#[test]
fn every_step_of_the_story_holds() {
    let output = Command::new(BIN).args(["demo", "--check", "--small"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.lines().filter(|line| line.contains("　通过　")).count() >= 16, "{said}");
}

#[test]
fn what_was_cut_off_is_begun_again_and_what_is_there_is_kept() {
    let folder = Folder::new("demo");
    std::fs::create_dir_all(folder.0.join("99/files")).unwrap();
    std::fs::write(folder.0.join("demo.toml"), "note = \"\"\nready = false\nversion = \"0\"\n").unwrap();
    std::fs::write(folder.0.join("99/files/000001.pack"), "half a file").unwrap();
    let demo = Demo::start(&folder.0);
    assert!(demo.said.contains("上次没有准备完"), "{}", demo.said);
    demo.stop();
    let sign_ins = std::fs::read_to_string(folder.0.join("sign-ins.toml")).unwrap();
    let demo = Demo::start(&folder.0);
    assert!(demo.said.contains("已有数据"), "{}", demo.said);
    demo.stop();
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
