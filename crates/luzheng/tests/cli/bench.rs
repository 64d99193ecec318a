//! A bench: a folder that goes away, and the binary run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

pub const PASSPHRASE: &str = "correct-horse-88";
pub const PROVINCE: [&str; 4] = ["--authority", "演示省交通运输厅", "--uscc", "11990000MB0000000J"];

/// A folder for one test.
pub struct Bench {
    pub path: PathBuf,
}

/// What a run said.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Bench {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("bench-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// A bench with `s/`: a sample of `count` records.
    pub fn with_sample(count: usize, seed: u64) -> Self {
        let bench = Self::new();
        let (count, seed) = (count.to_string(), seed.to_string());
        bench.ok(&["sample", "--count", &count, "--seed", &seed, "--out", "s"]);
        bench
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luzheng"));
        command.args(args).current_dir(&self.path).env("LUZHENG_PASSPHRASE", PASSPHRASE);
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output().unwrap())
    }

    /// Runs what must succeed with exit code 0 and gives its output.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, Some(0), "{args:?}\n{}{}", said.out, said.err);
        said.out
    }

    /// Runs what must not work: exit code 1, one Chinese sentence, no panic. Gives the sentence.
    #[track_caller]
    pub fn fails(&self, args: &[&str]) -> String {
        failed(self.run(args))
    }

    /// `issue` with the shared keys; `more` goes behind.
    pub fn issue(&self, input: &str, out: &str, more: &[&str]) -> Said {
        let mut args = vec!["issue", "--in", input, "--keys", keys(), "--out", out];
        args.extend(more);
        self.run(&args)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The objects of a JSON lines file.
    pub fn lines(&self, name: &str) -> Vec<Value> {
        let text = String::from_utf8(self.read(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Files below a folder, sorted, as paths below the bench.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let mut out = Vec::new();
        walk(&self.file(folder), &mut out);
        let mut names: Vec<String> = out
            .iter()
            .map(|path| path.strip_prefix(&self.path).unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }

    pub fn certificates(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_iter().filter(|name| name.ends_with(".ofd")).collect()
    }

    /// `verify --json` over a folder, one object a file.
    pub fn verdicts(&self, trust: &str, target: &str) -> Vec<Value> {
        let said = self.run(&["verify", "--trust", trust, "--json", target]);
        assert!(said.err.is_empty(), "{}", said.err);
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Name and value of every metadata item of a file.
    pub fn metadata(&self, file: &str) -> Vec<(String, String)> {
        let out = self.ok(&["show", file, "--metadata"]);
        let pair = |line: &str| line.split_once('\t').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        out.lines().map(pair).collect()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[track_caller]
pub fn failed(said: Said) -> String {
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.starts_with("错误："), "{}", said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said.err
}

pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A key folder that the tests share and do not change.
pub fn keys() -> &'static str {
    static KEYS: OnceLock<Bench> = OnceLock::new();
    static PATH: OnceLock<String> = OnceLock::new();
    let bench = KEYS.get_or_init(|| {
        let bench = Bench::new();
        bench.ok(&[&["keys", "init", "--dir", "k"], &PROVINCE[..]].concat());
        bench
    });
    PATH.get_or_init(|| bench.file("k").to_str().unwrap().to_owned())
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, out) } else { out.push(path) }
    }
}

/// A fixed sequence of numbers below `below`.
pub fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}
