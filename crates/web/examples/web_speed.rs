//! How fast the face is: `cargo run --release -p web --example web_speed [seconds]`, on loopback with raw keep-alive clients.
//!
//! Three routes: health without a signature; a signed no-op (`GET /api/v1/results` of a source without results would read rows, so
//! the no-op is a path that the guard passes and the handler refuses at once: `limit=0`), with and without receipts. The server runs
//! on one thread, the clients on another; nonces go to an embedded store with `synchronous=FULL`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gm::{KeyProvider, SoftwareKeys};
use link::sign::{HmacKey, Outgoing, Person, Signer};
use node::audit::Actor;
use node::client::NewClient;
use support::{NOW, SECOND};
use web::{App, Limits, NodeKey, Setup};

#[path = "../../node/tests/support/mod.rs"]
mod support;

/// Connections at once.
const CONNECTIONS: usize = 64;

#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn clock() -> std::time::Instant {
    std::time::Instant::now()
}

fn main() {
    let seconds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    for receipts in [false, true] {
        let world = support::sqlite();
        let rights = vec!["lifecycle".parse().expect("a right")];
        let new = NewClient {
            id: Some("c1".into()),
            name: "快".into(),
            source: "快".into(),
            rights,
            callback: None,
        };
        let admin = Actor { operator: Some("管理员一".into()), ..Actor::default() };
        let issued = world.province.client_add(new, &admin, NOW).expect("a client");
        let address = start(&world, receipts);
        if !receipts {
            report(
                "health",
                measure(address, seconds, || b"GET /api/v1/health HTTP/1.1\r\nHost: node\r\n\r\n".to_vec()),
            );
        }
        let secret: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(&issued.secret[2 * i..2 * i + 2], 16).expect("hex")).collect();
        let signer = Signer::hmac("c1", HmacKey::new(&secret).expect("a key")).expect("a signer");
        let counter = AtomicU64::new(0);
        let signed = || request(&signer, counter.fetch_add(1, Ordering::Relaxed));
        report(if receipts { "signed, with receipts" } else { "signed" }, measure(address, seconds, signed));
    }
}

fn request(signer: &Signer, number: u64) -> Vec<u8> {
    let (nonce, person) = (format!("{number:022}"), Person::default());
    let (method, path, query) = ("GET", "/api/v1/results", "limit=0");
    let outgoing =
        Outgoing { method, path, query, body: b"", time: NOW / SECOND, nonce: &nonce, person: &person };
    let mut text = format!("{method} {path}?{query} HTTP/1.1\r\nHost: node\r\n");
    for (name, value) in signer.sign(&outgoing).expect("a signed request").headers {
        text += &format!("{name}: {value}\r\n");
    }
    (text + "\r\n").into_bytes()
}

fn start(world: &support::World, receipts: bool) -> SocketAddr {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", gm::sm2::SecretKey::from_bytes(&[7; 32]).expect("a key"));
    let node_key = NodeKey { id: "demo-99-1".into(), key: keys.signing_key("node").expect("the key").into() };
    let app = App::new(Setup {
        province: Arc::clone(&world.province),
        clock: Arc::new(|| NOW),
        receiver: None,
        node_key: Some(node_key),
        limits: Limits { client_receipts: receipts, ..Limits::default() },
        metrics: Vec::new(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = listener.local_addr().expect("its address");
    let app = app.expect("the app");
    std::thread::spawn(move || web::run(app, listener, 1, std::future::pending()).expect("a server"));
    address
}

/// Requests answered, seconds, and the 99th of a hundred in milliseconds: each round sends one request on every connection and
/// then reads all answers.
fn measure(address: SocketAddr, seconds: u64, make: impl Fn() -> Vec<u8>) -> (u64, f64, f64) {
    let connect = |_| {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("it");
        stream
    };
    let mut streams: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect();
    let (began, stop) = (clock(), AtomicBool::new(false));
    let (mut count, mut rounds) = (0, Vec::new());
    let mut buffer = vec![0; 16 * 1024];
    while !stop.load(Ordering::Relaxed) {
        let round = clock();
        for stream in &mut streams {
            stream.write_all(&make()).expect("a request goes out");
        }
        for stream in &mut streams {
            read_answer(stream, &mut buffer);
            count += 1;
        }
        rounds.push(round.elapsed().as_secs_f64() * 1e3);
        stop.store(began.elapsed().as_secs() >= seconds, Ordering::Relaxed);
    }
    rounds.sort_by(f64::total_cmp);
    (count, began.elapsed().as_secs_f64(), rounds[rounds.len() * 99 / 100])
}

/// Reads one answer; they are shorter than the buffer.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut have = 0;
    loop {
        have += stream.read(&mut buffer[have..]).expect("an answer");
        let text = String::from_utf8_lossy(&buffer[..have]);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            assert!(head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 400"), "{text}");
            return;
        }
    }
}

fn report(name: &str, (count, seconds, p99): (u64, f64, f64)) {
    println!(
        "{name}: {:.0} requests/s, {CONNECTIONS} connections, a round of all p99 {p99:.1} ms",
        count as f64 / seconds
    );
}
