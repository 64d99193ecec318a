//! Nodes as real processes on loopback, and a business system that speaks to them.
#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use link::http::{Answer, Client, HttpError, Sources, Timeouts};
use link::sign::{HmacKey, Signer};
use serde_json::{Value, json};

pub const BIN: &str = env!("CARGO_BIN_EXE_luzheng");
pub const PASSPHRASE: &str = "two-nodes-passphrase";

pub struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub struct Node {
    child: Child,
    /// `http://host:port`.
    pub address: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    /// SIGKILL: nothing is finished, nothing is said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the process must end by itself with code 0.
    pub fn stop(mut self) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

pub fn luzheng(args: &[&str]) -> Output {
    let output = Command::new(BIN).args(args).env("LUZHENG_PASSPHRASE", PASSPHRASE).output().unwrap();
    assert!(
        output.status.success() || output.status.code() == Some(2),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// At a port that is free.
pub fn serve(folder: &Path, name: &str) -> Node {
    serve_at(folder, name, "http://127.0.0.1:0")
}

/// At an address that it had before.
pub fn serve_at(folder: &Path, name: &str, address: &str) -> Node {
    let listen = address.strip_prefix("http://").unwrap();
    let (config, file) = (folder.join(format!("{name}.toml")), folder.join(format!("{name}.address")));
    let _ = std::fs::remove_file(&file);
    let child = Command::new(BIN)
        .args(["serve", "--listen", listen, "--config"])
        .arg(&config)
        .arg("--address-file")
        .arg(&file)
        .env("LUZHENG_PASSPHRASE", PASSPHRASE)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut node = Node { child, address: String::new() };
    for _ in 0..1500 {
        if let Ok(address) = std::fs::read_to_string(&file)
            && !address.is_empty()
        {
            node.address = format!("http://{address}");
            return node;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{name} did not become ready");
}

pub fn config(folder: &Path, name: &str, role: &str, lane: &str) -> String {
    let area = &name[name.len() - 2..];
    let text = format!(
        "[node]\nid = \"{name}\"\nrole = \"{role}\"\narea = \"{area}\"\n[store]\nurl = \"sqlite:{name}/rows.db\"\n\
         [files]\nfolder = \"{name}/files\"\n[keys]\nfolder = \"{name}-keys\"\ntrust = \"demo-99-keys\"\n{lane}"
    );
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

pub fn client(address: &str, added: &str) -> Client {
    let value = |label: &str| {
        let line = added.lines().find(|line| line.starts_with(label)).unwrap();
        line.split('　').next_back().unwrap().trim().to_owned()
    };
    let secret = value("密");
    let bytes: Vec<u8> =
        (0..secret.len()).step_by(2).map(|at| u8::from_str_radix(&secret[at..at + 2], 16).unwrap()).collect();
    let signer = Signer::hmac(&value("客户端"), HmacKey::new(&bytes).unwrap()).unwrap();
    let sources = Sources { now: Box::new(now), random: Box::new(random) };
    Client::new(address, signer, Timeouts::default(), sources, None).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "a test talks to a process that lives in real time")]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub fn body(answer: Result<Answer, HttpError>) -> Value {
    serde_json::from_slice(&answer.unwrap().body).unwrap()
}

/// 初领 events of the sample's first records, as a business system would send them.
pub fn events(folder: &Path, count: usize) -> Vec<Value> {
    let out = folder.join("sample");
    let records = (count * 2).max(90).to_string();
    luzheng(&["sample", "--count", &records, "--out", out.to_str().unwrap()]);
    // Some records are wrong on purpose; those are named there.
    let truth = std::fs::read_to_string(out.join("truth.jsonl")).unwrap();
    let mut events = Vec::new();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")) {
        if file.file_stem().is_some_and(|stem| stem == "truth") {
            continue;
        }
        let text = std::fs::read_to_string(file).unwrap();
        for line in text.lines().take(count.div_ceil(9).max(4)) {
            let mut record: Value = serde_json::from_str(line).unwrap();
            let photo = record["photo"].as_str().map(|path| std::fs::read(out.join(path)).unwrap());
            record.as_object_mut().unwrap().remove("photo");
            let id = record["record_id"].as_str().unwrap().to_owned();
            if truth.contains(&format!("\"{id}\"")) {
                continue;
            }
            events.push(json!({
                "event_id": format!("{id}-1"), "event": "初领", "subject_ref": id,
                "occurred_at": "2026-06-01T09:00:00+08:00", "effective_on": "2026-06-01",
                "record": record, "photo": photo.map(|bytes| gm::base64::encode(&bytes)),
            }));
        }
    }
    events.truncate(count);
    events
}

pub fn wait_collected(config: &str) {
    for _ in 0..600 {
        if text(&luzheng(&["collect", "status", "--config", config])).contains("待发 0") {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{}", text(&luzheng(&["collect", "dead", "--config", config])));
}

/// Keys of a node; `under` names the folder whose root signs.
pub fn keys(folder: &Path, name: &str, (authority, uscc): (&str, &str), under: Option<&str>) {
    let path = |name: &str| folder.join(format!("{name}-keys")).to_str().unwrap().to_owned();
    let dir = path(name);
    let mut args = vec!["keys", "init", "--dir", &dir, "--authority", authority, "--uscc", uscc];
    let root = under.map(path);
    args.extend(root.iter().flat_map(|root| ["--under", root]));
    assert!(luzheng(&args).status.success());
}

/// Enrols a node at another one.
pub fn enrol(folder: &Path, config: &str, (id, role, address): (&str, &str, &str), more: &[&str]) {
    let certificate = folder.join(format!("{id}-keys/nodes/node.cer"));
    let mut args = vec!["peer", "add", "--config", config, "--id", id, "--role", role, "--name", id];
    args.extend(["--address", address, "--certificate", certificate.to_str().unwrap()]);
    args.extend(["--operator", "管理员一"]);
    args.extend(more);
    assert!(luzheng(&args).status.success());
}
