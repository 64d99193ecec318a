//! Trust data: what is refused on reading, and what an entry allows.

#![allow(clippy::unwrap_used)]

mod support;

use seal::{Scope, TrustError, TrustStore};
use support::World;

fn scope() -> Scope {
    Scope {
        issuers: vec!["I".to_owned()],
        areas: vec!["99".to_owned()],
        kinds: vec!["*".to_owned()],
        valid_from: "2026-01-01".to_owned(),
        valid_to: None,
    }
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

#[test]
fn a_scope_allows_what_it_names() {
    assert_eq!(scope().outside("I", "990100", "K", day("2026-01-01"), day("2026-01-01")), None);
}

#[test]
fn a_scope_refuses_what_it_does_not_name() {
    for (issuer, area, on) in
        [("J", "990100", "2026-01-01"), ("I", "980100", "2026-01-01"), ("I", "990100", "2025-12-31")]
    {
        assert!(scope().outside(issuer, area, "K", day(on), day(on)).is_some(), "{issuer} {area} {on}");
    }
}

#[test]
fn empty_lists_allow_nothing() {
    let today = day("2026-06-01");
    for empty in [
        Scope { issuers: vec![], ..scope() },
        Scope { areas: vec![], ..scope() },
        Scope { areas: vec![String::new()], ..scope() },
        Scope { kinds: vec![], ..scope() },
    ] {
        assert!(empty.outside("I", "990100", "K", today, today).is_some(), "{empty:?}");
    }
}

#[test]
fn an_unreadable_date_allows_nothing() {
    let today = day("2026-06-01");
    assert!(Scope { valid_from: "x".to_owned(), ..scope() }.outside("I", "99", "K", today, today).is_some());
    assert!(
        Scope { valid_to: Some("x".to_owned()), ..scope() }.outside("I", "99", "K", today, today).is_some()
    );
}

#[test]
fn a_missing_file_is_named() {
    let (index, files) = World::new().trust().files();
    let error = TrustStore::parse(&index, |name| files.get(name).filter(|_| name != "makers/0.cer").cloned());
    assert!(matches!(error, Err(TrustError::Missing(name)) if name == "makers/0.cer"));
}

#[test]
fn an_unknown_key_in_the_index_is_refused() {
    let (index, files) = World::new().trust().files();
    let error =
        TrustStore::parse(&format!("trust_everybody = true\n{index}"), |name| files.get(name).cloned());
    assert!(matches!(error, Err(TrustError::Index(_))));
}

#[test]
fn a_broken_certificate_is_named() {
    let (index, files) = World::new().trust().files();
    let error = TrustStore::parse(&index, |name| {
        if name == "roots/0.cer" { Some(vec![0x30]) } else { files.get(name).cloned() }
    });
    assert!(matches!(error, Err(TrustError::File { file, .. }) if file == "roots/0.cer"));
}

#[test]
fn nobody_is_trusted_by_empty_trust_data() {
    let world = World::new();
    let verdict = seal::Verifier::new(TrustStore::empty()).verify(&world.genuine().zip(), support::NOW);
    assert!(!verdict.verdict.is_valid());
}
