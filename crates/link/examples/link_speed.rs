//! Speed of request verification on one core: `cargo run --release -p link --example link_speed`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // A measurement may stop loudly, and needs a clock.

use std::time::Instant;

use gm::sm2::{PreparedKey, SecretKey};
use gm::sm3::sm3;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use link::sign::*;

const NOW: i64 = 1_795_305_600;
const REQUESTS: usize = 20_000;

fn node_key() -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", SecretKey::from_bytes(&[0x31; 32]).unwrap());
    keys.signing_key("node").unwrap()
}

fn requests(signer: &Signer, count: usize) -> Vec<SignedRequest> {
    let person = Person {
        operator: Some("张三".into()),
        unit: Some("演示市交通运输综合行政执法支队".into()),
        staff_no: Some("99010100123".into()),
        purpose: Some("路面检查".into()),
        case_no: None,
    };
    let sign = |n: usize| {
        let (nonce, path) = (format!("{n:022}"), "/api/v1/verify/1.2.156.3005.2.99");
        let request =
            Outgoing { method: "GET", path, query: "", body: b"", time: NOW, nonce: &nonce, person: &person };
        signer.sign(&request).unwrap()
    };
    (0..count).map(sign).collect()
}

/// Requests verified a second: headers read, signature and body checked, nonce taken in.
fn rate(requests: &[SignedRequest], key: &VerifyingKey) -> f64 {
    let mut window = NonceWindow::new(5_000_000, 5_000_000);
    let start = Instant::now();
    for request in requests {
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let claim = Claim::parse("GET", "/api/v1/verify/1.2.156.3005.2.99", "", headers).unwrap();
        let caller = claim.verify(&sm3(b""), "ministry", NOW, Some(key)).unwrap();
        window.admit(&caller, NOW).unwrap();
    }
    requests.len() as f64 / start.elapsed().as_secs_f64()
}

fn main() {
    let hmac = HmacKey::new(&[7; 32]).unwrap();
    let signed = requests(&Signer::hmac("client-1", hmac.clone()).unwrap(), REQUESTS);
    println!("hmac_requests_per_second          {:>8.0}", rate(&signed, &VerifyingKey::Hmac(hmac)));

    let signed = requests(&Signer::sm2("node-9900", node_key(), "ministry").unwrap(), REQUESTS / 4);
    let public = node_key().public_key().clone();
    let prepared = VerifyingKey::PreparedSm2(Box::new(PreparedKey::new(&public)));
    println!("sm2_prepared_requests_per_second  {:>8.0}", rate(&signed, &prepared));
    println!("sm2_requests_per_second           {:>8.0}", rate(&signed, &VerifyingKey::Sm2(public)));

    let key = node_key();
    let start = Instant::now();
    for request in &signed {
        sign_receipt(&request.digest, 200, &request.digest, NOW, "ministry-1", &*key).unwrap();
    }
    println!(
        "receipts_signed_per_second        {:>8.0}",
        signed.len() as f64 / start.elapsed().as_secs_f64()
    );
}
