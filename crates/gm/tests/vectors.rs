//! Published vectors of the national algorithms.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

use gm::sm2::{PublicKey, SecretKey, Signature, digest, verify, verify_digest, za};
use gm::sm3::{Sm3, hmac_sm3, sm3};
use gm::sm4;

fn hex(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// Key pair, ZA, e and signature of the example in GB/T 32918.5-2017 annex A.2 (message "message digest").
const D: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
const P: &str = "04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
                 CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
const ZA: &str = "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3";
const E: &str = "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640";
const RS: &str = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
                  B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";

fn example_key() -> SecretKey {
    SecretKey::from_bytes(&hex(D).try_into().unwrap()).unwrap()
}

fn example_signature() -> Signature {
    Signature::from_bytes(&hex(RS).try_into().unwrap()).unwrap()
}

#[test]
fn gbt_32918_5_secret_gives_public_key() {
    assert_eq!(example_key().public_key().as_bytes(), hex(P).as_slice());
}

#[test]
fn gbt_32918_5_za_and_e() {
    let key = PublicKey::from_bytes(&hex(P)).unwrap();
    assert_eq!(za(&key).as_slice(), hex(ZA));
    assert_eq!(digest(&key, b"message digest").as_slice(), hex(E));
}

#[test]
fn gbt_32918_5_signature_verifies() {
    let key = PublicKey::from_bytes(&hex(P)).unwrap();
    assert!(verify(&key, b"message digest", &example_signature()));
}

#[test]
fn every_flipped_bit_of_the_example_signature_is_refused() {
    let key = PublicKey::from_bytes(&hex(P)).unwrap();
    let e: [u8; 32] = hex(E).try_into().unwrap();
    for bit in 0..512 {
        let mut bytes = example_signature().to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let accepted =
            Signature::from_bytes(&bytes).is_ok_and(|signature| verify_digest(&key, &e, &signature));
        assert!(!accepted, "bit {bit}");
    }
}

#[test]
fn same_key_and_digest_give_the_same_bytes() {
    let key = example_key();
    assert_eq!(key.sign(b"a").unwrap(), key.sign(b"a").unwrap());
    assert_ne!(key.sign(b"a").unwrap(), key.sign(b"b").unwrap());
}

#[test]
fn own_signature_verifies_only_for_its_message() {
    let key = example_key();
    let signature = key.sign("道路运输证".as_bytes()).unwrap();
    assert!(verify(key.public_key(), "道路运输证".as_bytes(), &signature));
    assert!(!verify(key.public_key(), "道路运输证。".as_bytes(), &signature));
}

#[test]
fn key_id_is_the_head_of_the_digest() {
    let key = PublicKey::from_bytes(&hex(P)).unwrap();
    assert_eq!(key.key_id(), sm3(&hex(P))[..8]);
}

#[test]
fn points_off_the_curve_and_other_forms_are_refused() {
    let good = hex(P);
    let mut off_curve = good.clone();
    off_curve[64] ^= 1;
    let mut hybrid = good.clone();
    hybrid[0] = 0x07;
    let mut compressed = good[..33].to_vec();
    compressed[0] = 0x03;
    let mut above_prime = vec![0xFF; 65];
    above_prime[0] = 0x04;
    for bad in [off_curve, hybrid, compressed, above_prime, vec![0], vec![0; 65], vec![]] {
        assert!(PublicKey::from_bytes(&bad).is_err(), "{bad:02x?}");
    }
}

#[test]
fn secret_keys_out_of_range_are_refused() {
    let order = hex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
    let minus = |n: u8| -> [u8; 32] {
        let mut value: [u8; 32] = order.clone().try_into().unwrap();
        value[31] -= n;
        value
    };
    assert!(SecretKey::from_bytes(&[0; 32]).is_err());
    assert!(SecretKey::from_bytes(&minus(0)).is_err());
    assert!(SecretKey::from_bytes(&minus(1)).is_err());
    assert!(SecretKey::from_bytes(&minus(2)).is_ok());
}

#[test]
fn generating_skips_numbers_out_of_range() {
    let mut calls = 0u8;
    let key = SecretKey::generate(&mut |out: &mut [u8]| {
        out.fill(if calls == 0 { 0xFF } else { 0x11 });
        calls += 1;
    });
    assert_eq!(*key.to_bytes(), [0x11; 32]);
}

#[test]
fn debug_does_not_print_the_secret() {
    let text = format!("{:?}", SecretKey::from_bytes(&[0x11; 32]).unwrap());
    assert!(!text.contains("17, 17") && !text.contains("1111"), "{text}");
}

#[test]
fn signature_der_round_trips() {
    let signature = example_signature();
    assert_eq!(Signature::from_der(&signature.to_der()).unwrap(), signature);
}

#[test]
fn signature_der_liberties_are_refused() {
    // SEQUENCE { INTEGER 1, INTEGER 1 } is the smallest valid form.
    assert!(Signature::from_der(&hex("3006 020101 020101")).is_ok());
    let order = "022100FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
    for bad in [
        "3006 020100 020101",            // r = 0
        "3006 0201FF 020101",            // r negative
        "3007 02020001 020101",          // padded integer
        "308106 020101 020101",          // long length form
        "3080 020101 020101 0000",       // indefinite length
        "3006 020101 020101 00",         // trailing byte
        "3009 020101 020101 020101",     // third integer
        "3003 020101",                   // one integer
        &format!("3026 {order} 020101"), // r = n
        &format!("3026 020101 {order}"), // s = n
    ] {
        assert!(Signature::from_der(&hex(bad)).is_err(), "{bad}");
    }
}

#[test]
fn gbt_32905_digests() {
    let abc = hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    let long = hex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    assert_eq!(sm3(b"abc").as_slice(), abc);
    assert_eq!(sm3(&b"abcd".repeat(16)).as_slice(), long);
}

#[test]
fn a_cloned_midstate_continues_on_its_own() {
    let mut prefix = Sm3::new();
    prefix.update(b"ab");
    assert_eq!(prefix.clone().chain(b"c").finish(), sm3(b"abc"));
    assert_eq!(prefix.chain(b"d").finish(), sm3(b"abd"));
}

/// GM/T 0042-2015 annex D.3.
#[test]
fn gmt_0042_hmac() {
    let text = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
    let cases: [(Vec<u8>, Vec<u8>, &str); 4] = [
        ((1..=32).collect(), text, "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"),
        (
            (1..=37).collect(),
            vec![0xCD; 50],
            "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
        ),
        (
            vec![0x0B; 32],
            b"Hi There".to_vec(),
            "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
        ),
    ];
    for (key, data, mac) in cases {
        assert_eq!(hmac_sm3(&key, &data).as_slice(), hex(mac));
    }
}

const SM4_KEY: &str = "0123456789abcdeffedcba9876543210";

#[test]
fn gbt_32907_one_block() {
    let key: [u8; 16] = hex(SM4_KEY).try_into().unwrap();
    assert_eq!(sm4::encrypt_block(&key, key).as_slice(), hex("681edf34d206965e86b3e94f536e4246"));
}

/// The second example of GB/T 32907 (a million rounds), in blocks of one CBC chain: with P₁ = IV ⊕ M and all further
/// plaintext blocks zero, block n is the cipher applied n times to M.
#[test]
fn gbt_32907_a_million_rounds() {
    let key: [u8; 16] = hex(SM4_KEY).try_into().unwrap();
    let chain = sm4::cbc_encrypt(&key, &key, &vec![0; 16_000_000]);
    assert_eq!(chain[16 * 999_999..16 * 1_000_000], hex("595298c7c6fd271f0402f804c33d3f66"));
}

#[test]
fn sm4_cbc_round_trips_at_every_padding() {
    let (key, iv) = ([7; 16], [9; 16]);
    for len in 0..50 {
        let plain: Vec<u8> = (0..len).collect();
        let cipher = sm4::cbc_encrypt(&key, &iv, &plain);
        assert_eq!(cipher.len(), (plain.len() / 16 + 1) * 16);
        assert_eq!(sm4::cbc_decrypt(&key, &iv, &cipher).unwrap(), plain);
    }
}

#[test]
fn sm4_cbc_faults_all_give_the_same_error() {
    let (key, iv) = ([7; 16], [9; 16]);
    let cipher = sm4::cbc_encrypt(&key, &iv, b"0123456789");
    let mut broken_padding = iv;
    // Turns the last plaintext byte from 6 into 0, which no padding has.
    broken_padding[15] ^= 6;
    for result in [
        sm4::cbc_decrypt(&key, &iv, &[]),
        sm4::cbc_decrypt(&key, &iv, &cipher[..15]),
        sm4::cbc_decrypt(&key, &broken_padding, &cipher),
    ] {
        assert_eq!(result, Err(gm::GmError::Decrypt));
    }
}
