//! Private key files and the key provider.

use gm::pkcs8::{Prf, Protection, decrypt, decrypt_pem, encrypt, encrypt_pem};
use gm::sm2::{PublicKey, SecretKey, verify};
use gm::{GmError, KeyProvider, SoftwareKeys, sign_message};

/// A random source that counts, so that every run is the same.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut next = 1u8;
    move |out: &mut [u8]| {
        for byte in out {
            *byte = next;
            next = next.wrapping_add(1);
        }
    }
}

const QUICK: Protection = Protection { prf: Prf::HmacSm3, iterations: 10 };

#[test]
fn encrypted_keys_open_with_both_functions() {
    let key = SecretKey::generate(&mut counting());
    for prf in [Prf::HmacSm3, Prf::HmacSha256] {
        let text = encrypt_pem(&key, "口令", Protection { prf, iterations: 10 }, &mut counting()).unwrap();
        assert_eq!(*decrypt_pem(&text, "口令").unwrap().to_bytes(), *key.to_bytes());
    }
}

#[test]
fn a_wrong_passphrase_is_named_as_such() {
    let der = encrypt(&SecretKey::generate(&mut counting()), "right", QUICK, &mut counting()).unwrap();
    // Enough tries to meet a padding that is right by chance.
    for attempt in 0..600 {
        assert_eq!(decrypt(&der, &attempt.to_string()).err(), Some(GmError::WrongPassphrase));
    }
}

#[test]
fn broken_files_never_panic() {
    let der = encrypt(&SecretKey::generate(&mut counting()), "right", QUICK, &mut counting()).unwrap();
    for place in 0..der.len() {
        assert!(decrypt(&der[..place], "right").is_err(), "cut at {place}");
        let mut broken = der.clone();
        broken[place] ^= 0x10;
        // A flipped bit in the public half of the plaintext is caught too, so nothing opens.
        assert!(decrypt(&broken, "right").is_err(), "flipped at {place}");
    }
}

#[test]
fn absurd_iterations_are_refused_both_ways() {
    let key = SecretKey::generate(&mut counting());
    let none = Protection { iterations: 0, ..QUICK };
    assert!(matches!(encrypt(&key, "x", none, &mut counting()), Err(GmError::Encode { .. })));
    let der = encrypt(&key, "x", QUICK, &mut counting()).unwrap();
    // INTEGER 10 becomes a negative or a zero number.
    let place = der.windows(3).position(|w| w == [2, 1, 10]).unwrap() + 2;
    let mut zero = der;
    zero[place] = 0;
    assert!(matches!(decrypt(&zero, "x"), Err(GmError::UnsupportedProtection { .. })));
}

#[test]
fn provider_gives_keys_by_label() {
    let key = SecretKey::generate(&mut counting());
    let public_key = key.public_key().clone();
    let mut keys = SoftwareKeys::new();
    keys.insert("省厅签章", key);
    let signer = keys.signing_key("省厅签章").unwrap();
    let signature = sign_message(signer.as_ref(), b"M").unwrap();
    assert_eq!(signer.label(), "省厅签章");
    assert!(verify(&public_key, b"M", &signature));
}

#[test]
fn provider_names_the_label_it_lacks() {
    let error = SoftwareKeys::new().signing_key("无").err().unwrap();
    assert_eq!(error.to_string(), "找不到密钥“无”。请检查密钥标签，或先导入该密钥。");
}

#[test]
fn a_compressed_key_reads_back_and_only_in_its_one_form() {
    let (mut odd, mut even) = (0, 0);
    let mut rng = counting();
    for _ in 0..40 {
        let key = SecretKey::generate(&mut rng).public_key().clone();
        let bytes = key.to_compressed();
        assert_eq!(PublicKey::from_compressed(&bytes), Ok(key.clone()));
        if bytes[0] == 3 {
            odd += 1
        } else {
            even += 1
        }
        // The other sign is another key; another first byte is none.
        let mut other = bytes;
        other[0] ^= 1;
        assert_ne!(PublicKey::from_compressed(&other), Ok(key));
        other[0] = 4;
        assert!(PublicKey::from_compressed(&other).is_err());
    }
    assert!(odd > 0 && even > 0, "{odd} {even}");
}

#[test]
fn half_of_all_numbers_are_the_x_of_no_point() {
    let points = (0u8..=255).filter(|last| {
        let mut bytes = [7; 33];
        bytes[0] = 2;
        bytes[32] = *last;
        PublicKey::from_compressed(&bytes).is_ok()
    });
    let points = points.count();
    assert!((90..=166).contains(&points), "{points}");
    let mut too_large = [0xFF; 33];
    too_large[0] = 2;
    assert!(PublicKey::from_compressed(&too_large).is_err());
}
