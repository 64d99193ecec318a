//! Clients and peers: who may speak, with what key and what rights, on both engines.

mod support;

use gm::sm2::SecretKey;
use gm::x509::{Certificate, CertificateProfile, ChainStore, KeyUsage, Name, NameAttribute};
use gm::{KeyProvider, SoftwareKeys};
use link::sign::{Caller, NonceWindow, Person, Scheme};
use node::audit::Actor;
use node::client::{Lack, NewClient, NewPeer, Right, Role, lack, unlimited};
use support::{NOW, SECOND, World, on_both};

fn admin() -> Actor {
    Actor { client: "cli".into(), operator: Some("管理员一".into()), ..Actor::default() }
}

fn new(id: &str) -> NewClient {
    NewClient {
        id: Some(id.into()),
        name: "演示运政系统".into(),
        source: "运政".into(),
        rights: vec!["lifecycle.submit@9901/taxi-driver".parse().expect("a right")],
        callback: None,
    }
}

fn refusal<T>(done: Result<T, node::NodeError>) -> String {
    done.err().expect("a refusal").to_string()
}

#[test]
fn a_client_speaks_from_its_adding_to_its_disabling() {
    on_both(|World { province, .. }| {
        let before = province.speakers(None).expect("rows").expect("the first look");
        assert!(before.by_id.is_empty());
        let issued = province.client_add(new("c1"), &admin(), NOW).expect("a client");
        assert_eq!(issued.secret.len(), 64);
        let now = province.speakers(Some(before.version)).expect("rows").expect("a change");
        assert_eq!(now.by_id["c1"].key.scheme(), Scheme::HmacSm3);
        assert_eq!(now.by_id["c1"].source.as_deref(), Some("运政"));
        assert!(province.speakers(Some(now.version)).expect("rows").is_none(), "nothing has changed");
        let again = province.client_rotate("c1", &admin(), NOW).expect("another secret");
        assert_ne!(*again.secret, *issued.secret);
        province.client_disable("c1", &admin(), NOW).expect("it");
        let after = province.speakers(Some(now.version)).expect("rows").expect("a change");
        assert!(after.by_id.is_empty());
        let listed = province.client_list().expect("rows");
        assert_eq!((listed.len(), listed[0].active), (1, false));
    });
}

#[test]
fn a_damaged_row_silences_only_itself_and_is_named() {
    on_both(|World { province, .. }| {
        province.client_add(new("c1"), &admin(), NOW).expect("a client");
        province.client_add(new("c2"), &admin(), NOW).expect("a client");
        assert!(province.damaged_speakers().expect("rows").is_empty());
        let spoil = province.store.write(|session| {
            session.execute("UPDATE client SET secret_sealed = 'k1:AAAA' WHERE id = 'c1'", &[])?;
            session.execute(
                "INSERT INTO peer (id, role, name, address, certificate, issuers, rights, state, created_at, updated_at) \
                 VALUES ('p1', 'ministry', '部级', '', '?', '[]', '[]', 'active', 0, 0)",
                &[],
            )
        });
        spoil.map_err(|error: store::StoreError| error).expect("spoils");
        let damaged = province.damaged_speakers().expect("rows");
        assert_eq!(damaged.len(), 2, "{damaged:?}");
        assert!(damaged[0].contains("“c1”") && damaged[1].contains("“p1”"), "{damaged:?}");
        assert!(province.speakers(None).expect("rows").expect("a look").by_id.contains_key("c2"));
    });
}

#[test]
fn the_secret_is_not_in_the_rows_in_clear() {
    on_both(|World { province, .. }| {
        let issued = province.client_add(new("c1"), &admin(), NOW).expect("a client");
        let rows = province.store.read(store::rows::client::clients).expect("rows");
        assert!(!rows[0].secret_sealed.contains(&*issued.secret));
        assert!(rows[0].secret_sealed.starts_with("k1:"));
    });
}

#[test]
fn what_must_not_be_added_is_refused_with_a_fix() {
    on_both(|World { province, .. }| {
        let add = |new: NewClient| refusal(province.client_add(new, &admin(), NOW));
        province.client_add(new("c1"), &admin(), NOW).expect("a client");
        assert!(add(new("c1")).contains("已被使用"));
        assert!(add(new("a b")).contains("编号“a b”不合规"));
        assert!(add(NewClient { source: String::new(), ..new("c2") }).contains("来源"));
        assert!(add(NewClient { rights: Vec::new(), ..new("c2") }).contains("权限"));
        assert!(add(NewClient { callback: Some("https://x".into()), ..new("c2") }).contains("回调"));
        assert!(refusal(province.client_add(new("c2"), &Actor::node(), NOW)).contains("--operator"));
        assert!(refusal(province.client_disable("c9", &admin(), NOW)).contains("没有编号为“c9”的客户端"));
        assert_eq!(province.client_list().expect("rows").len(), 1);
    });
}

#[test]
fn every_change_has_its_audit_row() {
    on_both(|World { province, .. }| {
        province.client_add(new("c1"), &admin(), NOW).expect("a client");
        province.client_rotate("c1", &admin(), NOW).expect("it");
        province.client_disable("c1", &admin(), NOW).expect("it");
        let entries: Vec<String> = province
            .store
            .read(|session| {
                session.rows("SELECT entries FROM audit_pending ORDER BY id", &[], |row| row.get(0))
            })
            .map_err(|error: store::StoreError| error)
            .expect("rows");
        let text = entries.join("\n");
        for act in ["client.add", "client.rotate", "client.disable", "管理员一"] {
            assert!(text.contains(act), "{act} in {text}");
        }
    });
}

fn certificate(keys: &SoftwareKeys, subject: &str, issuer: &str, is_ca: bool) -> Certificate {
    let name = |text: &str| Name::new(&[(NameAttribute::CommonName, text)]).expect("a name");
    let profile = CertificateProfile {
        subject: name(subject),
        issuer: name(issuer),
        serial: vec![1],
        not_before: NOW / SECOND - 60,
        not_after: NOW / SECOND + 86_400,
        public_key: keys.signing_key(subject).expect("a key").public_key().clone(),
        is_ca,
        path_len: None,
        key_usage: if is_ca { KeyUsage::KEY_CERT_SIGN } else { KeyUsage::DIGITAL_SIGNATURE },
        extra: Vec::new(),
    };
    profile.sign(&*keys.signing_key(issuer).expect("a key")).expect("a certificate")
}

#[test]
fn a_peer_is_enrolled_if_its_certificate_leads_to_a_trusted_root() {
    let mut keys = SoftwareKeys::new();
    for (number, name) in [(1, "root"), (2, "node")] {
        keys.insert(name, SecretKey::from_bytes(&[number; 32]).expect("a key"));
    }
    let (root, node) = (certificate(&keys, "root", "root", true), certificate(&keys, "node", "root", false));
    let roots = ChainStore { roots: vec![root], intermediates: Vec::new() };
    let peer = NewPeer {
        id: None,
        role: Role::Province,
        name: "试验省".into(),
        address: "http://127.0.0.1:8080".into(),
        certificate: gm::pem::encode("CERTIFICATE", node.as_der()).into_bytes(),
        issuers: vec!["11980000MB0000000E".into()],
        rights: None,
    };
    on_both(|World { province, .. }| {
        let stranger = refusal(province.peer_add(peer.clone(), &ChainStore::default(), &admin(), NOW));
        assert!(stranger.contains("受信任"), "{stranger}");
        let broken = NewPeer { certificate: b"nothing".to_vec(), ..peer.clone() };
        assert!(province.peer_add(broken, &roots, &admin(), NOW).is_err());
        let late = NOW + 2 * 86_400 * SECOND;
        assert!(refusal(province.peer_add(peer.clone(), &roots, &admin(), late)).contains("过期"));
        let id = province.peer_add(peer.clone(), &roots, &admin(), NOW).expect("a peer");
        assert_eq!(id.len(), 16, "the key id of its public key");
        let speakers = province.speakers(None).expect("rows").expect("all");
        let speaker = &speakers.by_id[&id];
        assert_eq!((speaker.key.scheme(), speaker.role), (Scheme::Sm2, Some(Role::Province)));
        assert!(lack(&speaker.rights, "collect.deliver", None, None).is_none());
        province.peer_disable(&id, &admin(), NOW).expect("it");
        assert!(!province.peer_list().expect("rows")[0].active);
        assert!(province.speakers(None).expect("rows").expect("all").by_id.is_empty());
    });
}

#[test]
fn nonces_are_taken_back_until_nobody_needs_them() {
    on_both(|World { province, .. }| {
        let recorder = node::audit::Recorder::new(std::sync::Arc::clone(province));
        let keep = |nonce: &str, now: i64| {
            let caller = Caller {
                scheme: Scheme::HmacSm3,
                key: "c1".into(),
                person: Person::default(),
                time: now / SECOND,
                nonce: nonce.into(),
                digest: [0; 32],
            };
            let seen = NonceWindow::new(8, 8).admit(&caller, now / SECOND).expect("a new one");
            let (sender, receiver) = std::sync::mpsc::channel();
            recorder.note(&seen, now, move |done| sender.send(done.is_ok()).expect("somebody waits"));
            recorder.flush();
            assert!(receiver.recv().expect("an end"));
            seen.to_bytes()
        };
        let first = keep("first", NOW);
        let second = keep("second", NOW + SECOND);
        assert_eq!(province.kept_nonces(NOW + SECOND).expect("rows"), [first, second].concat());
        let later = NOW + 1_201 * SECOND;
        assert_eq!(province.kept_nonces(later).expect("rows"), second);
        // More than a minute later: the old group is dropped on the way.
        let third = keep("third", later);
        assert_eq!(province.kept_nonces(NOW).expect("rows"), [second, third].concat());
    });
}

#[test]
fn rights_are_read_and_compared() {
    let right = |text: &str| text.parse::<Right>().expect("a right");
    let rights = [right("lifecycle@99"), right("verify.read@9801,9802/taxi-driver")];
    assert_eq!(lack(&rights, "lifecycle.submit", Some("990101"), Some("any")), None);
    assert_eq!(lack(&rights, "verify.read", Some("980201"), Some("taxi-driver")), None);
    let area = lack(&rights, "verify.read", Some("990101"), None).expect("a lack");
    assert_eq!(area, Lack::Area("verify.read".into(), "990101".into()));
    assert_eq!(area.to_string(), "缺少权限“verify.read”（核验证照），行政区划“990101”不在授权范围内");
    assert!(matches!(lack(&rights, "verify.read", None, Some("bus")), Some(Lack::Kind(..))));
    assert!(matches!(lack(&rights, "lifecycle.read_personal", None, None), Some(Lack::Act(_))));
    assert!(unlimited(&[right("lifecycle")], "lifecycle.submit"));
    assert!(!unlimited(&rights, "lifecycle.submit"));
    assert_eq!(right("verify.read@9801,9802/taxi-driver").to_string(), "verify.read@9801,9802/taxi-driver");
    for wrong in ["nothing", "lifecycle.fly", "lifecycle@", "lifecycle@99/", ""] {
        assert!(wrong.parse::<Right>().is_err(), "{wrong}");
    }
}
