//! The two ways of a message: lines in a folder, signed posts to a gateway.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use link::http::{Client, Sources, Timeouts};
use link::sign::{HmacKey, Signer};
use node::deliver::{FileNotifier, HttpNotifier, Notice, Notifier};

use crate::PHONE;
use crate::support::{NOW, SECOND, Scratch};

#[test]
fn messages_become_lines_in_a_folder() {
    let folder = Scratch::new();
    let notifier = FileNotifier::new(folder.0.join("notices")).expect("a folder");
    for id in ["m1", "m2"] {
        notifier.send(&notice(id)).expect("written");
    }
    let text = std::fs::read_to_string(folder.0.join("notices/2026-06-01.jsonl")).expect("a file");
    let ids: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["id"].to_string())
        .collect();
    assert_eq!(ids, ["\"m1\"", "\"m2\""]);
}

#[test]
fn a_gateway_gets_signed_posts_and_says_when_to_come_back() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let gateway = std::thread::spawn(move || {
        let answers = [
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 422 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ];
        answers.map(|answer| answer_one(&listener, answer))
    });
    let key = HmacKey::new(&[7; 32][..]).expect("a key");
    let signer = Signer::hmac("demo-99", key).expect("a signer");
    let sources = Sources { now: Box::new(|| NOW / SECOND), random: Box::new(|| [5; 16]) };
    let client = Client::new(&address, signer, Timeouts::default(), sources, None).expect("a client");
    let notifier = HttpNotifier::new(client, "/notices".into());
    assert_eq!(notifier.send(&notice("m1")), Ok(()));
    let busy = notifier.send(&notice("m2")).expect_err("busy");
    assert_eq!((busy.may_pass, busy.retry_after), (true, Some(7)));
    assert!(!notifier.send(&notice("m3")).expect_err("refused").may_pass);
    let seen = gateway.join().expect("the gateway");
    assert!(seen[0].starts_with("POST /notices HTTP/1.1"));
    assert!(seen[0].to_lowercase().contains("lz-hmac-sm3 "), "{}", seen[0]);
    assert!(seen[0].contains(PHONE));
}

fn notice(id: &str) -> Notice {
    Notice {
        id: id.into(),
        what: "issued".into(),
        phone: PHONE.into(),
        text: "您有 1 件证照".into(),
        at: NOW,
        expires_at: None,
    }
}

/// Takes one request in and answers it: head and body as they came.
fn answer_one(listener: &TcpListener, answer: &str) -> String {
    let (stream, _) = listener.accept().expect("a caller");
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    reader.get_mut().write_all(answer.as_bytes()).expect("answered");
    head + &String::from_utf8(body).expect("text")
}
