//! The client against a small server of our own, one thread a connection.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gm::sm2::SecretKey;
use gm::sm3::sm3;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use link::http::*;
use link::sign::*;

const NOW: i64 = 1_795_305_600;

fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", SecretKey::from_bytes(&[seed; 32]).unwrap());
    keys.signing_key("key").unwrap()
}

struct Seen {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Seen {
    /// What a server does first: believe nothing before the signature holds.
    fn verify(&self) -> Caller {
        let mut words = self.line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let key = VerifyingKey::Sm2(key(1).public_key().clone());
        Claim::parse(method, path, query, headers)
            .unwrap()
            .verify(&sm3(&self.body), "ministry", NOW, Some(&key))
            .unwrap()
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    (reader.read_line(&mut line).ok()? > 0).then_some(())?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { line: line.trim_end().to_owned(), headers, body })
}

/// Answers every request with what `answer` makes of it; counts the connections.
fn serve(answer: impl Fn(&Seen) -> String + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, connections) =
        (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let (answer, counter) = (Arc::new(answer), Arc::clone(&connections));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            counter.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(seen) = read_request(&mut reader) {
                    let text = answer(&seen);
                    if text.is_empty() || stream.write_all(text.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, connections)
}

fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

fn receipt(seen: &Seen, status: u16, body: &str, seed: u8, id: &str) -> String {
    let digest = seen.verify().digest;
    let value = sign_receipt(&digest, status, &sm3(body.as_bytes()), NOW, id, &*key(seed)).unwrap();
    format!("LZ-Receipt: {value}\r\n")
}

fn client(url: &str, with_receipts: bool) -> Client {
    let counter = AtomicU8::new(0);
    let sources = Sources {
        now: Box::new(|| NOW),
        random: Box::new(move || [counter.fetch_add(1, Ordering::SeqCst).wrapping_add(0xF8); 16]),
    };
    let timeouts = Timeouts { connect: Duration::from_secs(2), read: Duration::from_millis(400) };
    let receipts = with_receipts
        .then(|| ReceiptKey { id: "ministry-1".into(), key: VerifyingKey::Sm2(key(2).public_key().clone()) });
    let signer = Signer::sm2("node-1", key(1), "ministry").unwrap();
    Client::new(url, signer, timeouts, sources, receipts).unwrap()
}

#[test]
fn what_arrives_verifies_and_the_receipt_holds() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let (url, connections) = serve(move |request| {
        log.lock().unwrap().push(request.verify());
        let head = receipt(request, 200, "{}", 2, "ministry-1");
        response("200 OK", &head, "{}")
    });
    let (client, person) =
        (client(&url, true), Person { operator: Some("张三".into()), ..Person::default() });
    let answer = client.post("/a/b%20c?q=%E4%BA%AC&r=1", &person, "application/json", b"{\"x\":1}").unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
    assert!(answer.receipt.is_some());
    client.get("/a?b=1", &person).unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].digest, answer.request);
    assert_eq!(seen[0].person, person);
    assert_ne!(seen[0].nonce, seen[1].nonce);
    assert_eq!(connections.load(Ordering::SeqCst), 1, "the connection is kept alive");
}

#[test]
fn a_missing_or_wrong_receipt_is_an_error_of_its_own() {
    type Forge = fn(&Seen) -> String;
    let forgeries: [(Forge, &str); 4] = [
        (|_| String::new(), "AUTH_MISSING"),
        (|seen| receipt(seen, 200, "{}", 3, "ministry-1"), "AUTH_SIGNATURE"),
        (|seen| receipt(seen, 200, "{}", 2, "ministry-2"), "AUTH_KEY"),
        (|seen| receipt(seen, 200, "other", 2, "ministry-1"), "AUTH_SIGNATURE"),
    ];
    for (forge, code) in forgeries {
        let (url, _) = serve(move |seen| response("200 OK", &forge(seen), "{}"));
        let error = client(&url, true).get("/", &Person::default()).unwrap_err();
        assert_eq!(error.origin(Peer::Ministry), Origin::Network);
        let HttpError::Receipt { cause, .. } = error else { panic!("{error}") };
        assert_eq!(cause.code(), code);
    }
}

const PROBLEM: &str = r#"{"type":"about:blank","title":"字段有误","status":422,"detail":"车牌号过长","code":"CHECK_LENGTH","item":"车牌号","rule":"不超过 10 个字符","fix":"请改正","extra":[1]}"#;

#[test]
fn a_refusal_carries_the_problem_and_says_whether_it_is_proven() {
    for proven in [true, false] {
        let (url, _) = serve(move |seen| {
            let receipt = if proven { receipt(seen, 422, PROBLEM, 2, "ministry-1") } else { String::new() };
            response(
                "422 X",
                &format!("Content-Type: application/problem+json\r\nRetry-After: 7\r\n{receipt}"),
                PROBLEM,
            )
        });
        let error = client(&url, true).get("/", &Person::default()).unwrap_err();
        assert_eq!(error.origin(Peer::Ministry).number(), 1);
        assert!(!error.may_pass());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        let HttpError::Refused { problem, proven: found, .. } = error else { panic!("{error}") };
        assert_eq!((problem.code.as_deref(), problem.fix.as_deref()), (Some("CHECK_LENGTH"), Some("请改正")));
        assert_eq!(found, proven);
    }
}

#[test]
fn a_gateways_page_is_no_problem_document() {
    let (url, _) = serve(|_| response("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>"));
    let error = client(&url, true).get("/", &Person::default()).unwrap_err();
    assert!(matches!(error, HttpError::Unexplained { status: 502, .. }), "{error}");
    assert!(error.may_pass());
    assert_eq!(error.origin(Peer::Province), Origin::Network);
}

#[test]
fn a_redirect_is_not_followed() {
    let (url, connections) = serve(|_| response("307 X", "Location: /elsewhere\r\n", ""));
    let error = client(&url, false).post("/", &Person::default(), "text/plain", b"x").unwrap_err();
    assert!(matches!(error, HttpError::Unexplained { status: 307, .. }), "{error}");
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn nobody_there_silence_and_a_broken_answer_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client(&format!("http://{closed}"), false).get("/", &Person::default()).unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error}");

    let (url, _) = serve(|_| {
        std::thread::sleep(Duration::from_secs(2));
        String::new()
    });
    let error = client(&url, false).get("/", &Person::default()).unwrap_err();
    assert!(matches!(error, HttpError::Timeout { phase: Phase::Answer, .. }), "{error}");

    for text in ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "what?\r\n\r\n"] {
        let (url, _) = serve(move |_| text.to_owned());
        let error = client(&url, false).get("/", &Person::default()).unwrap_err();
        let silent = matches!(error, HttpError::Timeout { phase: Phase::Answer, .. });
        assert!(silent || matches!(error, HttpError::Broken { .. }), "{error}");
        assert_eq!(error.origin(Peer::Ministry).number(), 3);
    }
}

#[test]
fn a_server_that_hangs_up_is_a_broken_connection() {
    let (url, _) = serve(|_| String::new());
    let error = client(&url, false).get("/", &Person::default()).unwrap_err();
    assert!(matches!(error, HttpError::Broken { .. }), "{error}");
}

#[test]
fn addresses_that_cannot_work_are_refused_at_once() {
    for url in ["https://gateway", "gateway:80", "http://host/prefix", "http://user@host", "http://"] {
        let sources = Sources { now: Box::new(|| NOW), random: Box::new(|| [0; 16]) };
        let signer = Signer::sm2("node-1", key(1), "ministry").unwrap();
        let made = Client::new(url, signer, Timeouts::default(), sources, None);
        assert!(matches!(made, Err(HttpError::Address { .. })), "{url}");
    }
    let (url, _) = serve(|_| response("200 OK", "", ""));
    assert!(matches!(client(&url, false).get("no-slash", &Person::default()), Err(HttpError::Sign(_))));
    assert!(matches!(client(&url, false).get("/a b", &Person::default()), Err(HttpError::Sign(_))));
}
