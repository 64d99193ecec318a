//! Two provinces and the ministry as real processes: a certificate of one is checked at the other, with every node there, and with
//! one or the other away; what was revoked at home is never valid anywhere else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;

use std::path::Path;
use std::time::Duration;

use codes::CertificateId;
use link::http::Client;
use link::sign::Person;
use node::keys::KeyFolder;
use proof::CodeRequest;
use serde_json::{Value, json};

use nodes::*;

/// Province demo-99 issues, province demo-98 checks, the ministry demo-00 stands between them.
struct Three {
    folder: Folder,
    ministry: Option<Node>,
    home: Option<Node>,
    _away: Node,
    /// A business system at home, an officer's system elsewhere, one at the ministry.
    sender: Client,
    officer: Client,
    central: Client,
    events: Vec<Value>,
    identifiers: Vec<String>,
}

fn officer() -> Person {
    Person {
        operator: Some("执法员一".into()),
        unit: Some("试验省交通运输执法总队".into()),
        staff_no: Some("9801-007".into()),
        purpose: Some("路检".into()),
        case_no: None,
    }
}

fn add_client(config: &str, rights: &[&str]) -> String {
    let mut args = vec!["client", "add", "--config", config, "--operator", "管理员一", "--name", "系统"];
    args.extend(["--source", "运政"]);
    args.extend(rights.iter().flat_map(|right| ["--right", right]));
    text(&luzheng(&args))
}

impl Three {
    fn start(name: &str) -> Self {
        let folder = Folder(std::env::temp_dir().join(format!("luzheng-{name}-{}", std::process::id())));
        let at = &folder.0;
        std::fs::create_dir_all(at).unwrap();
        keys(at, "demo-99", ("演示省交通运输厅", "11990000MB0000000J"), None);
        keys(at, "demo-98", ("试验省交通运输厅", "11980000MB0000000E"), Some("demo-99"));
        keys(at, "demo-00", ("演示部", "11990000MB0000000J"), Some("demo-99"));
        let ministry_config = config(at, "demo-00", "ministry", "");
        let ministry = serve(at, "demo-00");
        let lane = format!(
            "[[lane]]\nname = \"ministry\"\naddress = \"{}\"\npeer = \"demo-00\"\n",
            ministry.address
        );
        let home_config = config(at, "demo-99", "province", &lane);
        enrol(at, &home_config, ("demo-00", "ministry", "http://127.0.0.1:1"), &[]);
        let sender = add_client(&home_config, &["lifecycle", "verify"]);
        let home = serve(at, "demo-99");
        // This province knows the ministry by its enrolment alone, and no code key of the other one.
        let away_config = config(at, "demo-98", "province", "");
        let own = std::fs::read_to_string(&away_config).unwrap();
        std::fs::write(&away_config, own.replace("trust = \"demo-99-keys\"", "trust = \"demo-98-keys\""))
            .unwrap();
        enrol(at, &away_config, ("demo-00", "ministry", &ministry.address), &[]);
        enrol(at, &ministry_config, ("demo-99", "province", &home.address), &["--issuer", "99"]);
        enrol(at, &ministry_config, ("demo-98", "province", "http://127.0.0.1:1"), &["--issuer", "98"]);
        let officer = add_client(&away_config, &["verify"]);
        let central = add_client(&ministry_config, &["verify"]);
        let away = serve(at, "demo-98");
        let mut three = Self {
            sender: client(&home.address, &sender),
            officer: client(&away.address, &officer),
            central: client(&ministry.address, &central),
            events: events(at, 4),
            identifiers: Vec::new(),
            ministry: Some(ministry),
            home: Some(home),
            _away: away,
            folder,
        };
        // The ministry looks for new peers once a second.
        std::thread::sleep(Duration::from_millis(1100));
        let sent = json!(three.events).to_string();
        for result in three.send(&sent)["results"].as_array().unwrap() {
            three.identifiers.push(result["identifier"].as_str().unwrap().to_owned());
        }
        three
    }

    fn send(&self, body: &str) -> Value {
        let post = self.sender.post(
            "/api/v1/lifecycle/events",
            &Person::default(),
            "application/json",
            body.as_bytes(),
        );
        nodes::body(post)
    }

    fn end(&self, number: usize, event: &str) {
        let message = json!({
            "event_id": format!("end-{number}"), "event": event, "subject_ref": self.events[number]["subject_ref"],
            "occurred_at": "2026-06-02T09:00:00+08:00", "effective_on": "2026-06-02",
            "decision": {"no": format!("演示决〔2026〕{number}号"), "date": "2026-06-02"},
        });
        let answer = self.send(&message.to_string());
        assert!(answer.to_string().contains("\"applied\""), "{answer}");
    }

    fn collected(&self) {
        wait_collected(self.folder.0.join("demo-99.toml").to_str().unwrap());
    }
}

fn check(client: &Client, identifier: &str) -> Value {
    nodes::body(client.get(&format!("/api/v1/verify/{identifier}"), &officer()))["answers"][0].clone()
}

fn check_code(client: &Client, code: &str) -> Value {
    let scanned = json!({ "code": code }).to_string();
    let answer = client.post("/api/v1/verify/code", &officer(), "application/json", scanned.as_bytes());
    nodes::body(answer)["answers"][0].clone()
}

fn codes_of(answer: &Value) -> Vec<&str> {
    answer["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// The code on the face, as the issuer's key makes it.
fn code(folder: &Path, keys: &str, identifier: &str) -> String {
    let keys = KeyFolder::open(&folder.join(keys)).unwrap().unlock(PASSPHRASE).unwrap();
    let request = CodeRequest {
        identifier: CertificateId::parse(identifier).unwrap(),
        status_index: 1,
        issued: "2026-06-01".parse().unwrap(),
        valid_from: "2026-06-01".parse().unwrap(),
        valid_to: codes::Validity::parse("2032-05-31").unwrap(),
    };
    keys.codes.content(&request).unwrap()
}

/// Entries of a node's audit log that speak of a check.
fn audited(folder: &Path, name: &str) -> Vec<Value> {
    let config = folder.join(format!("{name}.toml"));
    let (config, out) = (config.to_str().unwrap(), folder.join(format!("{name}.log.jsonl")));
    luzheng(&["audit", "checkpoint", "--config", config]);
    let out_path = out.to_str().unwrap();
    luzheng(&["audit", "export", "--config", config, "--operator", "审计一", "--out", out_path]);
    let log = std::fs::read_to_string(out).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.to_string().contains("verify.")).collect()
}

/// Prints how long checks at the other province took, a line of JSON for `cargo xtask bench verify` (`--nocapture`).
#[allow(clippy::disallowed_methods, reason = "a test talks to processes that live in real time")]
fn latency(client: &Client, identifier: &str) {
    let mut millis: Vec<u128> = Vec::new();
    for _ in 0..100 {
        let began = std::time::Instant::now();
        assert_eq!(check(client, identifier)["verdict"], "有效");
        millis.push(began.elapsed().as_millis());
    }
    millis.sort_unstable();
    println!("{{\"cross_province_median_ms\":{},\"cross_province_p99_ms\":{}}}", millis[50], millis[98]);
}

#[test]
fn a_certificate_of_one_province_is_checked_in_the_other() {
    let mut three = Three::start("between");
    let at = three.folder.0.clone();
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|number| three.identifiers[number].clone());

    let answer = check(&three.officer, &first);
    assert_eq!(answer["verdict"], "有效", "{answer}");
    assert_eq!(answer["source"], "发证省份登记（demo-99）");
    assert!(answer["known_at"].as_str().unwrap().ends_with("+08:00"));
    let face = answer["face"].as_array().unwrap();
    assert!(face.iter().any(|item| item["value"].as_str().unwrap().contains('*')), "masked: {answer}");
    assert_eq!(check(&three.central, &first)["verdict"], "有效");
    assert_eq!(check(&three.sender, &first)["source"], "本省登记（demo-99）");

    latency(&three.officer, &first);

    // By code: neither key is known here, so the issuer checks it.
    let scanned = check_code(&three.officer, &code(&at, "demo-99-keys", &first));
    assert_eq!(scanned["verdict"], "有效", "{scanned}");
    let forged = check_code(&three.officer, &code(&at, "demo-98-keys", &first));
    assert_ne!(forged["verdict"], "有效", "{forged}");
    // Not in the issuer's register.
    let strange = first.replacen("9901", "9902", 1);
    assert_ne!(check(&three.officer, &strange)["verdict"], "有效");

    // An end at home counts everywhere from the next check on.
    three.end(0, "注销");
    three.end(1, "吊销");
    for identifier in [&first, &second] {
        for client in [&three.sender, &three.officer, &three.central] {
            let answer = check(client, identifier);
            assert_eq!(answer["verdict"], "无效", "{answer}");
        }
    }

    // The person behind the question stands in all three logs.
    for name in ["demo-98", "demo-00", "demo-99"] {
        let entries = audited(&at, name);
        let told = entries.iter().any(|entry| {
            let text = entry.to_string();
            text.contains("执法员一") && text.contains("路检") && text.contains(&first)
        });
        assert!(told, "{name}: {entries:?}");
    }

    // The issuing province is away: what was collected says no more than that.
    three.collected();
    three.home.take().unwrap().stop();
    let answer = check(&three.officer, &third);
    assert_eq!(answer["verdict"], "无法判定", "{answer}");
    assert_eq!(codes_of(&answer), ["ISSUER_UNREACHABLE"]);
    assert_eq!(answer["source"], "部级归集（demo-00）");
    let why = answer["reasons"][0]["text"].as_str().unwrap();
    assert!(why.contains("正常") && why.contains("距今"), "{why}");
    for client in [&three.officer, &three.central] {
        let ended = check(client, &second);
        assert_eq!(ended["verdict"], "无效", "{ended}");
        assert_eq!(codes_of(&ended), ["ISSUER_UNREACHABLE", "STATUS_ENDED"]);
    }
    let unchecked = check_code(&three.officer, &code(&at, "demo-99-keys", &fourth));
    assert_eq!(unchecked["verdict"], "无法判定", "{unchecked}");

    // The ministry is away too.
    three.ministry.take().unwrap().stop();
    let answer = check(&three.officer, &fourth);
    assert_eq!(
        (answer["verdict"].as_str(), codes_of(&answer)),
        (Some("无法判定"), vec!["MINISTRY_UNREACHABLE"])
    );
}
