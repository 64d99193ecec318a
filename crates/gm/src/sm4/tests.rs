//! Every way of GCM against the generic GCM of the crate `aes-gcm` over the crate `sm4`.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use proptest::prelude::*;

use super::portable::Portable;
use super::*;
use crate::GmError;

/// Ciphertext and tag, one after the other.
fn reference(key: &[u8; 16], nonce: &[u8; 12], extra: &[u8], data: &[u8]) -> Vec<u8> {
    let gcm = aes_gcm::AesGcm::<::sm4::Sm4, U12>::new(&(*key).into());
    gcm.encrypt(&(*nonce).into(), Payload { msg: data, aad: extra }).unwrap()
}

fn sealed(gcm: &Gcm, nonce: &[u8; 12], extra: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = data.to_vec();
    let tag = gcm.seal(nonce, extra, &mut out);
    out.extend_from_slice(&tag);
    out
}

/// Every way that this processor has, by name.
fn ways(key: &[u8; 16]) -> Vec<(&'static str, Gcm)> {
    let mut ways = vec![("portable", Gcm::with(Box::new(Portable::new(key)))), ("chosen", Gcm::new(key))];
    #[cfg(target_arch = "x86_64")]
    {
        use super::key::Fast;
        ways.extend(simd::Avx512::detect().map(|v| ("avx512", Gcm::with(Fast::new(v, key)))));
        ways.extend(simd::AesNi::detect().map(|v| ("aes-ni", Gcm::with(Fast::new(v, key)))));
    }
    ways
}

fn counting(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + len) as u8).collect()
}

#[test]
fn every_way_agrees_at_every_length_up_to_2200() {
    let (key, nonce) = ([0x3C; 16], [0xA5; 12]);
    let ways = ways(&key);
    for len in 0..2200 {
        let (data, extra) = (counting(len), counting(len % 70));
        let wanted = reference(&key, &nonce, &extra, &data);
        for (name, gcm) in &ways {
            assert_eq!(sealed(gcm, &nonce, &extra, &data), wanted, "{name}, {len} bytes");
        }
    }
}

/// RFC 8998 appendix A.1.
#[test]
fn the_vector_of_rfc_8998() {
    let key = 0x0123456789ABCDEFFEDCBA9876543210u128.to_be_bytes();
    let nonce = [0, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0xAB, 0xCD];
    let extra: Vec<u8> = [[0xFE, 0xED, 0xFA, 0xCE, 0xDE, 0xAD, 0xBE, 0xEF]; 2]
        .concat()
        .into_iter()
        .chain([0xAB, 0xAD, 0xDA, 0xD2])
        .collect();
    let plain: Vec<u8> =
        [0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA].iter().flat_map(|&b| [b; 8]).collect();
    let wanted = "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
                  d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
                  83de3541e4c2b58177e065a9bf7b62ec";
    for (name, gcm) in ways(&key) {
        let got: String = sealed(&gcm, &nonce, &extra, &plain).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(got, wanted, "{name}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_refused_and_leaves_the_data_alone() {
    for (name, gcm) in ways(&[7; 16]) {
        let mut data = counting(40);
        let tag = gcm.seal(&[1; 12], b"extra", &mut data);
        for bit in 0..320 {
            let mut bad = data.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let before = bad.clone();
            assert_eq!(gcm.open(&[1; 12], b"extra", &mut bad, &tag), Err(GmError::Authentication), "{name}");
            assert_eq!(bad, before, "{name}");
        }
        for bit in 0..128 {
            let mut bad = tag;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(gcm.open(&[1; 12], b"extra", &mut data, &bad).is_err(), "{name}");
        }
        assert!(gcm.open(&[1; 12], b"Extra", &mut data, &tag).is_err(), "{name}");
        assert!(gcm.open(&[2; 12], b"extra", &mut data, &tag).is_err(), "{name}");
        assert_eq!(gcm.open(&[1; 12], b"extra", &mut data, &tag), Ok(()), "{name}");
        assert_eq!(data, counting(40), "{name}");
    }
}

proptest! {
    #[test]
    fn every_way_agrees_on_random_messages(
        key in any::<[u8; 16]>(), nonce in any::<[u8; 12]>(),
        extra in prop::collection::vec(any::<u8>(), 0..200),
        data in prop::collection::vec(any::<u8>(), 0..9000),
    ) {
        let wanted = reference(&key, &nonce, &extra, &data);
        for (name, gcm) in ways(&key) {
            prop_assert_eq!(&sealed(&gcm, &nonce, &extra, &data), &wanted, "{}", name);
        }
    }
}
