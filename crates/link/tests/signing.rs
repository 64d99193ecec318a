//! Signed requests and receipts: what is accepted, and that nothing covered can be changed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gm::sm2::{PreparedKey, SecretKey};
use gm::sm3::{hmac_sm3, sm3};
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use link::sign::*;
use proptest::prelude::*;

const NOW: i64 = 1_795_305_600;
const NONCE: &str = "AAECAwQFBgcICQoLDA0ODw";
const SECRET: [u8; 32] = [7; 32];
const BODY: &[u8] = br#"{"source":"demo"}"#;

fn node_key() -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", SecretKey::from_bytes(&[0x31; 32]).unwrap());
    keys.signing_key("node").unwrap()
}

fn person() -> Person {
    Person {
        operator: Some("张三".into()),
        unit: Some("演示市交通运输综合行政执法支队".into()),
        staff_no: Some("99010100123".into()),
        purpose: Some("路面检查".into()),
        case_no: Some("演交罚〔2026〕12号".into()),
    }
}

fn signer(scheme: Scheme) -> (Signer, VerifyingKey) {
    match scheme {
        Scheme::HmacSm3 => {
            let key = HmacKey::new(&SECRET).unwrap();
            (Signer::hmac("client-1", key.clone()).unwrap(), VerifyingKey::Hmac(key))
        }
        Scheme::Sm2 => {
            let public = node_key().public_key().clone();
            (Signer::sm2("node-9900", node_key(), "ministry").unwrap(), VerifyingKey::Sm2(public))
        }
    }
}

/// A request as it arrives, every part of which a test can change.
#[derive(Clone)]
struct Wire {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Wire {
    fn signed(scheme: Scheme) -> Self {
        let request = Outgoing {
            method: "POST",
            path: "/api/v1/lifecycle/events",
            query: "dry_run=1&b=%E4%BA%AC",
            body: BODY,
            time: NOW,
            nonce: NONCE,
            person: &person(),
        };
        let headers = signer(scheme).0.sign(&request).unwrap().headers;
        Self {
            method: request.method.into(),
            path: request.path.into(),
            query: request.query.into(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: BODY.into(),
        }
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(header, _)| header == name).unwrap().1
    }

    fn check(&self, now: i64, key: Option<&VerifyingKey>) -> Result<Caller, AuthError> {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let claim = Claim::parse(&self.method, &self.path, &self.query, headers)?;
        claim.verify(&sm3(&self.body), "ministry", now, key)
    }
}

fn code(result: Result<Caller, AuthError>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn a_signed_request_names_its_caller() {
    for scheme in [Scheme::HmacSm3, Scheme::Sm2] {
        let caller = Wire::signed(scheme).check(NOW + 3, Some(&signer(scheme).1)).unwrap();
        assert_eq!((caller.scheme, &caller.person, caller.nonce.as_str()), (scheme, &person(), NONCE));
    }
}

#[test]
fn a_prepared_key_gives_the_same_answer() {
    let key = VerifyingKey::PreparedSm2(Box::new(PreparedKey::new(node_key().public_key())));
    assert!(Wire::signed(Scheme::Sm2).check(NOW, Some(&key)).is_ok());
}

#[test]
fn the_prepared_hmac_is_the_plain_one() {
    for len in [16, 32, 63, 64, 65, 200] {
        let secret: Vec<u8> = (0..len).map(|i| i as u8).collect();
        assert_eq!(HmacKey::new(&secret).unwrap().mac(BODY), hmac_sm3(&secret, BODY), "{len}");
    }
}

type Tamper = fn(&mut Wire);

#[test]
fn no_covered_part_can_be_changed() {
    let changes: [(&str, Tamper); 12] = [
        ("method", |wire| wire.method = "PUT".into()),
        ("path", |wire| wire.path.push('x')),
        ("query", |wire| wire.query = "b=%E4%BA%AC&dry_run=1".into()),
        ("no query", |wire| wire.query.clear()),
        ("digest", |wire| *wire.header("LZ-Content-SM3") = "0".repeat(64)),
        ("time", |wire| {
            let value = wire.header("Authorization");
            *value = value.replace("time=1795305600", "time=1795305601");
        }),
        ("nonce", |wire| {
            let value = wire.header("Authorization");
            *value = value.replace(NONCE, "BAECAwQFBgcICQoLDA0ODw");
        }),
        ("key", |wire| {
            let value = wire.header("Authorization");
            *value = value.replace("key=client-1", "key=client-2").replace("key=node-9900", "key=node-9800");
        }),
        ("operator", |wire| *wire.header("LZ-Operator") = "%E6%9D%8E%E5%9B%9B".into()),
        ("staff number", |wire| wire.header("LZ-Staff-No").push('4')),
        ("purpose left out", |wire| wire.headers.retain(|(name, _)| name != "LZ-Purpose")),
        ("values exchanged", |wire| {
            let unit = wire.header("LZ-Unit").clone();
            let case = std::mem::replace(wire.header("LZ-Case-No"), unit);
            *wire.header("LZ-Unit") = case;
        }),
    ];
    for scheme in [Scheme::HmacSm3, Scheme::Sm2] {
        for (name, change) in &changes {
            let mut wire = Wire::signed(scheme);
            change(&mut wire);
            assert_eq!(code(wire.check(NOW, Some(&signer(scheme).1))), "AUTH_SIGNATURE", "{scheme:?} {name}");
        }
    }
}

#[test]
fn a_changed_body_is_told_apart_from_a_bad_signature() {
    let mut wire = Wire::signed(Scheme::HmacSm3);
    wire.body.push(b' ');
    assert_eq!(code(wire.check(NOW, Some(&signer(Scheme::HmacSm3).1))), "AUTH_BODY");
}

#[test]
fn the_clock_may_differ_by_300_seconds_and_the_refusal_says_by_how_much() {
    let (wire, key) = (Wire::signed(Scheme::HmacSm3), signer(Scheme::HmacSm3).1);
    assert!(wire.check(NOW + 300, Some(&key)).is_ok());
    assert!(wire.check(NOW - 300, Some(&key)).is_ok());
    assert_eq!(wire.check(NOW + 301, Some(&key)).unwrap_err(), AuthError::Clock { offset: -301 });
    let text = wire.check(NOW - 450, Some(&key)).unwrap_err().to_string();
    assert!(text.contains("450 秒（超前）"), "{text}");
    assert_eq!(code(wire.check(i64::MIN, Some(&key))), "AUTH_CLOCK");
}

#[test]
fn unknown_keys_and_keys_of_the_other_kind_are_refused() {
    let wire = Wire::signed(Scheme::HmacSm3);
    assert_eq!(code(wire.check(NOW, None)), "AUTH_KEY");
    assert_eq!(code(wire.check(NOW, Some(&signer(Scheme::Sm2).1))), "AUTH_KEY");
}

#[test]
fn a_request_for_another_node_is_refused() {
    let other = Signer::sm2("node-9900", node_key(), "node-9800").unwrap();
    let person = Person::default();
    let request =
        Outgoing { method: "GET", path: "/", query: "", body: b"", time: NOW, nonce: NONCE, person: &person };
    let signed = other.sign(&request).unwrap();
    let headers = signed.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let claim = Claim::parse("GET", "/", "", headers).unwrap();
    assert_eq!(code(claim.verify(&sm3(b""), "ministry", NOW, Some(&signer(Scheme::Sm2).1))), "AUTH_RECEIVER");
}

#[test]
fn missing_and_doubled_headers_are_refused_by_name() {
    let key = signer(Scheme::HmacSm3).1;
    for (header, wanted) in [("Authorization", "AUTH_MISSING"), ("LZ-Content-SM3", "AUTH_MISSING")] {
        let mut wire = Wire::signed(Scheme::HmacSm3);
        wire.headers.retain(|(name, _)| name != header);
        assert_eq!(code(wire.check(NOW, Some(&key))), wanted);
    }
    for header in ["Authorization", "LZ-Content-SM3", "LZ-Operator"] {
        let mut wire = Wire::signed(Scheme::HmacSm3);
        let value = wire.header(header).clone();
        wire.headers.push((header.to_lowercase(), value));
        assert_eq!(code(wire.check(NOW, Some(&key))), "AUTH_FORMAT", "{header}");
    }
}

#[test]
fn malformed_authorizations_are_refused() {
    let good = Wire::signed(Scheme::HmacSm3).header("Authorization").clone();
    let bad = [
        good.replace("LZ-HMAC-SM3", "Basic"),
        good.replace("time=1795305600", "time=01795305600"),
        good.replace("time=1795305600", "time=+1795305600"),
        good.replace(NONCE, "short"),
        good.replace("nonce=", "once="),
        good.replace("client-1", ""),
        good.to_uppercase(),
        format!("{good}, key=client-1"),
        format!("{good}0"),
        good.replace(", ", ","), // fine: spaces are optional
    ];
    let key = signer(Scheme::HmacSm3).1;
    for (index, value) in bad.iter().enumerate() {
        let mut wire = Wire::signed(Scheme::HmacSm3);
        *wire.header("Authorization") = value.clone();
        let result = wire.check(NOW, Some(&key));
        if index + 1 == bad.len() {
            assert!(result.is_ok())
        } else {
            assert_eq!(code(result), "AUTH_FORMAT", "{value}")
        }
    }
}

#[test]
fn a_signed_name_with_a_line_break_is_refused() {
    let mut wire = Wire::signed(Scheme::HmacSm3);
    let text = wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    assert!(Claim::parse("POST", "/a b", "", text).is_err());
    let person = Person { operator: Some("张\n三".into()), ..Person::default() };
    let request =
        Outgoing { method: "GET", path: "/", query: "", body: b"", time: NOW, nonce: NONCE, person: &person };
    assert!(signer(Scheme::HmacSm3).0.sign(&request).is_err());
    wire.header("LZ-Operator").push_str("%0A");
    assert!(wire.check(NOW, Some(&signer(Scheme::HmacSm3).1)).is_err());
}

#[test]
fn every_refusal_names_its_fix() {
    let problem = AuthError::Clock { offset: 400 }.problem();
    assert_eq!((problem.status, problem.code.as_deref()), (401, Some("AUTH_CLOCK")));
    assert_eq!(problem.fix.as_deref(), Some("请校准时钟后重新签名发送"));
}

#[test]
fn a_receipt_covers_request_status_and_body() {
    let (request, body) = (sm3(b"request"), sm3(b"body"));
    let value = sign_receipt(&request, 200, &body, NOW, "ministry", &*node_key()).unwrap();
    let (receipt, key) = (Receipt::parse(&value).unwrap(), signer(Scheme::Sm2).1);
    assert_eq!(receipt.verify(&request, 200, &body, &key), Ok(()));
    let wrong = Err(AuthError::Signature);
    assert_eq!(receipt.verify(&body, 200, &body, &key), wrong);
    assert_eq!(receipt.verify(&request, 201, &body, &key), wrong);
    assert_eq!(receipt.verify(&request, 200, &request, &key), wrong);
    let later = Receipt::parse(&value.replace("1795305600", "1795305601")).unwrap();
    assert_eq!(later.verify(&request, 200, &body, &key), wrong);
    let renamed = Receipt::parse(&value.replace("ministry", "other")).unwrap();
    assert_eq!(renamed.verify(&request, 200, &body, &key), wrong);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_headers_are_read_without_panic(
        method in ".{0,20}", path in ".{0,40}", query in ".{0,40}", value in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let authorization = format!("LZ-HMAC-SM3 key={value}");
        for auth in [value.as_bytes(), authorization.as_bytes(), &bytes] {
            let headers = [("Authorization", auth), ("LZ-Content-SM3", &bytes[..]), ("LZ-Unit", value.as_bytes())];
            let _ = Claim::parse(&method, &path, &query, headers);
        }
        let _ = Receipt::parse(&value);
    }

    #[test]
    fn any_person_arrives_as_sent(operator in "[^\\p{Cc}]{1,30}", purpose in prop::option::of("[^\\p{Cc}]{1,60}")) {
        let person = Person { operator: Some(operator), purpose, ..Person::default() };
        let (signer, key) = signer(Scheme::HmacSm3);
        let request = Outgoing { method: "GET", path: "/", query: "", body: b"", time: NOW, nonce: NONCE, person: &person };
        let signed = signer.sign(&request).unwrap();
        let headers = signed.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let caller = Claim::parse("GET", "/", "", headers).unwrap().verify(&sm3(b""), "x", NOW, Some(&key)).unwrap();
        prop_assert_eq!(caller.person, person);
        prop_assert_eq!(caller.digest, signed.digest);
    }

    #[test]
    fn any_changed_byte_of_the_authorization_is_refused(place in any::<prop::sample::Index>(), byte in 0x20u8..0x7f) {
        let mut wire = Wire::signed(Scheme::HmacSm3);
        let value = wire.header("Authorization");
        let place = place.index(value.len());
        prop_assume!(value.as_bytes()[place] != byte);
        value.replace_range(place..=place, &char::from(byte).to_string());
        prop_assert!(wire.check(NOW, Some(&signer(Scheme::HmacSm3).1)).is_err());
    }
}
