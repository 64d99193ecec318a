//! SM2 and SM3 alone, as the product uses them.

use std::hint::black_box;

use gm::sm2::SecretKey;

use crate::clock::rate;

/// Signatures, verifications (prepared key) per core-second, and SM3 in MB/s over one 32 KB message.
pub fn figures() -> (f64, f64, f64) {
    let mut counter = 7u8;
    let mut rng = |buffer: &mut [u8]| {
        buffer.iter_mut().for_each(|byte| {
            counter = counter.wrapping_mul(73).wrapping_add(41);
            *byte = counter;
        });
    };
    let key = SecretKey::generate(&mut rng);
    let mut digest = [3u8; 32];
    let mut step = || {
        digest[0] = digest[0].wrapping_add(1);
        digest
    };
    let sign = rate(1.0, || {
        // Any digest is a valid one.
        let _ = black_box(key.sign_digest(&step()));
    });
    let Ok(signature) = key.sign_digest(&[9; 32]) else { return (0.0, 0.0, 0.0) };
    let verify = rate(1.0, || {
        black_box(gm::sm2::verify_digest(key.public_key(), &[9; 32], &signature));
    });
    let block = vec![0x5Au8; 32 * 1024];
    let blocks = rate(1.0, || {
        black_box(gm::sm3::sm3(&block));
    });
    (sign, verify, blocks * block.len() as f64 / 1e6)
}
