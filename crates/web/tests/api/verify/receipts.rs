use gm::sm2::SecretKey;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use model::Verdict;
use node::audit::Actor;
use node::verify::NewDevice;
use proof::receipt::{Bundle, Knowledge, Outcome, Receipt, Signer, Subject, enrolment};
use serde_json::json;

use crate::server::{ALL, Server, node_key};
use crate::support::{DAY, NOW, SECOND};

const URL: &str = "/api/v1/verify/receipts";

fn key(secret: SecretKey) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", secret);
    keys.signing_key("key").expect("the key")
}

fn device() -> Box<dyn SigningKey> {
    key(SecretKey::from_bytes(&[5; 32]).expect("a key"))
}

fn receipt() -> String {
    let receipt = Receipt {
        key_id: device().public_key().key_id(),
        signer: Signer::Device { sequence: 1, previous: [0; 32] },
        subject: Subject::of_text(None, "https://example.invalid/"),
        checked_at: NOW / SECOND,
        verdict: Verdict::Undecided,
        reasons: vec!["CODE_FOREIGN".into()],
        knowledge: Knowledge::Code,
        group: None,
        outcome: Outcome::Passed,
    };
    Bundle::from(receipt.sign(&*device()).expect("signed")).text()
}

#[test]
fn an_offline_receipt_is_countersigned_by_the_node() {
    let server = Server::start();
    let officer = Actor {
        client: "page".into(),
        unit: Some("演示市执法支队".into()),
        staff_no: Some("Z1".into()),
        ..Actor::default()
    };
    let key_bytes = device().public_key().as_bytes().to_vec();
    let proof = gm::sign_message(&*device(), &enrolment(device().public_key(), "Z1")).expect("signs");
    let new = NewDevice { key: key_bytes, proof: proof.to_bytes().to_vec(), valid_to: NOW + DAY };
    let node = std::sync::Arc::from(key(node_key()));
    server.app.province.device_enrol(&new, &node, &officer, NOW).expect("enrolled");
    let client = server.client("c1", &["verify.receipts"]);
    let body = json!({"receipts": [receipt()]}).to_string();
    let first = client.post(URL, &body).json();
    assert_eq!(first["answers"][0]["status"], "stored", "{first}");
    let bundle = Bundle::parse(first["answers"][0]["text"].as_str().expect("a text")).expect("a receipt");
    let countersignature = bundle.countersignature.as_ref().expect("countersigned");
    countersignature.verify(&bundle.receipt.digest(), node_key().public_key()).expect("by this node");
    let again = client.post(URL, &body).json();
    assert_eq!(again["answers"][0]["status"], "known");
    assert_eq!(again["answers"][0]["text"], first["answers"][0]["text"]);
}

#[test]
fn strangers_and_unknown_devices_leave_nothing() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let body = json!({"receipts": [receipt()]}).to_string();
    let got = client.post(URL, &body).json();
    assert_eq!(got["answers"][0]["status"], "refused", "{got}");
    assert!(got["answers"][0]["fix"].as_str().is_some_and(|fix| !fix.is_empty()));
    let reader = server.client("c2", &["verify.read"]);
    assert_eq!(reader.post(URL, &body).code(), "AUTH_RIGHT");
    assert_eq!(server.bare("POST", URL, body.as_bytes()).status, 401);
    assert_eq!(client.post(URL, r#"{"receipts":[],"more":1}"#).code(), "JSON_FORMAT");
}
