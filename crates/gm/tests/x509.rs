//! Certificates and revocation lists.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use gm::der::{Reader, Tag, Writer};
use gm::x509::{Certificate, Crl, CrlReason, Extension, KeyUsage, Name, NameAttribute};
use gm::{GmError, oid};
use proptest::prelude::*;
use support::{END, START, crl, intermediate, key, leaf, name, profile, root, secret};

#[test]
fn a_certificate_says_what_its_profile_said() {
    let mut wanted = profile("示例中级", 2, "示例根", true);
    wanted.path_len = Some(0);
    let cert = wanted.sign(key(1).as_ref()).unwrap();
    assert_eq!((cert.subject(), cert.issuer()), (&wanted.subject, &wanted.issuer));
    assert_eq!(cert.serial(), [0x80, 2]);
    assert_eq!((cert.not_before(), cert.not_after()), (START, END));
    assert_eq!(cert.public_key(), &wanted.public_key);
    assert_eq!((cert.is_ca(), cert.path_len(), cert.key_usage()), (true, Some(0), Some(support::CA_USE)));
    assert_eq!(cert.authority_key_id(), root().subject_key_id());
}

#[test]
fn names_read_back_as_text() {
    let cert = leaf();
    assert_eq!(cert.subject().to_string(), "C=CN, ST=辽宁省, O=示例省交通运输厅, OU=运政, CN=示例电子印章");
    assert_eq!(cert.subject().common_name(), Some("示例电子印章"));
    assert_eq!(cert.issuer().get(NameAttribute::Organization), Some("示例省交通运输厅"));
}

#[test]
fn names_outside_their_rules_are_refused() {
    for (attribute, value) in [
        (NameAttribute::Country, "China"),
        (NameAttribute::Country, "cn"),
        (NameAttribute::CommonName, ""),
        (NameAttribute::SerialNumber, "证"),
    ] {
        assert!(matches!(Name::new(&[(attribute, value)]), Err(GmError::Encode { .. })), "{value}");
    }
}

#[test]
fn the_signature_algorithm_has_no_parameters() {
    let cert = leaf();
    let mut outer = Reader::new(cert.as_der()).sequence().unwrap();
    outer.raw_tlv().unwrap();
    assert_eq!(outer.raw_tlv().unwrap(), b"\x30\x0a\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75");
}

#[test]
fn signing_twice_gives_the_same_certificate() {
    assert_eq!(leaf().as_der(), leaf().as_der());
}

#[test]
fn the_signature_is_the_issuers_only() {
    assert!(leaf().verify_signed_by(root().public_key()));
    assert!(!leaf().verify_signed_by(intermediate().public_key()));
}

#[test]
fn no_flipped_bit_survives() {
    let der = leaf().as_der().to_vec();
    for place in 0..der.len() {
        let mut broken = der.clone();
        broken[place] ^= 1;
        let accepted =
            Certificate::from_der(&broken).is_ok_and(|cert| cert.verify_signed_by(root().public_key()));
        assert!(!accepted, "byte {place}");
    }
}

#[test]
fn trailing_and_missing_bytes_are_refused() {
    let der = leaf().as_der().to_vec();
    assert!(Certificate::from_der(&[der.as_slice(), &[0]].concat()).is_err());
    for len in 0..der.len() {
        assert!(Certificate::from_der(&der[..len]).is_err());
    }
}

fn with_extra(critical: bool) -> Result<Certificate, GmError> {
    let mut wanted = profile("示例电子印章", 3, "示例根", false);
    wanted.extra.push(Extension { oid: oid::EXTENDED_KEY_USAGE, critical, value: vec![0x30, 0x00] });
    wanted.sign(key(1).as_ref())
}

#[test]
fn unknown_critical_extensions_are_refused_and_others_kept() {
    assert!(matches!(with_extra(true), Err(GmError::CriticalExtension { .. })));
    assert_eq!(with_extra(false).unwrap().extension(&oid::EXTENDED_KEY_USAGE), Some(&[0x30, 0x00][..]));
}

#[test]
fn an_extension_given_twice_is_refused() {
    let mut wanted = profile("示例电子印章", 3, "示例根", false);
    wanted.extra.push(Extension { oid: oid::KEY_USAGE, critical: false, value: vec![3, 2, 6, 0xC0] });
    assert!(matches!(wanted.sign(key(1).as_ref()), Err(GmError::Der { .. })));
}

#[test]
fn contradictory_profiles_are_refused() {
    let good = profile("示例", 3, "示例根", false);
    let ca_without_use = {
        let mut p = good.clone();
        p.is_ca = true;
        p
    };
    let use_without_ca = {
        let mut p = good.clone();
        p.key_usage = KeyUsage::KEY_CERT_SIGN;
        p
    };
    let limit_without_ca = {
        let mut p = good.clone();
        p.path_len = Some(1);
        p
    };
    let no_use = {
        let mut p = good.clone();
        p.key_usage = KeyUsage::NONE;
        p
    };
    let zero_serial = {
        let mut p = good.clone();
        p.serial = vec![0, 0];
        p
    };
    let long_serial = {
        let mut p = good.clone();
        p.serial = vec![1; 21];
        p
    };
    let backwards = {
        let mut p = good.clone();
        p.not_after = START - 1;
        p
    };
    for bad in [ca_without_use, use_without_ca, limit_without_ca, no_use, zero_serial, long_serial, backwards]
    {
        assert!(matches!(bad.sign(key(1).as_ref()), Err(GmError::Profile { .. })), "{bad:?}");
    }
}

/// A certificate whose TBS has the algorithm OID given, with a signature of the right form.
#[test]
fn other_signature_algorithms_are_named() {
    let der = leaf().as_der().to_vec();
    let sm2_oid = oid::SM2_WITH_SM3.content();
    let place = der.windows(8).rposition(|w| w == sm2_oid).unwrap() + 7;
    let mut other = der;
    other[place] = 0x76;
    let error = Certificate::from_der(&other).unwrap_err();
    assert_eq!(error, GmError::Algorithm { item: "证书", oid: "1.2.156.10197.1.502".into() });
}

#[test]
fn a_list_finds_what_it_revoked() {
    let crl = crl();
    let entry = crl.find(leaf().serial()).unwrap();
    assert_eq!((entry.at, entry.reason), (START + 60, CrlReason::KeyCompromise));
    assert_eq!(crl.find(&[5]).unwrap().reason, CrlReason::Unspecified);
    assert_eq!(crl.find(intermediate().serial()), None);
    assert_eq!((crl.number(), crl.entries().len()), (Some(&[7][..]), 3));
}

#[test]
fn a_list_verifies_only_under_its_issuer() {
    assert_eq!(crl().verify(&root()), Ok(()));
    assert!(matches!(crl().verify(&intermediate()), Err(GmError::CrlIssuer { .. })));
    // Same name, another key and therefore another key identifier.
    let impostor = profile("示例根", 9, "示例根", true).sign(key(9).as_ref()).unwrap();
    assert!(matches!(crl().verify(&impostor), Err(GmError::CrlIssuer { .. })));
}

#[test]
fn a_list_needs_the_right_to_sign_lists() {
    let mut wanted = profile("示例根", 1, "示例根", true);
    wanted.key_usage = KeyUsage::KEY_CERT_SIGN;
    let issuer = wanted.sign(key(1).as_ref()).unwrap();
    assert!(matches!(crl().verify(&issuer), Err(GmError::Profile { .. })));
}

#[test]
fn no_flipped_bit_of_a_list_survives() {
    let der = crl().as_der().to_vec();
    for place in 0..der.len() {
        let mut broken = der.clone();
        broken[place] ^= 1;
        assert!(Crl::from_der(&broken).and_then(|crl| crl.verify(&root())).is_err(), "byte {place}");
    }
}

#[test]
fn a_list_is_fresh_between_its_updates_only() {
    let crl = crl();
    assert_eq!(crl.check_fresh(START), Ok(()));
    assert_eq!(crl.check_fresh(START + 86_400), Ok(()));
    assert!(crl.check_fresh(START - 1).is_err());
    assert_eq!(
        crl.check_fresh(START + 86_401).unwrap_err().to_string(),
        "“示例根”的吊销列表在 2025-01-02 00:00:01 UTC 不可用：有效期为 2025-01-01 00:00:00 UTC 至 \
         2025-01-02 00:00:00 UTC。请下载最新的吊销列表。"
    );
}

#[test]
fn an_empty_list_is_valid() {
    let profile = gm::x509::CrlProfile {
        issuer: name("示例根"),
        this_update: START,
        next_update: END,
        number: 1,
        entries: Vec::new(),
    };
    assert_eq!(profile.sign(key(1).as_ref()).unwrap().verify(&root()), Ok(()));
}

#[test]
fn a_serial_listed_twice_is_refused() {
    let entry = crl().entries()[0].clone();
    let profile = gm::x509::CrlProfile {
        issuer: name("示例根"),
        this_update: START,
        next_update: END,
        number: 1,
        entries: vec![entry.clone(), entry],
    };
    assert!(matches!(profile.sign(key(1).as_ref()), Err(GmError::Profile { .. })));
}

/// Replaces one byte run of the TBS and signs again, so that only the rule under test can refuse it.
fn resigned(edit: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<Certificate, GmError> {
    let tbs = edit(leaf().tbs().to_vec());
    let signature = secret(1).sign(&tbs).unwrap();
    let mut writer = Writer::new();
    writer.sequence(|w| {
        w.raw(&tbs);
        w.sequence(|w| w.oid(&oid::SM2_WITH_SM3));
        w.tlv(Tag::BIT_STRING, &[&[0], signature.to_der().as_slice()].concat());
    });
    Certificate::from_der(&writer.finish().unwrap())
}

#[test]
fn version_1_is_refused() {
    assert!(resigned(|tbs| tbs).is_ok());
    let version_1 = resigned(|mut tbs| {
        let place = tbs.windows(5).position(|w| w == [0xA0, 3, 2, 1, 2]).unwrap();
        tbs[place + 4] = 0;
        tbs
    });
    assert!(matches!(version_1, Err(GmError::Profile { .. })));
}

proptest! {
    #[test]
    fn arbitrary_changes_never_panic(place in 0usize..600, byte: u8, len in 0usize..700) {
        for mut der in [leaf().as_der().to_vec(), crl().as_der().to_vec()] {
            if let Some(target) = der.get_mut(place) {
                *target = byte;
            }
            der.truncate(len);
            let _ = (Certificate::from_der(&der), Crl::from_der(&der));
        }
    }
}
