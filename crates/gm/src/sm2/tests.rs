//! What only the inside can show: the example of GB/T 32918.5 with its own nonce, and agreement with the reference.

use sm2::dsa::signature::hazmat::PrehashSigner;

use super::*;

fn hex(text: &str) -> [u8; 32] {
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

const D: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
const K: &str = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";
const E: &str = "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640";
const R: &str = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3";
const S: &str = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";

#[test]
fn the_example_nonce_gives_the_example_signature() {
    let key = SecretKey::from_bytes(&hex(D)).unwrap();
    let signature = key.sign_with_nonce(&hex(E), &hex(K)).unwrap();
    assert_eq!(signature.to_bytes(), *[hex(R), hex(S)].concat());
}

#[test]
fn signatures_equal_those_of_the_reference_implementation() {
    let key = SecretKey::from_bytes(&hex(D)).unwrap();
    let reference = ::sm2::dsa::SigningKey::from_slice("1234567812345678", &hex(D)).unwrap();
    // The last digest is above n, so it is reduced on the way.
    for e in [hex(E), [0; 32], [1; 32], [0xFF; 32]] {
        let wanted: ::sm2::dsa::Signature = reference.sign_prehash(&e).unwrap();
        assert_eq!(key.sign_digest(&e).unwrap().to_bytes(), *wanted.to_bytes());
    }
}

#[test]
fn a_nonce_of_zero_or_above_the_order_is_refused() {
    let key = SecretKey::from_bytes(&hex(D)).unwrap();
    assert!(key.sign_with_nonce(&hex(E), &[0; 32]).is_none());
    assert!(key.sign_with_nonce(&hex(E), &[0xFF; 32]).is_none());
}
