//! Receipts read back, fit their QR, and what anybody changed does not pass.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use codes::{CertificateId, Serial, TypeCode, Uscc};
use gm::sm2::SecretKey;
use gm::x509::{
    Certificate, CertificateProfile, ChainStore, Crl, CrlProfile, CrlReason, KeyUsage, Name, NameAttribute,
    RevokedEntry,
};
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use model::{Reason, Verdict};
use proof::receipt::{
    Bundle, CheckedReceipt, Countersignature, DeviceCertificate, Group, Knowledge, Outcome, Place,
    QR_CHARACTERS, Receipt, ReceiptError, ReceiptTrust, Signer, Subject, check_receipt,
};
use proptest::prelude::*;

/// 2026-11-22T10:00:00+08:00.
const NOW: i64 = 1_795_312_800;
const DAY: i64 = 86_400;

fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", SecretKey::from_bytes(&[seed; 32]).unwrap());
    keys.signing_key("key").unwrap()
}

fn name(common: &str) -> Name {
    Name::new(&[(NameAttribute::Country, "CN"), (NameAttribute::CommonName, common)]).unwrap()
}

fn certificate(seed: u8, common: &str, valid: (i64, i64), is_ca: bool) -> Certificate {
    CertificateProfile {
        subject: name(common),
        issuer: name("演示根"),
        serial: vec![seed],
        not_before: valid.0,
        not_after: valid.1,
        public_key: key(seed).public_key().clone(),
        is_ca,
        path_len: None,
        key_usage: if is_ca {
            KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN
        } else {
            KeyUsage::DIGITAL_SIGNATURE
        },
        extra: Vec::new(),
    }
    .sign(&*key(9))
    .unwrap()
}

struct World {
    nodes: Vec<Certificate>,
    chains: ChainStore,
    crls: Vec<Crl>,
}

/// A root, the node key 1 of today, the node key 2 of last year.
fn world() -> World {
    let years = (NOW - 4000 * DAY, NOW + 4000 * DAY);
    World {
        nodes: vec![
            certificate(1, "演示节点", (NOW - 30 * DAY, NOW + 300 * DAY), false),
            certificate(2, "演示节点（旧）", (NOW - 400 * DAY, NOW - 20 * DAY), false),
        ],
        chains: ChainStore {
            roots: vec![certificate(9, "演示根", years, true)], intermediates: Vec::new()
        },
        crls: Vec::new(),
    }
}

impl World {
    fn check(&self, text: &str, now: i64) -> CheckedReceipt {
        let trust = ReceiptTrust { nodes: &self.nodes, chains: &self.chains, crls: &self.crls };
        check_receipt(text, &trust, now)
    }

    fn revoke(&mut self, seed: u8, at: i64, reason: CrlReason) {
        let profile = CrlProfile {
            issuer: name("演示根"),
            this_update: at,
            next_update: NOW + 300 * DAY,
            number: 1,
            entries: vec![RevokedEntry { serial: vec![seed], at, reason }],
        };
        self.crls.push(profile.sign(&*key(9)).unwrap());
    }
}

fn identifier() -> CertificateId {
    let parts = (
        TypeCode::parse("11100000000019713D008"),
        Uscc::parse("11990101MB0000101Y"),
        Serial::parse("990101202600000001"),
    );
    CertificateId::new(parts.0.unwrap(), parts.1.unwrap(), parts.2.unwrap(), 1).unwrap()
}

fn online(seed: u8, at: i64) -> Receipt {
    Receipt {
        key_id: key(seed).public_key().key_id(),
        signer: Signer::Node {
            node: "demo-99".into(),
            staff_no: "99010100123".into(),
            unit: "演示市交通运输综合行政执法支队".into(),
            device: None,
        },
        subject: Subject::Identifier(identifier()),
        checked_at: at,
        verdict: Verdict::Valid,
        reasons: vec!["STATUS_NORMAL".into()],
        knowledge: Knowledge::Register { node: "demo-99".into(), at },
        group: None,
        outcome: Outcome::None,
    }
}

fn offline(sequence: u32, at: i64) -> Receipt {
    Receipt {
        key_id: key(5).public_key().key_id(),
        signer: Signer::Device { sequence, previous: if sequence == 1 { [0; 32] } else { [7; 32] } },
        verdict: Verdict::Undecided,
        reasons: vec!["PACK_STALE".into(), "COMPARE_PERSON".into()],
        knowledge: Knowledge::Pack { area: 99, number: 312, made_at: NOW - 9 * DAY },
        group: Some(Group { id: [3; 8], place: Place::Driver, number: 2 }),
        outcome: Outcome::Warned,
        ..online(1, at)
    }
}

fn device(seed: u8, valid: (i64, i64)) -> proof::receipt::SignedDeviceCertificate {
    DeviceCertificate {
        issuer: key(seed).public_key().key_id(),
        key: key(5).public_key().clone(),
        valid,
        node: "demo-99".into(),
        staff_no: "99010100123".into(),
        unit: DeviceCertificate::short_unit("demo-99", "99010100123", "演示市交通运输综合行政执法支队"),
    }
    .sign(&*key(seed))
    .unwrap()
}

fn countersigned(bundle: &Bundle, seed: u8, at: i64) -> proof::receipt::SignedCountersignature {
    Countersignature {
        issuer: key(seed).public_key().key_id(),
        device: key(5).public_key().key_id(),
        received_at: at,
        number: 77,
        node: "demo-99".into(),
        staff_no: "99010100123".into(),
        unit: "演示市交通运输综合行政执法支队".into(),
    }
    .sign(&bundle.receipt.digest(), &*key(seed))
    .unwrap()
}

/// An offline receipt of today with the certificate of its device.
fn carried() -> Bundle {
    let receipt = offline(2, NOW).sign(&*key(5)).unwrap();
    Bundle { receipt, device: Some(device(1, (NOW - DAY, NOW + 7 * DAY))), countersignature: None }
}

fn codes(checked: &CheckedReceipt) -> Vec<&str> {
    checked.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

#[test]
fn an_online_receipt_holds_and_says_everything() {
    let text = Bundle::from(online(1, NOW).sign(&*key(1)).unwrap()).text();
    let checked = world().check(&text, NOW);
    assert_eq!((checked.verdict, codes(&checked)), (Verdict::Valid, vec!["RECEIPT_HOLDS"]));
    let words: String = checked.lines().iter().map(|(name, text)| format!("{name}：{text}\n")).collect();
    for part in [
        "99010100123",
        "执法支队",
        &identifier().to_string(),
        "2026-11-22 10:00:00",
        "节点时钟",
        "有效",
        "demo-99",
    ] {
        assert!(words.contains(part), "{part}\n{words}");
    }
}

#[test]
fn a_receipt_of_the_older_node_key_still_holds_and_a_later_one_by_it_does_not() {
    let then = Bundle::from(online(2, NOW - 100 * DAY).sign(&*key(2)).unwrap()).text();
    assert_eq!(world().check(&then, NOW).verdict, Verdict::Valid);
    let late = Bundle::from(online(2, NOW - DAY).sign(&*key(2)).unwrap()).text();
    assert_eq!(codes(&world().check(&late, NOW)), ["RECEIPT_SIGNER_INVALID"]);
}

#[test]
fn a_device_certified_by_the_older_node_key_is_countersigned_by_the_newer() {
    let mut bundle = carried();
    bundle.device = Some(device(2, (NOW - 25 * DAY, NOW + 7 * DAY)));
    bundle.countersignature = Some(countersigned(&bundle, 1, NOW + 3600));
    let checked = world().check(&bundle.text(), NOW + DAY);
    assert_eq!(
        (checked.verdict, codes(&checked)),
        (Verdict::Valid, vec!["RECEIPT_HOLDS", "RECEIPT_COUNTERSIGNED"])
    );
}

#[test]
fn an_offline_receipt_hints_until_the_node_has_signed_for_it() {
    let mut bundle = carried();
    let checked = world().check(&bundle.text(), NOW);
    assert_eq!(checked.verdict, Verdict::ValidWithHint, "{:?}", checked.reasons);
    assert_eq!(codes(&checked), ["RECEIPT_HOLDS", "RECEIPT_NOT_COUNTERSIGNED"]);
    bundle.countersignature = Some(countersigned(&bundle, 1, NOW + 3600));
    for text in [bundle.text(), bundle.qr_text()] {
        assert_eq!(world().check(&text, NOW + DAY).verdict, Verdict::Valid);
    }
}

#[test]
fn who_signed_is_asked_at_the_time_of_signing() {
    let text = Bundle::from(online(1, NOW).sign(&*key(1)).unwrap()).text();
    let strangers = World { nodes: Vec::new(), ..world() };
    assert_eq!(codes(&strangers.check(&text, NOW)), ["RECEIPT_SIGNER_UNKNOWN"]);
    let foreign = World { chains: ChainStore::default(), ..world() };
    assert_eq!(foreign.check(&text, NOW).verdict, Verdict::Invalid);
    let revoked = |at, reason| {
        let mut world = world();
        world.revoke(1, at, reason);
        world.check(&text, NOW + 9 * DAY).verdict
    };
    assert_eq!(revoked(NOW - 1, CrlReason::Superseded), Verdict::Invalid);
    assert_eq!(revoked(NOW + 1, CrlReason::Superseded), Verdict::Valid);
    assert_eq!(revoked(NOW + 1, CrlReason::KeyCompromise), Verdict::Undecided);
    assert_eq!(codes(&world().check(&text, NOW - 600)), ["RECEIPT_HOLDS", "RECEIPT_FUTURE"]);
}

#[test]
fn parts_of_different_receipts_do_not_fit_together() {
    let world = world();
    let mut outside = carried();
    outside.device = Some(device(1, (NOW - 9 * DAY, NOW - DAY)));
    assert!(codes(&world.check(&outside.text(), NOW)).contains(&"RECEIPT_DEVICE_PERIOD"));
    let mut bare = carried();
    bare.device = None;
    assert_eq!(world.check(&bare.text(), NOW).verdict, Verdict::Undecided);
    // The countersignature of another receipt.
    let mut swapped = carried();
    let other = Bundle { receipt: offline(1, NOW).sign(&*key(5)).unwrap(), ..carried() };
    swapped.countersignature = Some(countersigned(&other, 1, NOW));
    assert!(codes(&world.check(&swapped.text(), NOW)).contains(&"RECEIPT_FORGED"));
    // A device certificate that the device signed itself.
    let mut own = carried();
    let mut content = own.device.clone().unwrap().content;
    content.issuer = key(5).public_key().key_id();
    own.device = Some(content.sign(&*key(5)).unwrap());
    assert_eq!(codes(&world.check(&own.text(), NOW))[0], "RECEIPT_SIGNER_UNKNOWN");
    // A clock that runs an hour ahead of the node's.
    let mut ahead = carried();
    ahead.countersignature = Some(countersigned(&ahead, 1, NOW - 3600));
    assert!(codes(&world.check(&ahead.text(), NOW)).contains(&"RECEIPT_CLOCK"));
}

#[test]
fn a_signature_of_one_kind_is_none_of_another() {
    // The node's key over the bytes of a receipt, but as an enrolment or with no context at all.
    let receipt = online(1, NOW);
    let message = receipt.message().unwrap();
    for context in ["", "luzheng device 1\n", "luzheng countersignature 1\n"] {
        let signature = gm::sign_message(&*key(1), &[context.as_bytes(), &message].concat()).unwrap();
        let bytes = [message.as_slice(), &signature.to_bytes()].concat();
        let read = proof::receipt::SignedReceipt::read(&bytes).unwrap();
        assert!(read.verify(key(1).public_key()).is_err(), "{context}");
    }
}

#[test]
fn only_fields_that_can_be_are_signed() {
    let refused = |receipt: Receipt| receipt.message().unwrap_err();
    let node = |staff_no: &str, unit: &str| Receipt {
        signer: Signer::Node {
            node: "demo-99".into(),
            staff_no: staff_no.into(),
            unit: unit.into(),
            device: None,
        },
        ..online(1, NOW)
    };
    assert_eq!(refused(node("", "单位")), ReceiptError::Field("执法证号"));
    assert_eq!(refused(node("1\n2", "单位")), ReceiptError::Field("执法证号"));
    assert_eq!(refused(node("1", &"单".repeat(31))), ReceiptError::Field("执法单位"));
    assert_eq!(refused(Receipt { reasons: Vec::new(), ..online(1, NOW) }), ReceiptError::Field("理由代码"));
    assert_eq!(
        refused(Receipt { reasons: vec!["小写".into()], ..online(1, NOW) }),
        ReceiptError::Field("理由代码")
    );
    assert_eq!(refused(offline(0, NOW)), ReceiptError::Field("回执序号"));
    assert_eq!(refused(Receipt { checked_at: 0, ..online(1, NOW) }), ReceiptError::Field("核验时间"));
    assert!(online(1, NOW).sign(&*key(2)).is_err(), "another key");
}

#[test]
fn the_heaviest_reasons_stay_when_there_is_no_room_for_all() {
    let reasons: Vec<Reason> =
        ["STATUS_NORMAL", "LINKED_HINT", "STATUS_ENDED", "ANNUAL_INSPECTION_DUE", "STATUS_ENDED"]
            .iter()
            .map(|code| Reason::new(code, ""))
            .collect();
    assert_eq!(Receipt::codes(&reasons), ["STATUS_ENDED", "LINKED_HINT", "ANNUAL_INSPECTION_DUE"]);
    assert!(Receipt { reasons: Receipt::codes(&reasons), ..online(1, NOW) }.message().is_ok());
}

prop_compose! {
    fn any_subject()(
        which in 0..4,
        digest: [u8; 32],
        serial in prop_oneof!["[0-9]{1,32}", "[0-9A-Z]{1,32}"],
        version in 1u16..1000,
    ) -> Subject {
        match which {
            0 => Subject::Text(digest),
            1 => Subject::File(digest),
            2 => Subject::Unnamed,
            _ => {
                let id = identifier();
                let (kind, issuer) = (id.type_code().clone(), id.issuer().clone());
                Subject::Identifier(CertificateId::new(kind, issuer, Serial::parse(&serial).unwrap(), version).unwrap())
            }
        }
    }
}

prop_compose! {
    fn any_knowledge()(which in 0..3, node in "[a-z0-9-]{1,40}", area in 10u8..100, number: u32, at in NOW - 9000 * DAY..NOW) -> Knowledge {
        match which {
            0 => Knowledge::Register { node, at },
            1 => Knowledge::Pack { area, number, made_at: at },
            _ => Knowledge::Code,
        }
    }
}

prop_compose! {
    fn any_receipt()(
        subject in any_subject(),
        knowledge in any_knowledge(),
        at in NOW - 9000 * DAY..NOW,
        verdict in prop::sample::select(vec![Verdict::Valid, Verdict::ValidWithHint, Verdict::Undecided, Verdict::Invalid]),
        reasons in prop::collection::vec("[A-Z][A-Z0-9_]{0,10}", 1..5),
        group in prop::option::of((any::<[u8; 8]>(), prop::sample::select(Place::ALL), any::<u8>())),
        outcome in prop::sample::select(Outcome::ALL),
        by_device: bool,
        sequence in 1u32..,
        previous: [u8; 32],
        staff_no in "[0-9]{1,14}",
        unit in "[\u{4e00}-\u{9fff}]{1,30}",
        with in prop::option::of(any::<[u8; 8]>()),
    ) -> Receipt {
        let signer = if by_device {
            Signer::Device { sequence, previous: if sequence == 1 { [0; 32] } else { previous } }
        } else {
            Signer::Node { node: "demo-99".into(), staff_no, unit, device: with }
        };
        let knowledge = match knowledge {
            Knowledge::Register { .. } if by_device => Knowledge::Code,
            other => other,
        };
        let key_id = key(if by_device { 5 } else { 1 }).public_key().key_id();
        let group = group.map(|(id, place, number)| Group { id, place, number });
        Receipt { key_id, signer, subject, checked_at: at, verdict, reasons, knowledge, group, outcome }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_receipt_reads_back_and_fits_its_qr(receipt in any_receipt()) {
        let by_device = matches!(receipt.signer, Signer::Device { .. });
        let signed = receipt.sign(&*key(if by_device { 5 } else { 1 })).unwrap();
        let mut bundle = Bundle::from(signed);
        if by_device {
            bundle.device = Some(device(1, (NOW - DAY, NOW + DAY)));
        }
        prop_assert!(bundle.qr_text().len() <= QR_CHARACTERS, "{}", bundle.qr_text().len());
        prop_assert_eq!(&Bundle::parse(&bundle.text()).unwrap(), &bundle);
        if by_device {
            bundle.countersignature = Some(countersigned(&bundle, 1, NOW));
            prop_assert!(bundle.qr_text().len() <= QR_CHARACTERS, "{}", bundle.qr_text().len());
            prop_assert_eq!(&Bundle::parse(&bundle.text()).unwrap(), &bundle);
        }
        prop_assert_eq!(bundle.receipt.content, receipt);
    }

    #[test]
    fn units_are_shortened_by_whole_characters(unit in "[\u{4e00}-\u{9fff}]{1,30}", staff_no in "[0-9]{1,32}") {
        let short = DeviceCertificate::short_unit("demo-99", &staff_no, &unit);
        prop_assert!("demo-99".len() + staff_no.len() + short.len() <= 64);
        prop_assert!(short == unit || unit.starts_with(short.strip_suffix('…').unwrap()));
    }

    #[test]
    fn arbitrary_texts_never_panic(text in "(LZR:)?[0-9A-Z $%*+./:-]{0,400}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Bundle::parse(&text);
        let _ = proof::receipt::SignedReceipt::read(&bytes);
        let _ = proof::receipt::SignedDeviceCertificate::read(&bytes);
        let _ = proof::receipt::SignedCountersignature::read(&bytes);
    }

    #[test]
    fn a_changed_character_never_passes(place in 4usize..500, by in 1usize..44) {
        const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let mut bundle = carried();
        bundle.countersignature = Some(countersigned(&bundle, 1, NOW));
        let text = bundle.text();
        let mut bytes = text.clone().into_bytes();
        let place = 4 + (place - 4) % (bytes.len() - 4);
        let was = ALPHABET.find(char::from(bytes[place])).unwrap();
        bytes[place] = ALPHABET.as_bytes()[(was + by) % 45];
        let changed = String::from_utf8(bytes).unwrap();
        let checked = world().check(&changed, NOW + DAY);
        prop_assert!(!checked.verdict.is_valid(), "{place} {:?}", checked.reasons);
    }
}
