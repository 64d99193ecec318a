//! Speed of this crate beside the reference crates on this machine, one line per figure:
//! `cargo run --release -p gm --example gm_speed`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // A measurement may stop loudly, and needs a clock.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit};
use gm::sm2::{PreparedKey, SecretKey, verify_digest};
use gm::sm3::{sm3, sm3_many};
use gm::sm4::Gcm;
use sm2::dsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use sm3::Digest;

/// Seconds for one run of `work`: the best of seven rounds of a tenth of a second.
fn seconds<R>(mut work: impl FnMut() -> R) -> f64 {
    let mut round = || {
        let (start, mut runs) = (Instant::now(), 0);
        while start.elapsed() < Duration::from_millis(100) {
            black_box(work());
            runs += 1;
        }
        start.elapsed().as_secs_f64() / f64::from(runs)
    };
    std::iter::repeat_with(&mut round).take(7).fold(f64::INFINITY, f64::min)
}

fn print_time(name: &str, ours: f64, reference: f64) {
    let (micros, ratio) = (ours * 1e6, reference / ours);
    println!("{name:<24} {micros:>7.1} µs    reference {:>7.1} µs    × {ratio:.1}", reference * 1e6);
}

fn print_rate(name: &str, bytes: usize, ours: f64, reference: f64) {
    let rate = |seconds: f64| bytes as f64 / seconds / 1e6;
    println!(
        "{name:<24} {:>7.0} MB/s  reference {:>7.0} MB/s  × {:.1}",
        rate(ours),
        rate(reference),
        reference / ours
    );
}

fn main() {
    signatures();
    digests();
    ciphers();
}

fn ciphers() {
    let (key, nonce) = ([7; 16], [9; 12]);
    let reference = aes_gcm::AesGcm::<sm4::Sm4, U12>::new(&key.into());
    for (name, len) in
        [("sm4 gcm seal 32 B", 32), ("sm4 gcm seal 4 KB", 1 << 12), ("sm4 gcm seal 100 KB", 100 << 10)]
    {
        let mut data = vec![5; len];
        let gcm = Gcm::new(&key);
        let by_reference = seconds(|| reference.encrypt(&nonce.into(), black_box(&data[..])).unwrap());
        print_rate(name, len, seconds(|| gcm.seal(&nonce, b"", black_box(&mut data))), by_reference);
    }
    let prepare = seconds(|| Gcm::new(black_box(&key))) * 1e6;
    println!("{:<24} {prepare:>7.1} µs", "sm4 Gcm::new");
}

fn signatures() {
    let (number, e) = ([7; 32], [9; 32]);
    let key = SecretKey::from_bytes(&number).unwrap();
    let signature = key.sign_digest(&e).unwrap();
    let prepared = PreparedKey::new(key.public_key());
    let reference = sm2::dsa::SigningKey::from_slice("1234567812345678", &number).unwrap();
    let reference_signature: sm2::dsa::Signature = reference.sign_prehash(&e).unwrap();

    let by_reference = seconds(|| -> sm2::dsa::Signature { reference.sign_prehash(black_box(&e)).unwrap() });
    print_time("sign_digest", seconds(|| key.sign_digest(black_box(&e)).unwrap()), by_reference);
    let by_reference =
        seconds(|| reference.verifying_key().verify_prehash(black_box(&e), &reference_signature));
    let unknown = seconds(|| verify_digest(key.public_key(), black_box(&e), &signature));
    print_time("verify_digest unknown", unknown, by_reference);
    print_time(
        "verify_digest known",
        seconds(|| prepared.verify_digest(black_box(&e), &signature)),
        by_reference,
    );
    let prepare = seconds(|| PreparedKey::new(key.public_key())) * 1e6;
    println!("{:<24} {prepare:>7.1} µs", "PreparedKey::new");
}

fn digests() {
    for (name, len) in [("sm3 1 KB", 1 << 10), ("sm3 32 KB", 1 << 15)] {
        let data = vec![5; len];
        let by_reference = seconds(|| sm3::Sm3::digest(black_box(&data)));
        print_rate(name, len, seconds(|| sm3(black_box(&data))), by_reference);
    }
    for (name, count, len) in [
        ("sm3_many 16 × 4 KB", 16, 1 << 12),
        ("sm3_many 8 × 4 KB", 8, 1 << 12),
        ("sm3_many 100 × 200 B", 100, 200),
    ] {
        many(name, &vec![vec![5; len]; count]);
    }
    // Lengths as in one certificate: a few large parts and many small ones.
    many("sm3_many 0.2…20 KB", &(1..=12).map(|i| vec![5; 140 * i * i]).collect::<Vec<_>>());
}

fn many(name: &str, messages: &[Vec<u8>]) {
    let bytes = messages.iter().map(Vec::len).sum();
    let one_by_one = || messages.iter().map(sm3::Sm3::digest).fold(0, |sum, digest| sum ^ digest[0]);
    let by_reference = seconds(|| black_box(one_by_one()));
    print_rate(name, bytes, seconds(|| sm3_many(black_box(messages))), by_reference);
}
