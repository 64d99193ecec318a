//! A province and a ministry as real processes on loopback: events in, sealed, collected, checked, reconciled, the log verified.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;

use std::path::Path;
use std::time::Duration;

use link::http::HttpError;
use link::sign::Person;
use serde_json::{Value, json};

use nodes::*;

/// The same system at night, by files: a batch with its checksum gets a receipt with a line per record.
fn drop_folder(at: &Path, events: &[Value]) {
    let line = json!({
        "event_id": "night-1", "event": "挂失", "subject_ref": events[1]["subject_ref"],
        "occurred_at": "2026-06-02T22:00:00+08:00", "effective_on": "2026-06-02",
    });
    let data = format!("{line}\n");
    let digest: String = gm::sm3::sm3(data.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(at.join("drop/night.jsonl"), &data).unwrap();
    std::fs::write(at.join("drop/night.sm3"), link::files::Checksum::of(data.as_bytes()).to_text()).unwrap();
    assert!(std::fs::read_to_string(at.join("drop/night.sm3")).unwrap().contains(&digest));
    let receipt = at.join("drop/night.receipt.jsonl");
    for _ in 0..600 {
        if let Ok(text) = std::fs::read_to_string(&receipt) {
            assert!(text.contains("night-1") || text.contains("applied"), "{text}");
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let names: Vec<_> =
        std::fs::read_dir(at.join("drop")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    panic!("no receipt; {names:?}");
}

#[test]
fn an_event_is_sealed_collected_checked_and_reconciled() {
    let folder = Folder(std::env::temp_dir().join(format!("luzheng-two-nodes-{}", std::process::id())));
    let at = &folder.0;
    std::fs::create_dir_all(at).unwrap();
    let path = |name: &str| at.join(name).to_str().unwrap().to_owned();
    luzheng(&[
        "keys",
        "init",
        "--dir",
        &path("demo-99-keys"),
        "--authority",
        "演示省交通运输厅",
        "--uscc",
        "11990000MB0000000J",
    ]);
    luzheng(&[
        "keys",
        "init",
        "--dir",
        &path("demo-00-keys"),
        "--authority",
        "演示部",
        "--uscc",
        "11990000MB0000000J",
        "--under",
        &path("demo-99-keys"),
    ]);
    // The ministry trusts what the province has published.
    let ministry_config = config(at, "demo-00", "ministry", "");
    let operator = ["--operator", "管理员一"];
    let peer = |config: &str, id: &str, role: &str, certificate: &str, more: &[&str]| {
        let mut args = vec!["peer", "add", "--config", config, "--id", id, "--role", role, "--name", id];
        args.extend(["--address", "http://127.0.0.1:1", "--certificate", certificate]);
        args.extend(operator);
        args.extend(more);
        assert!(luzheng(&args).status.success());
    };
    peer(&ministry_config, "demo-99", "province", &path("demo-99-keys/nodes/node.cer"), &["--issuer", "99"]);
    let ministry = serve(at, "demo-00");
    let lane =
        format!("[[lane]]\nname = \"ministry\"\naddress = \"{}\"\npeer = \"demo-00\"\n", ministry.address);
    let lane = format!("{lane}[[drop]]\nfolder = \"drop\"\nsource = \"运政\"\n");
    std::fs::create_dir_all(at.join("drop")).unwrap();
    let province_config = config(at, "demo-99", "province", &lane);
    peer(&province_config, "demo-00", "ministry", &path("demo-00-keys/nodes/node.cer"), &[]);
    let added = luzheng(&[
        "client",
        "add",
        "--config",
        &province_config,
        "--operator",
        "管理员一",
        "--name",
        "运政系统",
        "--source",
        "运政",
        "--right",
        "lifecycle",
        "--right",
        "verify",
    ]);
    let province = serve(at, "demo-99");
    let client = client(&province.address, &text(&added));
    let person = Person::default();

    let events = events(at, 18);
    let sent = json!(events).to_string();
    let answer = body(client.post("/api/v1/lifecycle/events", &person, "application/json", sent.as_bytes()));
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 18);
    for result in results {
        assert_eq!(result["result"], "applied", "{result}");
    }
    let identifier = results[0]["identifier"].as_str().unwrap();
    let verify = |identifier: &str| body(client.get(&format!("/api/v1/verify/{identifier}"), &person));
    assert_eq!(verify(identifier)["answers"][0]["verdict"], "有效", "{}", verify(identifier));

    let held = json!({
        "event_id": "hold-1", "event": "暂扣", "subject_ref": events[0]["subject_ref"],
        "occurred_at": "2026-06-02T09:00:00+08:00", "effective_on": "2026-06-02",
        "decision": {"no": "演示扣〔2026〕1号", "date": "2026-06-02"},
    });
    let answer = body(client.post(
        "/api/v1/lifecycle/events",
        &person,
        "application/json",
        held.to_string().as_bytes(),
    ));
    assert!(answer.to_string().contains("applied"), "{answer}");
    assert_eq!(verify(identifier)["answers"][0]["verdict"], "无效");

    wait_collected(&province_config);
    let run = luzheng(&["reconcile", "run", "--config", &province_config, "--operator", "管理员一"]);
    assert!(run.status.success(), "{}", text(&run));

    let feed = body(client.get("/api/v1/results?since=0&limit=100", &person));
    assert!(feed.to_string().contains("event.applied"), "{feed}");

    luzheng(&["audit", "checkpoint", "--config", &province_config]);
    let verified = luzheng(&["audit", "verify", "--config", &province_config]);
    assert!(verified.status.success(), "{}", text(&verified));
    let export = path("log.jsonl");
    luzheng(&["audit", "export", "--config", &province_config, "--operator", "审计一", "--out", &export]);
    let log = path("demo-99-keys/nodes/log.cer");
    let check = ["audit", "check", &export, "--origin", "demo-99", "--certificate", &log];
    assert!(luzheng(&check).status.success());
    // One changed byte in the middle is found with nothing but the file and the public key.
    let whole = std::fs::read_to_string(&export).unwrap();
    std::fs::write(&export, whole.replacen("暂扣", "暂存", 1)).unwrap();
    assert!(!luzheng(&check).status.success());

    drop_folder(at, &events);

    // A planned window: every request is told when it ends.
    let until = "2099-01-01T00:00:00+08:00";
    let window = [
        "outage",
        "open",
        "--config",
        &province_config,
        "--operator",
        "管理员一",
        "--leg",
        "in",
        "--party",
        "维护",
    ];
    luzheng(&[&window[..], &["--cause", "演示升级", "--until", until]].concat());
    std::thread::sleep(Duration::from_millis(1500));
    match client.get(&format!("/api/v1/verify/{identifier}"), &person) {
        Err(HttpError::Refused { problem, .. }) => assert_eq!(problem.status, 503, "{problem:?}"),
        other => panic!("{other:?}"),
    }

    province.stop();
    ministry.stop();
    // A second start finds everything as it was, the window included; closed, it lets requests in again.
    let listed = text(&luzheng(&["outage", "list", "--config", &province_config]));
    let id = listed.lines().find(|line| line.contains("维护")).unwrap().split('　').next().unwrap();
    luzheng(&["outage", "close", "--config", &province_config, "--operator", "管理员一", id]);
    let province = serve(at, "demo-99");
    let client = nodes::client(&province.address, &text(&added));
    let again = body(client.get(&format!("/api/v1/verify/{identifier}"), &person));
    assert_eq!(again["answers"][0]["verdict"], "无效");
}
