//! A small certificate authority for the tests: fixed keys, fixed times.
#![allow(dead_code)] // Each test file is a crate of its own and uses a part of this.

use gm::sm2::SecretKey;
use gm::x509::{
    Certificate, CertificateProfile, Crl, CrlProfile, CrlReason, KeyUsage, Name, NameAttribute, RevokedEntry,
};
use gm::{KeyProvider, SigningKey, SoftwareKeys};

/// 2025-01-01 00:00:00 UTC.
pub const START: i64 = 1_735_689_600;
/// 2055-01-01 00:00:00 UTC: beyond the range of UTCTime.
pub const END: i64 = 2_682_374_400;
/// A moment within.
pub const NOW: i64 = 1_800_000_000;

pub const CA_USE: KeyUsage = KeyUsage(KeyUsage::KEY_CERT_SIGN.0 | KeyUsage::CRL_SIGN.0);
pub const SEAL_USE: KeyUsage = KeyUsage(KeyUsage::DIGITAL_SIGNATURE.0 | KeyUsage::NON_REPUDIATION.0);

pub fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32]).unwrap()
}

pub fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("k", secret(seed));
    keys.signing_key("k").unwrap()
}

pub fn name(common_name: &str) -> Name {
    use NameAttribute::{CommonName, Country, Organization, Province, Unit};
    let parts = [
        (Country, "CN"),
        (Province, "辽宁省"),
        (Organization, "示例省交通运输厅"),
        (Unit, "运政"),
        (CommonName, common_name),
    ];
    Name::new(&parts).unwrap()
}

/// A certificate of the key `seed`, named after it, to be issued by the CA named `issuer`.
pub fn profile(subject: &str, seed: u8, issuer: &str, is_ca: bool) -> CertificateProfile {
    CertificateProfile {
        subject: name(subject),
        issuer: name(issuer),
        serial: vec![0x80, seed],
        not_before: START,
        not_after: END,
        public_key: secret(seed).public_key().clone(),
        is_ca,
        path_len: None,
        key_usage: if is_ca { CA_USE } else { SEAL_USE },
        extra: Vec::new(),
    }
}

pub fn root() -> Certificate {
    profile("示例根", 1, "示例根", true).sign(key(1).as_ref()).unwrap()
}

pub fn intermediate() -> Certificate {
    profile("示例中级", 2, "示例根", true).sign(key(1).as_ref()).unwrap()
}

/// Issued by the root.
pub fn leaf() -> Certificate {
    profile("示例电子印章", 3, "示例根", false).sign(key(1).as_ref()).unwrap()
}

/// Issued by the intermediate.
pub fn deep_leaf() -> Certificate {
    profile("示例下级印章", 4, "示例中级", false).sign(key(2).as_ref()).unwrap()
}

pub fn crl() -> Crl {
    let entry = |serial: &[u8], reason| RevokedEntry { serial: serial.to_vec(), at: START + 60, reason };
    let entries = vec![
        entry(&[0x80, 3], CrlReason::KeyCompromise),
        entry(&[5], CrlReason::Unspecified),
        entry(&[1, 2, 3], CrlReason::CessationOfOperation),
    ];
    let profile = CrlProfile {
        issuer: name("示例根"),
        this_update: START,
        next_update: START + 86_400,
        number: 7,
        entries,
    };
    profile.sign(key(1).as_ref()).unwrap()
}
