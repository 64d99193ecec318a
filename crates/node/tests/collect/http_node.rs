//! As much of a ministry's server as a delivery needs, and a client of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use gm::sm2::SecretKey;
use gm::sm3::sm3;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use link::http::{Client, ReceiptKey, Sources, Timeouts};
use link::sign::{Claim, Signer, VerifyingKey, sign_receipt};
use node::collect::{Delivery, PATH};

use crate::destination::{Ministry, sender};
use crate::support::{NOW, SECOND};

const TIME: i64 = NOW / SECOND;

fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    keys.signing_key("key").expect("the key")
}

/// A province's client that expects receipts of the key `ministry`.
pub fn client(url: &str, ministry: u8) -> Client {
    let counter = AtomicU8::new(0);
    let random = move || [counter.fetch_add(1, Ordering::Relaxed); 16];
    let sources = Sources { now: Box::new(|| TIME), random: Box::new(random) };
    let timeouts = Timeouts { connect: Duration::from_secs(2), read: Duration::from_secs(20) };
    let receipts =
        ReceiptKey { id: "ministry-1".into(), key: VerifyingKey::Sm2(key(ministry).public_key().clone()) };
    let signer = Signer::sm2("node-1", key(1), "ministry").expect("a signer");
    Client::new(url, signer, timeouts, sources, Some(receipts)).expect("a client")
}

/// Serves deliveries, signing with the key `seed`; the address.
pub fn serve(ministry: Arc<Ministry>, seed: u8) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let ministry = Arc::clone(&ministry);
            std::thread::spawn(move || while answer(&stream, &ministry, seed).is_some() {});
        }
    });
    url
}

fn answer(mut stream: &TcpStream, ministry: &Ministry, seed: u8) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    (reader.read_line(&mut line).ok()? > 0).then_some(())?;
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    let mut body = vec![0; length.1.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    assert_eq!(line.trim_end(), format!("POST {PATH} HTTP/1.1"));
    let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let province = VerifyingKey::Sm2(key(1).public_key().clone());
    let claim = Claim::parse("POST", PATH, "", named).expect("a signed request");
    let caller = claim.verify(&sm3(&body), "ministry", TIME, Some(&province)).expect("the province's");
    let deliveries: Vec<Delivery> = serde_json::from_slice(&body).expect("deliveries");
    let receipts = ministry.receiver.receive(&sender(), &deliveries, NOW).expect("receives");
    let text = serde_json::to_string(&receipts).expect("JSON");
    let receipt = sign_receipt(&caller.digest, 200, &sm3(text.as_bytes()), TIME, "ministry-1", &*key(seed));
    let head = format!("Content-Length: {}\r\nLZ-Receipt: {}", text.len(), receipt.expect("signs"));
    write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{text}").ok()
}
