//! Receipts with the answers of `proof::receipt::check_receipt`, as JSON for the scripts.

use codes::CertificateId;
use gm::x509::{Certificate, ChainStore, Crl};
use model::Verdict;
use proof::receipt::{
    Bundle, Countersignature, DeviceCertificate, Group, Knowledge, Outcome, Place, Receipt, ReceiptTrust,
    Signer, Subject, check_receipt,
};
use serde_json::{Value, json};

use crate::cases::{base45, to_base45};
use crate::chance::Chance;
use crate::world;

/// Days in seconds, and the instant of all checks.
const DAY: i64 = 86_400;
const NODES: [&str; 6] = ["99节点", "98节点", "撤销节点", "路人节点", "无名节点", "99赋码"];

fn now() -> i64 {
    world::at("2026-11-22T10:00:00+08:00")
}

fn key_id(label: &str) -> [u8; 8] {
    world::key(label).public_key().key_id()
}

/// Receipts of nodes and devices: good, old, early, of strangers, with the wrong parts; then each with slips, signed anew and not.
pub fn cases(chance: &mut Chance) -> Vec<Value> {
    let mut texts = Vec::new();
    for n in 0..160 {
        let bundle = if n % 3 == 0 { online(chance) } else { offline(chance, n % 6) };
        texts.push(bundle.text());
        texts.push(bundle.qr_text());
        let bytes = base45(&bundle.text()["LZR:".len()..]);
        texts.push(format!("LZR:{}", to_base45(&chance.slip(&bytes))));
        texts.push(resigned(&bundle, chance));
    }
    texts.extend(["", "LZ:ABC", "LZR:", "LZR:A", "LZR:0000", " LZR:ABC "].map(str::to_owned));
    texts.iter().map(|text| judged(text)).collect()
}

fn judged(text: &str) -> Value {
    let data = world::trust("all");
    let certificate = |text: &String| Certificate::from_der(&gm::base64::decode(text).unwrap()).unwrap();
    let nodes: Vec<_> = data.nodes.iter().map(|node| certificate(&node.certificate)).collect();
    let chains =
        ChainStore { roots: data.roots.iter().map(certificate).collect(), intermediates: Vec::new() };
    let crls: Vec<_> =
        data.crls.iter().map(|text| Crl::from_der(&gm::base64::decode(text).unwrap()).unwrap()).collect();
    let trust = ReceiptTrust { nodes: &nodes, chains: &chains, crls: &crls };
    let checked = check_receipt(text, &trust, now());
    let codes: Vec<_> = checked.reasons.iter().map(|reason| reason.code.as_str()).collect();
    let told = checked.bundle.as_ref().map(|bundle| {
        let content = &bundle.receipt.content;
        let subject = match &content.subject {
            Subject::Identifier(id) => id.to_string(),
            other => format!("{other:?}").split('(').next().unwrap_or_default().to_lowercase(),
        };
        json!([content.verdict.text(), content.reasons, subject, content.checked_at, content.outcome.text()])
    });
    json!({"text": text, "verdict": checked.verdict.text(), "codes": codes, "told": told})
}

fn content(chance: &mut Chance, key: &str, signer: Signer) -> Receipt {
    let id = CertificateId::parse(
        "1.2.156.3005.2.11100000000019713D008.11990101MB0000101Y.990101202600000001.001.E",
    );
    let subject = match chance.below(5) {
        0 => Subject::Text([7; 32]),
        1 => Subject::File([8; 32]),
        2 => Subject::Unnamed,
        _ => Subject::Identifier(id.unwrap()),
    };
    let node = matches!(signer, Signer::Node { .. });
    let knowledge = match chance.below(3) {
        0 if node => Knowledge::Register { node: "demo-99".into(), at: now() - DAY },
        1 => Knowledge::Code,
        _ => Knowledge::Pack { area: 99, number: 7, made_at: now() - 2 * DAY },
    };
    let at = [now() - DAY, now() - 200 * DAY, now() + 3600, now() - 4000 * DAY];
    let reasons = [vec!["STATUS_NORMAL"], vec!["CODE_EXPIRED", "PACK_USED"], vec!["STATUS_ENDED"]];
    Receipt {
        key_id: key_id(key),
        signer,
        subject,
        checked_at: at[chance.below(16).saturating_sub(12).min(3)],
        verdict: *chance.of(&[Verdict::Valid, Verdict::ValidWithHint, Verdict::Undecided, Verdict::Invalid]),
        reasons: chance.of(&reasons).iter().map(|code| (*code).to_owned()).collect(),
        knowledge,
        group: (chance.below(2) == 0).then_some(Group { id: [3; 8], place: Place::Driver, number: 2 }),
        outcome: *chance.of(Outcome::ALL),
    }
}

fn online(chance: &mut Chance) -> Bundle {
    let label = NODES[chance.below(9).min(5)];
    let label = if chance.below(2) == 0 { "99节点" } else { label };
    let signer = Signer::Node {
        node: "demo-99".into(),
        staff_no: "99010001".into(),
        unit: "演示市交通运输综合行政执法支队".into(),
        device: (chance.below(2) == 0).then_some([5; 8]),
    };
    Bundle::from(content(chance, label, signer).sign(&*world::key(label)).unwrap())
}

fn offline(chance: &mut Chance, wrong: usize) -> Bundle {
    let label = if chance.below(3) == 0 { *chance.of(&NODES) } else { "99节点" };
    let signer = match chance.below(2) {
        0 => Signer::Device { sequence: 1, previous: [0; 32] },
        _ => Signer::Device { sequence: 9, previous: [6; 32] },
    };
    let receipt = content(chance, "设备", signer).sign(&*world::key("设备")).unwrap();
    let device_key = if wrong == 5 { "别的设备" } else { "设备" };
    let from = receipt.content.checked_at - DAY;
    let device = DeviceCertificate {
        issuer: key_id(label),
        key: world::key(device_key).public_key().clone(),
        valid: (from, if wrong == 4 { from + 60 } else { from + 3 * DAY }),
        node: "demo-99".into(),
        staff_no: "99010001".into(),
        unit: "演示支队".into(),
    };
    let countersignature = Countersignature {
        issuer: key_id("99节点"),
        device: key_id(if wrong == 2 { "别的设备" } else { "设备" }),
        received_at: receipt.content.checked_at + if wrong == 1 { -DAY } else { 3600 },
        number: 11,
        node: "demo-99".into(),
        staff_no: if chance.below(4) == 0 { "99010002" } else { "99010001" }.into(),
        unit: "演示支队".into(),
    };
    let digest = if chance.below(5) == 0 { [1; 32] } else { receipt.digest() };
    let mut bundle = Bundle::from(receipt);
    if chance.below(4) > 0 {
        bundle.device = Some(device.sign(&*world::key(label)).unwrap());
    }
    if chance.below(2) > 0 {
        bundle.countersignature = Some(countersignature.sign(&digest, &*world::key("99节点")).unwrap());
    }
    bundle
}

/// A slip in the receipt's own message, signed by its signer: only the reader of the format can tell.
fn resigned(bundle: &Bundle, chance: &mut Chance) -> String {
    let bytes = bundle.receipt.as_bytes();
    let message = chance.slip(&bytes[..bytes.len() - 64]);
    let label =
        if matches!(bundle.receipt.content.signer, Signer::Node { .. }) { "99节点" } else { "设备" };
    let signed = [b"luzheng receipt 1\n".as_slice(), &message].concat();
    let signature = gm::sign_message(&*world::key(label), &signed).unwrap();
    let mut out = vec![1];
    out.extend(((message.len() + 64) as u16).to_be_bytes());
    out.extend([message.as_slice(), &signature.to_bytes()].concat());
    for (tag, part) in [
        (2, bundle.device.as_ref().map(|one| one.as_bytes())),
        (3, bundle.countersignature.as_ref().map(|one| one.as_bytes())),
    ] {
        if let Some(part) = part {
            out.push(tag);
            out.extend((part.len() as u16).to_be_bytes());
            out.extend(part);
        }
    }
    format!("LZR:{}", to_base45(&out))
}
