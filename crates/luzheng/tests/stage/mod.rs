//! The demo as people start it: a small one on free ports.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

pub const BIN: &str = env!("CARGO_BIN_EXE_luzheng");
/// The last line of the start: by then it has named every address.
const LAST: &str = "看什么、按什么顺序";

pub struct Folder(pub PathBuf);

impl Folder {
    /// One that no other test has.
    pub fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("luzheng-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A demo that is ended, whatever becomes of the test.
pub struct Demo {
    child: Child,
    lines: BufReader<ChildStdout>,
    /// What it said until it was ready.
    pub said: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    /// Waits until it is ready.
    pub fn start(folder: &Path) -> Self {
        let mut child = Command::new(BIN)
            .args(["demo", "--small", "--port-base", "0", "--folder"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut demo = Self { child, lines, said: String::new() };
        while !demo.said.contains(LAST) {
            assert!(demo.lines.read_line(&mut demo.said).unwrap() > 0, "ended early: {}", demo.said);
        }
        demo
    }

    /// SIGTERM; it must end by itself with code 0.
    pub fn stop(mut self) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        // Whoever is not read from may not be able to end.
        std::io::copy(&mut self.lines, &mut std::io::sink()).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}
