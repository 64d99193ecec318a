//! Signatures against the reference crate: the same bytes, and the same answers to valid and invalid ones.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

use gm::sm2::{PreparedKey, SecretKey, Signature, verify_digest};
use proptest::prelude::*;
use sm2::dsa::signature::hazmat::{PrehashSigner, PrehashVerifier};

const ID: &str = "1234567812345678";
const N: [u8; 32] = *b"\xFF\xFF\xFF\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\
    \x72\x03\xDF\x6B\x21\xC6\x05\x2B\x53\xBB\xF4\x09\x39\xD5\x41\x23";

/// The answers of the unknown-key path, the prepared key and the reference; `None` where no signature parses.
fn answers(key: &SecretKey, e: &[u8; 32], bytes: &[u8; 64]) -> [Option<bool>; 3] {
    let ours = Signature::from_bytes(bytes).ok();
    let unknown = ours.map(|signature| verify_digest(key.public_key(), e, &signature));
    let known = ours.map(|signature| PreparedKey::new(key.public_key()).verify_digest(e, &signature));
    let reference = sm2::dsa::VerifyingKey::from_sec1_bytes(ID, key.public_key().as_bytes()).unwrap();
    let theirs = sm2::dsa::Signature::from_bytes(&(*bytes).into()).ok();
    [unknown, known, theirs.map(|signature| reference.verify_prehash(e, &signature).is_ok())]
}

fn secret_key() -> impl Strategy<Value = SecretKey> {
    any::<[u8; 32]>().prop_filter_map("out of range", |bytes| SecretKey::from_bytes(&bytes).ok())
}

/// n less a small number.
fn below_order(by: u8) -> [u8; 32] {
    let mut bytes = N;
    bytes[31] -= by;
    bytes
}

fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[31] = number;
    bytes
}

proptest! {
    #[test]
    fn signatures_are_those_of_the_reference(key in secret_key(), e in any::<[u8; 32]>()) {
        let reference = sm2::dsa::SigningKey::from_slice(ID, key.to_bytes().as_slice()).unwrap();
        let wanted: sm2::dsa::Signature = reference.sign_prehash(&e).unwrap();
        let ours = key.sign_digest(&e).unwrap().to_bytes();
        prop_assert_eq!(ours, <[u8; 64]>::from(wanted.to_bytes()));
        prop_assert_eq!(answers(&key, &e, &ours), [Some(true); 3]);
    }

    #[test]
    fn changed_signatures_and_digests_are_refused(
        key in secret_key(), other in secret_key(), e in any::<[u8; 32]>(), bit in 0..512usize,
    ) {
        let mut bytes = key.sign_digest(&e).unwrap().to_bytes();
        let mut changed = e;
        changed[bit / 16] ^= 1 << (bit % 8);
        prop_assert_eq!(answers(&key, &changed, &bytes), [Some(false); 3]);
        prop_assert_eq!(answers(&other, &e, &bytes), [Some(false); 3]);
        let (r, s) = bytes.split_at(32);
        prop_assert_eq!(answers(&key, &e, &[s, r].concat().try_into().unwrap()), [Some(false); 3]);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = answers(&key, &e, &bytes);
        prop_assert!(flipped == [Some(false); 3] || flipped == [None; 3]);
    }
}

proptest! {
    // Each case is 49 signatures.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn numbers_at_the_edges_get_the_answer_of_the_reference(key in secret_key(), e in any::<[u8; 32]>()) {
        let numbers = [small(0), small(1), small(2), below_order(0), below_order(1), below_order(2), [0xFF; 32]];
        for (r, s) in numbers.iter().flat_map(|r| numbers.iter().map(move |s| (r, s))) {
            let [unknown, known, reference] = answers(&key, &e, &[*r, *s].concat().try_into().unwrap());
            prop_assert_eq!(unknown, reference);
            prop_assert_eq!(known, reference);
        }
    }
}

#[test]
fn keys_at_the_edges_sign_as_the_reference_does() {
    for number in [small(1), small(2), below_order(2), below_order(3), [0x80; 32], [0x7F; 32]] {
        let key = SecretKey::from_bytes(&number).unwrap();
        let reference = sm2::dsa::SigningKey::from_slice(ID, &number).unwrap();
        for e in [[0; 32], small(1), N, below_order(1), [0xFF; 32]] {
            let wanted: sm2::dsa::Signature = reference.sign_prehash(&e).unwrap();
            assert_eq!(key.sign_digest(&e).unwrap().to_bytes(), *wanted.to_bytes());
            assert_eq!(answers(&key, &e, &wanted.to_bytes().into()), [Some(true); 3]);
        }
    }
}

#[test]
fn keys_out_of_range_are_refused() {
    for number in [small(0), below_order(1), below_order(0), [0xFF; 32]] {
        assert!(SecretKey::from_bytes(&number).is_err());
    }
}

#[test]
fn a_prepared_key_verifies_messages() {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap();
    let prepared = PreparedKey::new(key.public_key());
    let signature = key.sign(b"M").unwrap();
    assert_eq!(prepared.public_key(), key.public_key());
    assert!(prepared.verify(b"M", &signature));
    assert!(!prepared.verify(b"N", &signature));
}
