//! Results pushed by a real node to a real little HTTP server, which checks the signature of every message with the node's certificate.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use gm::x509::Certificate;
use link::sign::{Claim, Person, VerifyingKey};
use serde_json::{Value, json};

use nodes::*;

/// What a client's system was sent: its answer, whether the signature held, the message.
struct Taken {
    status: u16,
    path: String,
    fits: bool,
    page: Value,
}

/// Answers message after message with these statuses, then with 204; 0 is silence.
fn server(receiver: &'static str, certificate: &Path, statuses: Vec<u16>) -> (String, Receiver<Taken>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let certificate = Certificate::from_der(&std::fs::read(certificate).unwrap()).unwrap();
    let (sender, taken) = channel();
    std::thread::spawn(move || {
        let key = VerifyingKey::Sm2(certificate.public_key().clone());
        let mut statuses = statuses.into_iter();
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let status = statuses.next().unwrap_or(204);
            if let Some(stream) = answer(stream.unwrap(), receiver, &key, status, &sender) {
                silent.push(stream);
            }
        }
    });
    (address, taken)
}

/// Reads one request, checks it and answers; a silent one keeps its connection.
fn answer(
    stream: TcpStream,
    receiver: &str,
    key: &VerifyingKey,
    status: u16,
    taken: &Sender<Taken>,
) -> Option<TcpStream> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let claim = Claim::parse("POST", bare, query, pairs).unwrap();
    assert_eq!(claim.key(), "demo-99");
    let fits = claim.verify(&gm::sm3::sm3(&body), receiver, now(), Some(key)).is_ok();
    let page = serde_json::from_slice(&body).unwrap();
    let _ = taken.send(Taken { status, path, fits, page });
    let mut stream = reader.into_inner();
    if status == 0 {
        return Some(stream);
    }
    // A redirect to a place where it would be taken: it must not be followed.
    let more = if status == 302 { "Location: /elsewhere\r\n" } else { "" };
    let head = format!("HTTP/1.1 {status} x\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    None
}

fn numbers(taken: &Taken) -> Vec<i64> {
    taken.page["results"].as_array().unwrap().iter().map(|line| line["seq"].as_i64().unwrap()).collect()
}

fn add_client(config: &str, id: &str, callback: &str) -> String {
    let args =
        ["client", "add", "--config", config, "--operator", "管理员一", "--name", "系统", "--source", "运政"];
    let more = ["--right", "lifecycle", "--id", id, "--callback", callback];
    text(&luzheng(&[&args[..], &more].concat()))
}

#[test]
fn results_are_pushed_signed_in_order_and_again_after_a_refusal() {
    let folder = Folder(std::env::temp_dir().join(format!("luzheng-callback-{}", std::process::id())));
    let at = &folder.0;
    std::fs::create_dir_all(at).unwrap();
    keys(at, "demo-99", ("演示省交通运输厅", "11990000MB0000000J"), None);
    let config = config(at, "demo-99", "province", "");
    let certificate = at.join("demo-99-keys/nodes/node.cer");
    let (deaf, deaf_taken) = server("deaf", &certificate, vec![0; 100]);
    let (address, taken) = server("pushed", &certificate, vec![302, 500]);
    add_client(&config, "deaf", &deaf);
    let added = add_client(&config, "pushed", &format!("{address}/results?of=demo"));
    let province = serve(at, "demo-99");
    let sender = client(&province.address, &added);

    let events = events(at, 2);
    let sent = json!(events).to_string();
    body(sender.post("/api/v1/lifecycle/events", &Person::default(), "application/json", sent.as_bytes()));
    let feed = body(sender.get("/api/v1/results?since=0", &Person::default()));
    let all: Vec<i64> =
        feed["results"].as_array().unwrap().iter().map(|one| one["seq"].as_i64().unwrap()).collect();
    assert!(all.len() >= 2, "{feed}");

    // The redirect and the error are no answer; what was not taken comes again, from the same number.
    let (mut next, mut refused) = (all[0], 0);
    let patience = Duration::from_secs(60);
    while next <= all[all.len() - 1] {
        let one = taken.recv_timeout(patience).unwrap();
        assert!(one.fits && one.path == "/results?of=demo", "{}", one.path);
        let numbers = numbers(&one);
        assert!(numbers.is_sorted() && numbers[0] == next, "{next}: {numbers:?}");
        for (line, number) in one.page["results"].as_array().unwrap().iter().zip(&numbers) {
            assert_eq!(
                feed["results"].as_array().unwrap().iter().find(|one| one["seq"] == *number),
                Some(line)
            );
        }
        match one.status {
            204 => next = numbers[numbers.len() - 1] + 1,
            _ => refused += 1,
        }
    }
    assert_eq!(refused, 2);
    // The one that never answers has been asked, and has held up nobody.
    assert!(deaf_taken.recv_timeout(patience).unwrap().fits);
    let listed = |words: &str| {
        for _ in 0..600 {
            if text(&luzheng(&["client", "list", "--config", &config])).contains(words) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{words}: {}", text(&luzheng(&["client", "list", "--config", &config])));
    };
    listed(&format!("已送达到第 {} 号", all[all.len() - 1]));

    // What comes after a restart goes on from there.
    province.stop();
    let province = serve(at, "demo-99");
    let sender = client(&province.address, &added);
    let lost = json!({
        "event_id": "lost-1", "event": "挂失", "subject_ref": events[0]["subject_ref"],
        "occurred_at": "2026-06-02T09:00:00+08:00", "effective_on": "2026-06-02",
    });
    let lost = lost.to_string();
    body(sender.post("/api/v1/lifecycle/events", &Person::default(), "application/json", lost.as_bytes()));
    let one = taken.recv_timeout(patience).unwrap();
    assert!(one.fits && numbers(&one)[0] > all[all.len() - 1], "{:?}", numbers(&one));
    province.stop();
}
