//! Keys and certificates of two provinces under one demo root, and of strangers.

use gm::sm2::SecretKey;
use gm::x509::{
    Certificate, CertificateProfile, Crl, CrlProfile, CrlReason, KeyUsage, Name, NameAttribute, RevokedEntry,
};
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use model::Scope;
use proof::{CodeKeyData, NodeData, Trust, TrustData};

/// An instant of `2026-11-22T10:00:00+08:00`, Unix seconds.
pub fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// The deterministic key of a label.
pub fn key(label: &str) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    let seed = gm::sm3::sm3(format!("luzheng test key {label}").as_bytes());
    keys.insert("k", SecretKey::from_bytes(&seed).unwrap());
    keys.signing_key("k").unwrap()
}

fn name(common: &str) -> Name {
    Name::new(&[(NameAttribute::Country, "CN"), (NameAttribute::CommonName, common)]).unwrap()
}

/// A certificate for the key of `label`, signed by the key of `issuer`.
fn certify(label: &str, issuer: &str, from: &str, to: &str, is_ca: bool) -> Certificate {
    let mut serial = gm::sm3::sm3(label.as_bytes())[..12].to_vec();
    serial[0] = serial[0] & 0x3F | 0x40;
    let usage = if is_ca {
        KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN
    } else {
        KeyUsage::DIGITAL_SIGNATURE | KeyUsage::NON_REPUDIATION
    };
    CertificateProfile {
        subject: name(label),
        issuer: name(issuer),
        serial,
        not_before: at(from),
        not_after: at(to),
        public_key: key(label).public_key().clone(),
        is_ca,
        path_len: None,
        key_usage: usage,
        extra: Vec::new(),
    }
    .sign(&*key(issuer))
    .unwrap()
}

pub const ROOT: &str = "演示根";
pub const STRANGER_ROOT: &str = "路人根";
const YEARS: (&str, &str) = ("2018-01-01T00:00:00+08:00", "2038-01-01T00:00:00+08:00");

/// The certificate of a label of this world.
pub fn certificate(label: &str) -> Certificate {
    match label {
        ROOT | STRANGER_ROOT => certify(label, label, YEARS.0, YEARS.1, true),
        "路人赋码" | "路人节点" => certify(label, STRANGER_ROOT, YEARS.0, YEARS.1, false),
        // Until 2026-06-30, and from 2026-11-01: one takes over from the other while 99赋码 signs.
        "99旧赋码" => certify(label, ROOT, YEARS.0, "2026-07-01T00:00:00+08:00", false),
        "99新赋码" => certify(label, ROOT, "2026-11-01T00:00:00+08:00", YEARS.1, false),
        _ => certify(label, ROOT, YEARS.0, YEARS.1, false),
    }
}

pub fn der(label: &str) -> String {
    gm::base64::encode(certificate(label).as_der())
}

pub const ISSUER_99: &str = "11990000MB0000000J";
pub const CITY_99: &str = "11990101MB0000101Y";
pub const ISSUER_98: &str = "11980000MB0000000E";

/// What the code key of a label may sign for.
fn scope(label: &str) -> Scope {
    let text = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let mut scope = Scope {
        issuers: text(&[ISSUER_99, CITY_99]),
        areas: text(&["99"]),
        kinds: text(&["*"]),
        valid_from: "2019-01-01".into(),
        valid_to: None,
    };
    match label {
        "98赋码" => (scope.issuers, scope.areas) = (text(&[ISSUER_98]), text(&["98"])),
        "99旧赋码" => scope.valid_to = Some("2026-06-30".into()),
        "99窄赋码" => scope.kinds = text(&["11100000000019713D072"]),
        "99市级赋码" => scope.issuers = text(&[CITY_99]),
        "99越区赋码" => scope.areas = text(&["9902"]),
        _ => {}
    }
    scope
}

/// Code keys in the trust data of 99.
pub const KEYS_99: [&str; 9] = [
    "99赋码",
    "99旧赋码",
    "99新赋码",
    "99窄赋码",
    "99市级赋码",
    "99越区赋码",
    "99撤销赋码",
    "99泄露赋码",
    "路人赋码",
];

/// The root's revocation list; `next` is when the next one is due.
fn crl(next: &str) -> Crl {
    let revoked = |label: &str, when: &str, reason| RevokedEntry {
        serial: certificate(label).serial().to_vec(),
        at: at(when),
        reason,
    };
    CrlProfile {
        issuer: name(ROOT),
        this_update: at("2026-09-01T00:00:00+08:00"),
        next_update: at(next),
        number: 4,
        entries: vec![
            revoked("99撤销赋码", "2026-08-01T00:00:00+08:00", CrlReason::Superseded),
            revoked("99泄露赋码", "2026-08-01T00:00:00+08:00", CrlReason::KeyCompromise),
            revoked("撤销节点", "2026-08-01T00:00:00+08:00", CrlReason::CessationOfOperation),
        ],
    }
    .sign(&*key(ROOT))
    .unwrap()
}

/// Trust data by name: `all`, `98` (only the other province's key), `roots` (no code keys: those of packs only), `no-crl`,
/// `stale-crl`, `empty`.
pub fn trust(named: &str) -> TrustData {
    let entry = |label: &str| CodeKeyData { certificate: der(label), scope: scope(label) };
    let node = |label: &str, area: &str| NodeData { certificate: der(label), areas: vec![area.into()] };
    let next = if named == "stale-crl" { "2026-10-01T00:00:00+08:00" } else { "2027-09-01T00:00:00+08:00" };
    let labels: Vec<&str> = match named {
        "98" => vec!["98赋码"],
        "roots" | "empty" => Vec::new(),
        _ => KEYS_99.into_iter().chain(["98赋码"]).collect(),
    };
    TrustData {
        version: 3,
        issued_at: "2026-11-20T08:00:00+08:00".into(),
        roots: if named == "empty" { Vec::new() } else { vec![der(ROOT)] },
        code_keys: labels.into_iter().map(entry).collect(),
        nodes: vec![
            node("99节点", "99"),
            node("98节点", "98"),
            node("撤销节点", "99"),
            node("路人节点", "99"),
        ],
        crls: if named == "no-crl" { Vec::new() } else { vec![gm::base64::encode(crl(next).as_der())] },
        ..TrustData::default()
    }
}

pub fn open(named: &str) -> Trust {
    Trust::open(&trust(named)).unwrap()
}

/// What a pack of a province says of trust: its own code keys and the root's list.
pub fn pack_trust(province: &str) -> TrustData {
    let label = if province == "98" { "98赋码" } else { "99赋码" };
    let whole = trust("all");
    TrustData {
        code_keys: vec![CodeKeyData { certificate: der(label), scope: scope(label) }],
        nodes: Vec::new(),
        crls: whole.crls.clone(),
        ..whole
    }
}
