//! Paths to a root, and every way they fail.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use gm::x509::{Certificate, CertificateProfile, ChainError, ChainStore, KeyUsage, verify_chain};
use support::{END, NOW, SEAL_USE, START, deep_leaf, intermediate, key, leaf, profile, root};

fn store(intermediates: Vec<Certificate>) -> ChainStore {
    ChainStore { roots: vec![root()], intermediates }
}

fn check(leaf: &Certificate, store: &ChainStore) -> Result<usize, ChainError> {
    verify_chain(leaf, store, NOW, SEAL_USE).map(|path| path.len())
}

/// The intermediate, changed.
fn intermediate_with(change: impl FnOnce(&mut CertificateProfile)) -> Certificate {
    let mut wanted = profile("示例中级", 2, "示例根", true);
    change(&mut wanted);
    wanted.sign(key(1).as_ref()).unwrap()
}

#[test]
fn a_path_runs_from_leaf_to_root() {
    let (leaf, store) = (deep_leaf(), store(vec![leaf(), intermediate()]));
    let path = verify_chain(&leaf, &store, NOW, SEAL_USE).unwrap();
    let names: Vec<_> = path.iter().map(|cert| cert.subject().short_text()).collect();
    assert_eq!(names, ["示例下级印章", "示例中级", "示例根"]);
}

#[test]
fn a_leaf_of_the_root_needs_no_intermediate() {
    assert_eq!(check(&leaf(), &store(vec![])), Ok(2));
}

#[test]
fn a_trusted_certificate_is_its_own_path() {
    assert_eq!(verify_chain(&root(), &store(vec![]), NOW, KeyUsage::CRL_SIGN).map(|path| path.len()), Ok(1));
}

#[test]
fn a_missing_issuer_is_named() {
    let wanted =
        ChainError::NoPathToRoot { subject: "示例下级印章".into(), issuer: "示例中级".into() };
    assert_eq!(check(&deep_leaf(), &store(vec![])), Err(wanted));
}

#[test]
fn an_unknown_root_is_named() {
    let other = profile("别的根", 8, "别的根", true).sign(key(8).as_ref()).unwrap();
    let store = ChainStore { roots: vec![other], intermediates: vec![intermediate(), root()] };
    let wanted = ChainError::NoPathToRoot { subject: "示例根".into(), issuer: "示例根".into() };
    assert_eq!(check(&deep_leaf(), &store), Err(wanted));
}

#[test]
fn a_false_signature_is_found() {
    // Names and key identifiers fit, but another key signed.
    let mut der = leaf().as_der().to_vec();
    let place = der.len() - 1;
    der[place] ^= 1;
    let forged = Certificate::from_der(&der).unwrap();
    let wanted =
        ChainError::BadSignature { subject: "示例电子印章".into(), issuer: "示例根".into() };
    assert_eq!(check(&forged, &store(vec![])), Err(wanted));
}

#[test]
fn validity_has_two_ends() {
    let (leaf, store) = (leaf(), store(vec![]));
    let at = |time| verify_chain(&leaf, &store, time, SEAL_USE).map(|path| path.len());
    let which = || "示例电子印章".to_owned();
    assert_eq!(at(START), Ok(2));
    assert_eq!(at(END), Ok(2));
    assert_eq!(at(START - 1), Err(ChainError::NotYetValid { which: which(), not_before: START }));
    assert_eq!(at(END + 1), Err(ChainError::Expired { which: which(), not_after: END }));
}

#[test]
fn an_expired_intermediate_is_named() {
    let expired = intermediate_with(|wanted| wanted.not_after = NOW - 1);
    let error = check(&deep_leaf(), &store(vec![expired])).unwrap_err();
    assert_eq!(error, ChainError::Expired { which: "示例中级".into(), not_after: NOW - 1 });
    assert_eq!(error.to_string(), "证书“示例中级”已于 2027-01-15 07:59:59 UTC 过期。请换用有效证书。");
}

#[test]
fn an_expired_twin_does_not_hide_the_good_one() {
    let expired = intermediate_with(|wanted| wanted.not_after = NOW - 1);
    assert_eq!(check(&deep_leaf(), &store(vec![expired, intermediate()])), Ok(3));
}

#[test]
fn an_issuer_that_is_no_ca_is_found() {
    let plain = intermediate_with(|wanted| (wanted.is_ca, wanted.key_usage) = (false, SEAL_USE));
    assert_eq!(
        check(&deep_leaf(), &store(vec![plain])),
        Err(ChainError::NotCa { subject: "示例中级".into() })
    );
}

#[test]
fn a_lacking_usage_is_named_in_words() {
    let login = {
        let mut wanted = profile("示例登录", 3, "示例根", false);
        wanted.key_usage = KeyUsage::DIGITAL_SIGNATURE;
        wanted.sign(key(1).as_ref()).unwrap()
    };
    let wanted = ChainError::KeyUsage { subject: "示例登录".into(), missing: "抗抵赖".into() };
    assert_eq!(check(&login, &store(vec![])), Err(wanted));
}

#[test]
fn the_path_length_counts_cas_below() {
    let limited_root = |path_len| {
        let mut wanted = profile("示例根", 1, "示例根", true);
        wanted.path_len = Some(path_len);
        let roots = vec![wanted.sign(key(1).as_ref()).unwrap()];
        ChainStore { roots, intermediates: vec![intermediate()] }
    };
    assert_eq!(check(&deep_leaf(), &limited_root(1)), Ok(3));
    let wanted = ChainError::PathLen { subject: "示例根".into(), allowed: 0, found: 1 };
    assert_eq!(check(&deep_leaf(), &limited_root(0)), Err(wanted));
}

#[test]
fn a_ring_of_issuers_ends() {
    // Two CAs that certify each other, without a root.
    let one = profile("甲", 5, "乙", true).sign(key(6).as_ref()).unwrap();
    let two = profile("乙", 6, "甲", true).sign(key(5).as_ref()).unwrap();
    let leaf = profile("印章", 7, "甲", false).sign(key(5).as_ref()).unwrap();
    let store = ChainStore { roots: vec![], intermediates: vec![one, two] };
    assert!(matches!(check(&leaf, &store), Err(ChainError::NoPathToRoot { .. })));
}

#[test]
fn a_crowd_of_twins_is_not_searched_without_end() {
    // Forty CAs of the same name and key in one mesh would give more paths than could ever be walked.
    let mesh = (1..=40).map(|serial| {
        let mut wanted = profile("甲", 5, "甲", true);
        wanted.serial = vec![serial];
        wanted.sign(key(5).as_ref()).unwrap()
    });
    let store = ChainStore { roots: vec![root()], intermediates: mesh.collect() };
    let leaf = profile("印章", 7, "甲", false).sign(key(5).as_ref()).unwrap();
    assert!(matches!(check(&leaf, &store), Err(ChainError::NoPathToRoot { .. })));
}
