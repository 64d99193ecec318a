//! The golden vectors of `docs/signing.md`: the document, this crate and OpenSSL say the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::process::{Command, Stdio};

use gm::sm2::SecretKey;
use gm::sm3::sm3;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use link::sign::*;

const DOCUMENT: &str = include_str!("../../../docs/signing.md");
const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PRIVATE: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const BODY: &str = r#"{"source":"演示运政","event_id":"E-1"}"#;
const ANSWER: &str = r#"{"accepted":1}"#;
const TIME: i64 = 1_795_305_600;

fn bytes(hex: &str) -> [u8; 32] {
    std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn node_key() -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", SecretKey::from_bytes(&bytes(PRIVATE)).unwrap());
    keys.signing_key("node").unwrap()
}

fn hmac_request() -> SignedRequest {
    let signer = Signer::hmac("demo-client-1", HmacKey::new(&bytes(SECRET)).unwrap()).unwrap();
    let person = Person {
        operator: Some("张三".into()),
        unit: Some("演示市执法支队".into()),
        staff_no: Some("99010100123".into()),
        purpose: Some("路面检查".into()),
        case_no: None,
    };
    let request = Outgoing {
        method: "POST",
        path: "/api/v1/lifecycle/events",
        query: "dry_run=1",
        body: BODY.as_bytes(),
        time: TIME,
        nonce: "AAECAwQFBgcICQoLDA0ODw",
        person: &person,
    };
    signer.sign(&request).unwrap()
}

fn sm2_request() -> SignedRequest {
    let signer = Signer::sm2("11990000MB0000000J-1", node_key(), "ministry").unwrap();
    let person = Person::default();
    let request = Outgoing {
        method: "GET",
        path: "/api/v1/verify/1.2.156.3005.2",
        query: "",
        body: b"",
        time: TIME,
        nonce: "EBESExQVFhcYGRobHB0eHw",
        person: &person,
    };
    signer.sign(&request).unwrap()
}

/// A block of the document: the covered string, its digest and the headers.
fn block(request: &SignedRequest) -> String {
    let mut text = format!("```text\n{}```\n\n```text\ndigest {}\n", request.canonical, hex(&request.digest));
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text + "```\n"
}

fn assert_in_document(wanted: &str) {
    assert!(DOCUMENT.contains(wanted), "docs/signing.md lacks this block:\n{wanted}");
}

#[test]
fn the_hmac_vector_is_the_documents() {
    assert_in_document(&block(&hmac_request()));
}

#[test]
fn the_sm2_vector_is_the_documents() {
    let public = hex(node_key().public_key().as_bytes());
    assert_in_document(&format!("private {PRIVATE}\npublic  {public}\n"));
    assert_in_document(&block(&sm2_request()));
}

#[test]
fn the_receipt_vector_is_the_documents() {
    let (request, body) = (sm2_request().digest, sm3(ANSWER.as_bytes()));
    let value = sign_receipt(&request, 200, &body, TIME + 1, "ministry-1", &*node_key()).unwrap();
    assert_in_document(&format!("```text\nLZ-RECEIPT\n{}\n200\n{}\n", hex(&request), hex(&body)));
    assert_in_document(&format!("LZ-Receipt: {value}\n"));
}

#[test]
fn the_mac_receipt_vector_is_the_documents() {
    let (request, body) = (hmac_request().digest, sm3(ANSWER.as_bytes()));
    let key = HmacKey::new(&bytes(SECRET)).unwrap();
    let value = mac_receipt(&request, 200, &body, TIME + 1, "demo-client-1", &key);
    assert_in_document(&format!("```text\nLZ-RECEIPT\n{}\n200\n{}\n", hex(&request), hex(&body)));
    assert_in_document(&format!("LZ-Receipt: {value}\n"));
    let receipt = Receipt::parse(&value).unwrap();
    assert!(!receipt.is_signed());
    let secret = VerifyingKey::Hmac(key);
    receipt.verify(&request, 200, &body, &secret).unwrap();
    assert!(receipt.verify(&request, 404, &body, &secret).is_err());
    // A MAC is no signature of a node, and a node's signature is no MAC.
    let node = VerifyingKey::Sm2(node_key().public_key().clone());
    assert!(receipt.verify(&request, 200, &body, &node).is_err());
    let signed = sign_receipt(&request, 200, &body, TIME + 1, "demo-client-1", &*node_key()).unwrap();
    assert!(Receipt::parse(&signed).unwrap().verify(&request, 200, &body, &secret).is_err());
}

/// Runs a command with input; panics if it cannot be run, as a document that nobody tried is worth nothing.
fn run(program: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn openssl_computes_the_documents_signature() {
    let request = hmac_request();
    let key = format!("hexkey:{SECRET}");
    let mac =
        run("openssl", &["mac", "-digest", "SM3", "-macopt", &key, "HMAC"], request.canonical.as_bytes());
    assert!(request.headers[0].1.ends_with(&format!("signature={}", mac.trim().to_lowercase())));
    let body = run("openssl", &["dgst", "-sm3", "-r"], BODY.as_bytes());
    assert_eq!(body.split_whitespace().next().unwrap(), request.headers[1].1);
}

#[test]
fn the_documents_python_prints_the_documents_headers() {
    let script = DOCUMENT.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let printed = run("python3", &["-"], script.as_bytes());
    let request = hmac_request();
    let wanted: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    assert_eq!(printed, wanted);
}
