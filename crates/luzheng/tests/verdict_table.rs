//! Every offline row of `docs/verdict-table.json` through `luzheng verify --code`, as a process with files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdict-table.json");

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn decode(value: &Value) -> Vec<u8> {
    gm::base64::decode(value.as_str().unwrap()).unwrap()
}

/// The folder that `keys export-trust` would write for trust data as JSON.
fn trust_folder(folder: &Path, data: &Value) {
    std::fs::create_dir_all(folder).unwrap();
    let mut count = 0;
    let mut place = |value: &Value| {
        count += 1;
        let name = format!("{count}.der");
        std::fs::write(folder.join(&name), decode(value)).unwrap();
        name
    };
    let mut index = data.clone();
    for list in ["roots", "intermediates", "makers", "crls"] {
        index[list] = data[list].as_array().unwrap().iter().map(|one| json!(place(one))).collect();
    }
    for list in ["code_keys", "nodes", "signers"] {
        for one in index[list].as_array_mut().unwrap() {
            one["certificate"] = json!(place(&one["certificate"].clone()));
        }
    }
    let text = toml::to_string(&index).unwrap();
    std::fs::write(folder.join("trust.toml"), text).unwrap();
}

#[test]
fn the_command_line_gives_every_offline_row() {
    let table: Value = serde_json::from_str(&std::fs::read_to_string(TABLE).unwrap()).unwrap();
    let scratch = Scratch(std::env::temp_dir().join(format!("luzheng-table-{}", std::process::id())));
    for (name, data) in table["trusts"].as_object().unwrap() {
        trust_folder(&scratch.0.join(format!("trust-{name}")), data);
    }
    let mut files = BTreeMap::new();
    for (n, (name, text)) in table["packs"].as_object().unwrap().iter().enumerate() {
        let path = scratch.0.join(format!("{n}.lzp"));
        std::fs::write(&path, decode(text)).unwrap();
        files.insert(name.as_str(), path);
    }
    let offline = |row: &&Value| row["evidence"] == json!({}) && row["input"]["code"].is_string();
    let rows: Vec<&Value> = table["rows"].as_array().unwrap().iter().filter(offline).collect();
    assert!(rows.len() >= 120, "{}", rows.len());
    let wrong: Vec<String> = rows.iter().filter_map(|row| differs(&scratch.0, &files, row)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn differs(folder: &Path, files: &BTreeMap<&str, PathBuf>, row: &Value) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luzheng"));
    command.args(["verify", "--json", "--at", row["now"].as_str().unwrap()]);
    command.arg(format!("--code={}", row["input"]["code"].as_str().unwrap()));
    command.arg("--trust").arg(folder.join(format!("trust-{}", row["trust"].as_str().unwrap())));
    for name in row["packs"].as_array().unwrap() {
        command.arg("--pack").arg(&files[name.as_str().unwrap()]);
    }
    let out = command.output().unwrap();
    let answer: Value = serde_json::from_slice(&out.stdout).unwrap_or_default();
    let codes: Vec<&Value> =
        answer["reasons"].as_array().into_iter().flatten().map(|one| &one["code"]).collect();
    let want: Vec<&Value> = row["codes"].as_array().unwrap().iter().collect();
    let valid = row["verdict"].as_str().unwrap().starts_with("有效");
    let exit = if valid { 0 } else { 2 };
    let same = answer["verdict"] == row["verdict"] && codes == want && out.status.code() == Some(exit);
    let said = String::from_utf8_lossy(&out.stderr);
    (!same).then(|| format!("{}: {} {codes:?} {said}", row["name"], answer["verdict"]))
}
