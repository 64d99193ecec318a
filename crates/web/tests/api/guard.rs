//! What every endpoint has in common: signatures, replay, receipts, unknown routes, any bytes.

use std::sync::atomic::Ordering;

use gm::KeyProvider;
use gm::sm3::sm3;
use gm::x509::{CertificateProfile, ChainStore, KeyUsage, Name, NameAttribute};
use link::sign::{HmacKey, Outgoing, Person, Receipt, Signer, VerifyingKey};
use node::client::{NewPeer, Role};
use proptest::prelude::*;
use store::StoreError;
use web::Limits;

use crate::server::{ALL, Client, Server, admin, node_key};
use crate::support::{NOW, SECOND, World, postgres, sqlite};

const URL: &str = "/api/v1/results";

#[test]
fn tampering_clock_and_unknown_keys_are_refused() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let headers = client.headers("GET", URL, b"");
    assert_eq!(server.send("GET", "/api/v1/results?since=1", &headers, b"").code(), "AUTH_SIGNATURE");
    let headers = client.headers("POST", "/api/v1/sandbox/lint", b"{}");
    assert_eq!(server.send("POST", "/api/v1/sandbox/lint", &headers, b"[]").code(), "AUTH_BODY");
    let headers = client.headers("GET", URL, b"");
    server.clock.fetch_add(301 * SECOND, Ordering::SeqCst);
    assert_eq!(server.send("GET", URL, &headers, b"").code(), "AUTH_CLOCK");
    let stranger = Client {
        server: &server,
        signer: Signer::hmac("nobody", HmacKey::new(&[1; 32]).expect("a key")).expect("a signer"),
        person: Person::default(),
    };
    assert_eq!(stranger.get(URL).code(), "AUTH_KEY");
}

#[test]
fn a_disabled_or_rotated_client_is_refused_within_a_second() {
    let server = Server::start();
    let (gone, changed) = (server.client("c1", ALL), server.client("c2", ALL));
    assert_eq!((gone.get(URL).status, changed.get(URL).status), (200, 200));
    server.app.province.client_disable("c1", &admin(), NOW).expect("it");
    server.app.province.client_rotate("c2", &admin(), NOW).expect("it");
    server.tick();
    assert_eq!((gone.get(URL).code(), changed.get(URL).code()), ("AUTH_KEY".into(), "AUTH_SIGNATURE".into()));
}

#[test]
fn a_request_works_once_also_after_a_restart() {
    let again = |world: World| {
        let server = Server::over(world, Limits::default());
        let client = server.client("c1", ALL);
        let headers = client.headers("GET", URL, b"");
        assert_eq!(server.send("GET", URL, &headers, b"").status, 200);
        assert_eq!(server.send("GET", URL, &headers, b"").code(), "AUTH_REPLAY");
        let server = Server::over(server.stop().reopen(), Limits::default());
        server.tick();
        let got = server.send("GET", URL, &headers, b"");
        assert_eq!((got.status, got.code().as_str()), (401, "AUTH_REPLAY"));
    };
    again(sqlite());
    again(postgres());
}

/// What cannot be written down is not answered: neither without the audit row nor without the nonce.
#[test]
fn nothing_is_answered_before_it_is_durable() {
    let unanswered =
        |world: World, table: &'static str| {
            let server = Server::over(world, Limits::default());
            let client = server.client("c1", ALL);
            assert_eq!(client.get("/api/v1/verify/123").status, 200);
            let gone: Result<u64, StoreError> =
                server.app.province.store.write(move |session| {
                    session.execute(&format!("ALTER TABLE {table} RENAME TO gone"), &[])
                });
            gone.expect("renames");
            let got = client.get("/api/v1/verify/123");
            assert!(got.status >= 500, "{table}: {}", got.head);
            assert!(!String::from_utf8_lossy(&got.body).contains("answers"), "{table}");
            let back: Result<u64, StoreError> =
                server.app.province.store.write(move |session| {
                    session.execute(&format!("ALTER TABLE gone RENAME TO {table}"), &[])
                });
            back.expect("renames back");
            assert_eq!(client.get("/api/v1/verify/123").status, 200, "and the next one is");
        };
    for table in ["audit_pending", "nonce"] {
        unanswered(sqlite(), table);
        unanswered(postgres(), table);
    }
}

/// Answer by answer: the row is there when the answer is.
#[test]
fn the_audit_row_is_there_when_the_answer_is() {
    let server = Server::start();
    let (client, key) = server.client_and_key("c1", ALL);
    // The first request in a second reads who may speak; the others go on with what was known before.
    assert_eq!(client.get("/api/v1/verify/123").status, 200);
    let rows = || -> String {
        let rows: Result<Vec<String>, StoreError> = server
            .app
            .province
            .store
            .read(|session| session.rows("SELECT entries FROM audit_pending", &[], |row| row.get(0)));
        rows.expect("rows").join("\n")
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (key, rows, server) = (key.clone(), &rows, &server);
            scope.spawn(move || {
                for number in 0..10 {
                    let case = format!("case {thread}/{number};");
                    let client = Client {
                        server,
                        signer: Signer::hmac("c1", key.clone()).expect("a signer"),
                        person: Person { case_no: Some(case.clone()), ..Person::default() },
                    };
                    assert_eq!(client.get("/api/v1/verify/123").status, 200);
                    assert_eq!(rows().matches(&case).count(), 1);
                }
            });
        }
    });
}

#[test]
fn answers_bear_a_receipt_that_fits_request_status_and_body() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let key = VerifyingKey::Sm2(node_key().public_key().clone());
    let outgoing = Outgoing {
        method: "GET",
        path: URL,
        query: "limit=0",
        body: b"",
        time: server.clock.load(Ordering::SeqCst) / SECOND,
        nonce: "receipt-0123456789abcdef",
        person: &Person::default(),
    };
    let signed = client.signer.sign(&outgoing).expect("it");
    let headers: Vec<_> = signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    // A refusal after authentication has its receipt too.
    let got = server.send("GET", &format!("{URL}?limit=0"), &headers, b"");
    assert_eq!(got.status, 400);
    let receipt = Receipt::parse(&got.header("lz-receipt")).expect("a receipt");
    assert_eq!(receipt.key, "demo-99-1");
    receipt.verify(&signed.digest, 400, &sm3(&got.body), &key).expect("it fits");
    assert!(receipt.verify(&signed.digest, 200, &sm3(&got.body), &key).is_err());
}

#[test]
fn a_check_is_covered_by_the_clients_secret_unless_it_asks_for_a_signature() {
    let server = Server::start();
    let (client, key) = server.client_and_key("c1", ALL);
    let secret = VerifyingKey::Hmac(key);
    let node = VerifyingKey::Sm2(node_key().public_key().clone());
    let path = "/api/v1/verify/123";
    let ask = |nonce: &str, wish: Option<&str>| {
        let outgoing = Outgoing {
            method: "GET",
            path,
            query: "",
            body: b"",
            time: server.clock.load(Ordering::SeqCst) / SECOND,
            nonce,
            person: &Person::default(),
        };
        let signed = client.signer.sign(&outgoing).expect("it");
        let mut headers: Vec<_> =
            signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        headers.extend(wish.map(|wish| ("LZ-Receipt".to_owned(), wish.to_owned())));
        let got = server.send("GET", path, &headers, b"");
        assert_eq!(got.status, 200);
        let receipt = Receipt::parse(&got.header("lz-receipt")).expect("a receipt");
        (receipt, signed.digest, sm3(&got.body))
    };
    for (nonce, wish) in [("plain-0123456789abcdef00", None), ("other-0123456789abcdef00", Some("SM2?"))] {
        let (receipt, digest, body) = ask(nonce, wish);
        assert_eq!((receipt.key.as_str(), receipt.is_signed()), ("c1", false));
        receipt.verify(&digest, 200, &body, &secret).expect("it fits");
        assert!(receipt.verify(&digest, 200, &body, &node).is_err());
    }
    let (receipt, digest, body) = ask("signed-0123456789abcdef0", Some("sm2"));
    assert_eq!((receipt.key.as_str(), receipt.is_signed()), ("demo-99-1", true));
    receipt.verify(&digest, 200, &body, &node).expect("it fits");
}

#[test]
fn a_node_speaks_with_its_enrolled_certificate() {
    let server = Server::start();
    let mut keys = gm::SoftwareKeys::new();
    keys.insert("ministry", gm::sm2::SecretKey::from_bytes(&[9; 32]).expect("a key"));
    let key = || keys.signing_key("ministry").expect("the key");
    let name = Name::new(&[(NameAttribute::CommonName, "部级节点")]).expect("a name");
    let profile = CertificateProfile {
        subject: name.clone(),
        issuer: name,
        serial: vec![1],
        not_before: NOW / SECOND - 60,
        not_after: NOW / SECOND + 100,
        public_key: key().public_key().clone(),
        is_ca: false,
        path_len: None,
        key_usage: KeyUsage::DIGITAL_SIGNATURE,
        extra: Vec::new(),
    };
    let certificate = profile.sign(&*key()).expect("a certificate");
    let roots = ChainStore { roots: vec![certificate.clone()], intermediates: Vec::new() };
    let peer = NewPeer {
        id: Some("ministry-1".into()),
        role: Role::Ministry,
        name: "部".into(),
        address: String::new(),
        certificate: certificate.as_der().to_vec(),
        issuers: Vec::new(),
        rights: Some(vec!["lifecycle.results".parse().expect("a right")]),
    };
    server.app.province.peer_add(peer, &roots, &admin(), NOW).expect("a peer");
    server.tick();
    let speak = |to: &str| {
        let signer = Signer::sm2("ministry-1", key(), to).expect("a signer");
        Client { server: &server, signer, person: Person::default() }.get(URL)
    };
    let got = speak("demo-99");
    assert_eq!(got.status, 200);
    assert!(!got.header("lz-receipt").is_empty());
    assert_eq!(speak("demo-98").code(), "AUTH_RECEIVER");
    server.clock.fetch_add(200 * SECOND, Ordering::SeqCst);
    assert_eq!(speak("demo-99").code(), "AUTH_KEY");
}

#[test]
fn unknown_routes_and_methods_are_problems() {
    let server = Server::start();
    let got = server.bare("GET", "/api/v2/nothing", b"");
    assert_eq!((got.status, got.code().as_str()), (404, "NO_ROUTE"));
    let got = server.bare("DELETE", URL, b"");
    assert_eq!((got.status, got.code().as_str()), (405, "METHOD"));
    assert_eq!(server.bare("GET", "/api/v1/lifecycle/certificates/%ff", b"").status, 404);
}

#[test]
fn too_many_requests_at_once_are_put_off() {
    let server = Server::over(sqlite(), Limits { requests: 0, ..Limits::default() });
    let got = server.bare("GET", URL, b"");
    assert_eq!((got.status, got.code().as_str()), (503, "BUSY"));
    assert_eq!(server.bare("GET", "/api/v1/health", b"").status, 200);
}

#[test]
fn any_bytes_as_a_body_are_answered_without_a_fault_of_ours() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let shapes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        r#"\[?\{"(event_id|record|event|photo|occurred_at)":("[a-z]{0,5}"|[0-9]{0,20}|\{\}|\[\]|null)\}\]?"#
            .prop_map(String::into_bytes),
    ];
    let urls = prop_oneof![Just("/api/v1/lifecycle/events"), Just("/api/v1/sandbox/lint")];
    proptest!(ProptestConfig::with_cases(96), |(body in shapes, url in urls)| {
        let status = client.post(url, &body).status;
        prop_assert!((200..500).contains(&status), "{} for {:?}", status, String::from_utf8_lossy(&body));
    });
}
