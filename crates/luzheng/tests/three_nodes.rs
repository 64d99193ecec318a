//! Two provinces and the ministry as real processes: a certificate of one is checked at the other, with every node there, and with
//! one or the other away; what was revoked at home is never valid anywhere else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;
#[path = "nodes/three.rs"]
mod three;

use std::path::Path;

use link::http::Client;
use serde_json::Value;

use nodes::*;
use three::*;

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
    let mut three = Three::start("between", 4, false);
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
