//! The ministry's pages over a node that two provinces have delivered to: one well, one whose issuer is not enrolled.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use gm::sm2::SecretKey;
use gm::x509::{CertificateProfile, ChainStore, KeyUsage, Name, NameAttribute};
use gm::{KeyProvider, SoftwareKeys};
use node::Province;
use node::client::{NewPeer, Role};
use node::collect::{Delivery, DeliveryReceipt, Receiver, Sender, Transport, TransportError};
use node::reconcile::{Depth, LocalPeer};
use node::verify::Holdings;
use store::{PersonalKey, PersonalKeys};
use web::Limits;

use crate::server::{Got, Server, admin, setup};
use crate::support::{NOW, SECOND, World, first_issues, sqlite, submitted};
use crate::visitor::Visitor;

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

/// Straight into the ministry's receiver.
struct Straight<'a> {
    receiver: &'a Receiver,
    from: Sender,
}

impl Transport for Straight<'_> {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        Ok(self.receiver.receive(&self.from, deliveries, NOW + SECOND).expect("the ministry's rows"))
    }
}

fn receiver(province: &Arc<Province>) -> Receiver {
    let counter = AtomicI64::new(1);
    Receiver {
        store: province.store.clone(),
        objects: Arc::clone(&province.objects),
        personal: PersonalKeys::new(PersonalKey::new("k1", &[1; 32]), Vec::new(), &[2; 32]),
        verifier: None,
        chance: Box::new(move |out| {
            let count = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst).to_be_bytes();
            for (byte, value) in out.iter_mut().zip(count) {
                *byte = value;
            }
        }),
    }
}

/// Enrols a province's node.
fn enrol(ministry: &Province, id: &str, name: &str, issuers: &str, seed: u8) {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    let key = keys.signing_key("node").expect("the key");
    let subject = Name::new(&[(NameAttribute::CommonName, name)]).expect("a name");
    let profile = CertificateProfile {
        subject: subject.clone(),
        issuer: subject,
        serial: vec![seed],
        not_before: NOW / SECOND - 60,
        not_after: NOW / SECOND + 30 * 86_400,
        public_key: key.public_key().clone(),
        is_ca: false,
        path_len: None,
        key_usage: KeyUsage::DIGITAL_SIGNATURE,
        extra: Vec::new(),
    };
    let certificate = profile.sign(&*key).expect("a certificate");
    let roots = ChainStore { roots: vec![certificate.clone()], intermediates: Vec::new() };
    let peer = NewPeer {
        id: Some(id.into()),
        role: Role::Province,
        name: name.into(),
        address: String::new(),
        certificate: certificate.as_der().to_vec(),
        issuers: vec![issuers.into()],
        rights: None,
    };
    ministry.peer_add(peer, &roots, &admin(), NOW).expect("a peer");
}

/// A ministry's node with the holdings of one province, and the refusals of another one; and the province's world.
pub fn ministry(count: usize) -> (Server, World, Vec<String>) {
    let home = sqlite();
    let clock = Arc::new(AtomicI64::new(NOW + 2 * SECOND));
    let mut made = setup(&home, &clock, Limits::default());
    made.receiver = Some(receiver(&home.province));
    let server = Server::of(home, clock, made);
    let node = Arc::clone(&server.app.province);
    server.app.set_elsewhere(vec![Arc::new(Holdings(Arc::clone(&node))) as Arc<_>].into());
    enrol(&node, "demo-99", "演示省", "99", 21);
    enrol(&node, "trial-98", "试验省", "98", 22);
    let away = sqlite();
    let answers = away.province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
    let identifiers = answers.into_iter().filter_map(|answer| answer.identifier).collect();
    let receiver = server.app.receiver.as_ref().expect("a receiver");
    let way = |id: &str, issuers: &str| {
        let from = Sender { province: id.into(), issuers: vec![issuers.into()] };
        Straight { receiver, from }
    };
    // The other province's node speaks of certificates that are not its own.
    let stolen = way("trial-98", "98");
    away.province.collect_once("ministry", &stolen, "worker", NOW + SECOND).expect("a round");
    let retry = node::collect::Which::All;
    away.province.collect_retry("ministry", retry, &admin(), NOW + SECOND).expect("again");
    let own = way("demo-99", "99");
    away.province.collect_once("ministry", &own, "worker", NOW + 2 * SECOND).expect("a round");
    let mut peer = LocalPeer { store: &node.store, tree: "demo-99" };
    away.province
        .reconcile_run("ministry", &mut peer, Depth::Sums, &admin(), NOW + 9 * SECOND)
        .expect("runs");
    (server, away, identifiers)
}

#[test]
fn provinces_stand_side_by_side_and_each_has_its_page() {
    let (server, _away, _) = ministry(9);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let page = text(&visitor.get("/ministry"));
    for word in ["演示省", "试验省", "没有归集", "需关注的省", "未登记日志证书"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let one = text(&visitor.get("/ministry/province?id=demo-99"));
    assert!(one.contains("近 30 天归集") && one.contains("<svg") && one.contains("合计"), "{one}");
    assert!(one.contains("省级持有 9，本节点持有 9"), "{one}");
    let empty = text(&visitor.get("/ministry/province?id=trial-98"));
    assert!(empty.contains("还没有持有该省的证照"), "{empty}");
    assert_eq!(visitor.get("/ministry/province?id=nobody").status, 404);
}

#[test]
fn receipts_are_listed_by_province_day_and_state_and_opened() {
    let (server, _away, _) = ministry(9);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let taken = text(&visitor.get("/ministry/receipts?province=demo-99&day=2026-06-01"));
    assert!(taken.contains("已收") && taken.contains("/ministry/receipts/one?"), "{taken}");
    let other_day = text(&visitor.get("/ministry/receipts?province=demo-99&day=2026-05-01"));
    assert!(other_day.contains("没有收到报文"), "{other_day}");
    let refused = text(&visitor.get("/ministry/receipts?province=trial-98&state=refused"));
    assert!(refused.contains("未收") && refused.contains("与签名节点"), "{refused}");
    let link = refused.split("href=\"/ministry/receipts/one?").nth(1).and_then(|rest| rest.split('"').next());
    let path = format!(
        "/ministry/receipts/one?{}",
        link.expect("a receipt").replace("&amp;", "&").replace("&#38;", "&")
    );
    let one = text(&visitor.get(&path));
    assert!(one.contains("为什么未收") && one.contains("FOREIGN_PROVINCE"), "{one}");
    let link = taken.split("href=\"/ministry/receipts/one?").nth(1).and_then(|rest| rest.split('"').next());
    let path = format!(
        "/ministry/receipts/one?{}",
        link.expect("a receipt").replace("&amp;", "&").replace("&#38;", "&")
    );
    let one = text(&visitor.get(&path));
    assert!(one.contains("收到时间") && one.contains("SM3"), "{one}");
    assert_eq!(visitor.get("/ministry/receipts/one?province=demo-99&certificate=x&seq=1").status, 404);
    assert!(visitor.get("/ministry/receipts/export?province=demo-99").body.starts_with(b"PK"));
}

#[test]
fn a_certificate_from_anywhere_is_asked_for_and_the_question_is_on_record() {
    let (server, _away, identifiers) = ministry(2);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let page = text(&visitor.get(&format!("/ministry/certificate?identifier={}", identifiers[0])));
    for word in ["部级归集的记录", "演示省", "前所知", "class=\"verdict"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let wrong = text(&visitor.get("/ministry/certificate?identifier=123"));
    assert!(wrong.contains("不是合规的证照标识") && wrong.contains("value=\"123\""), "{wrong}");
    let asked: Result<Option<i64>, store::StoreError> = server.app.province.store.read(|session| {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_pending WHERE entries LIKE '%verify%'";
        session.row(sql, &[], |row| row.get(0))
    });
    assert_eq!(asked.expect("the log"), Some(1));
}

#[test]
fn a_log_that_was_rolled_back_is_an_alarm_on_the_pages() {
    let (server, _away, _) = ministry(1);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let page = text(&visitor.get("/ministry/checkpoints"));
    assert!(page.contains("未登记日志证书"), "{page}");
    let one = text(&visitor.get("/ministry/checkpoints/one?id=demo-99"));
    assert!(one.contains("还没有见证过"), "{one}");
    let raised: Result<(), store::StoreError> = server.app.province.store.write(|session| {
        store::rows::setting::put(session, "audit.alarm.demo-99", "节点“demo-99”的审计日志不能见证：已回退")?;
        store::rows::audit::put_witnessed(session, "demo-99", 7, NOW, "note")
    });
    raised.expect("an alarm");
    let note = visitor.get("/ministry/checkpoints/note?id=demo-99&size=7");
    assert_eq!((note.body.as_slice(), note.status), (b"note".as_slice(), 200));
    assert_eq!(visitor.get("/ministry/checkpoints/note?id=demo-99&size=8").status, 404);
}

#[test]
fn a_provinces_node_says_that_it_is_none_of_the_ministrys() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    for path in ["/ministry", "/ministry/receipts", "/ministry/checkpoints", "/ministry/certificate"] {
        let page = text(&visitor.get(path));
        assert!(page.contains("本节点是省级节点"), "{path}: {page}");
    }
}
