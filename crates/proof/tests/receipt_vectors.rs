//! The golden vectors of `receipt-vectors.toml`, which `docs/receipt-format.md` explains: another implementation must give the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use gm::sm2::SecretKey;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use model::Verdict;
use proof::receipt::{
    Bundle, Countersignature, DeviceCertificate, Group, Knowledge, Outcome, Place, Receipt, Signer, Subject,
    enrolment,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/receipt-vectors.toml");
/// 2026-11-22T10:00:00+08:00.
const AT: i64 = 1_795_312_800;
const IDENTIFIER: &str = "1.2.156.3005.2.11100000000019713D008.11990101MB0000101Y.990101202600000001.001.E";

fn key(byte: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", SecretKey::from_bytes(&[byte; 32]).unwrap());
    keys.signing_key("key").unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn online() -> Receipt {
    Receipt {
        key_id: key(0x11).public_key().key_id(),
        signer: Signer::Node {
            node: "demo-99".into(),
            staff_no: "99010100123".into(),
            unit: "演示市执法支队".into(),
            device: None,
        },
        subject: Subject::Identifier(codes::CertificateId::parse(IDENTIFIER).unwrap()),
        checked_at: AT,
        verdict: Verdict::Valid,
        reasons: vec!["STATUS_NORMAL".into()],
        knowledge: Knowledge::Register { node: "demo-99".into(), at: AT },
        group: None,
        outcome: Outcome::None,
    }
}

fn first() -> Receipt {
    Receipt {
        key_id: key(0x22).public_key().key_id(),
        signer: Signer::Device { sequence: 1, previous: [0; 32] },
        verdict: Verdict::Undecided,
        reasons: vec!["PACK_STALE".into(), "COMPARE_PERSON".into()],
        knowledge: Knowledge::Pack { area: 99, number: 312, made_at: AT - 9 * 86_400 },
        group: Some(Group { id: [1, 2, 3, 4, 5, 6, 7, 8], place: Place::Driver, number: 2 }),
        outcome: Outcome::Warned,
        ..online()
    }
}

fn second() -> Receipt {
    Receipt {
        signer: Signer::Device { sequence: 2, previous: first().digest().unwrap() },
        subject: Subject::of_text(None, "https://example.invalid/"),
        checked_at: AT + 60,
        reasons: vec!["CODE_FOREIGN".into()],
        knowledge: Knowledge::Code,
        group: None,
        outcome: Outcome::Passed,
        ..first()
    }
}

fn device() -> DeviceCertificate {
    DeviceCertificate {
        issuer: key(0x11).public_key().key_id(),
        key: key(0x22).public_key().clone(),
        valid: (AT - 86_400, AT + 7 * 86_400),
        node: "demo-99".into(),
        staff_no: "99010100123".into(),
        unit: "演示市执法支队".into(),
    }
}

fn bundles() -> Vec<(&'static str, Bundle)> {
    let device = device().sign(&*key(0x11)).unwrap();
    let countersignature = Countersignature {
        issuer: key(0x11).public_key().key_id(),
        device: key(0x22).public_key().key_id(),
        received_at: AT + 86_400,
        number: 42,
        node: "demo-99".into(),
        staff_no: "99010100123".into(),
        unit: "演示市执法支队".into(),
    };
    let carried =
        Bundle { receipt: first().sign(&*key(0x22)).unwrap(), device: Some(device), countersignature: None };
    let next = Bundle { receipt: second().sign(&*key(0x22)).unwrap(), ..carried.clone() };
    let signed = countersignature.sign(&carried.receipt.digest(), &*key(0x11)).unwrap();
    let uploaded = Bundle { countersignature: Some(signed), ..carried.clone() };
    vec![
        ("online", Bundle::from(online().sign(&*key(0x11)).unwrap())),
        ("first of a device", carried),
        ("second of a device", next),
        ("countersigned", uploaded),
    ]
}

fn file() -> String {
    let mut text = "# Golden vectors of check receipts (docs/receipt-format.md). Written by `cargo test -p proof --test receipt_vectors -- --ignored`.\n\
                    # The keys are published here: they may sign nothing else. Signatures use the nonce of RFC 6979, so signing again gives the same.\n"
        .to_owned();
    let keys = [("node", 0x11), ("device", 0x22)];
    for (name, byte) in keys {
        let key = key(byte);
        text += &format!(
            "{name}_private = \"{}\"\n{name}_public = \"{}\"\n{name}_key_id = \"{}\"\n",
            hex(&[byte; 32]),
            hex(key.public_key().as_bytes()),
            hex(&key.public_key().key_id())
        );
    }
    let proof = enrolment(key(0x22).public_key(), "99010100123");
    let signature = gm::sign_message(&*key(0x22), &proof).unwrap().to_bytes();
    text += &format!("enrolment = \"{}\"\nenrolment_signature = \"{}\"\n", hex(&proof), hex(&signature));
    for (name, bundle) in bundles() {
        let message = bundle.receipt.content.message().unwrap();
        text += &format!(
            "\n[[vector]]\nname = \"{name}\"\nmessage = \"{}\"\ndigest = \"{}\"\n",
            hex(&message),
            hex(&bundle.receipt.digest())
        );
        if let Some(device) = &bundle.device {
            text += &format!("device = \"{}\"\n", hex(device.as_bytes()));
        }
        if let Some(countersignature) = &bundle.countersignature {
            text += &format!("countersignature = \"{}\"\n", hex(countersignature.as_bytes()));
        }
        text += &format!("text = \"{}\"\nqr = \"{}\"\n", bundle.text(), bundle.qr_text());
    }
    text
}

#[test]
fn the_vectors_are_as_committed() {
    assert_eq!(std::fs::read_to_string(PATH).unwrap(), file());
}

#[test]
#[ignore = "writes the committed file"]
fn write_the_vectors() {
    std::fs::write(PATH, file()).unwrap();
}

/// The message of the first vector, put together by hand from the document.
#[test]
fn the_online_message_is_the_one_packed_by_hand() {
    let key_id = hex(&key(0x11).public_key().key_id());
    let text = |text: &str| format!("{:02x}{}", text.len(), hex(text.as_bytes()));
    let time = format!("{:08x}", AT - 946_684_800);
    let parts = [
        "01",
        "01",
        &key_id,
        &text("demo-99"),
        &text("99010100123"),
        &text("演示市执法支队"),
        "00",
        // Identifier: ministry, type 008, issuer as in vectors.toml, 18 digits, version 1.
        "01",
        "00",
        "0008",
        "00f5459404fa661e9af3b686",
        "12",
        "990101202600000001",
        "0001",
        &time,
        "01",
        // STATUS_NORMAL: STA TUS _NO RMA L
        "05",
        &groups(&[[19, 20, 1], [20, 21, 19], [37, 14, 15], [18, 13, 1], [12, 0, 0]]),
        "01",
        &text("demo-99"),
        &time,
        "00",
        "00",
    ];
    assert_eq!(hex(&online().message().unwrap()), parts.concat());
}

fn groups(groups: &[[u16; 3]]) -> String {
    groups.iter().map(|[a, b, c]| format!("{:04x}", a * 1600 + b * 40 + c)).collect()
}
