//! An invented world of keys, certificates and packs, the same at every run.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on fails; each target uses a part")]

pub mod cases;
pub mod world;

#[allow(unused_imports, reason = "pack tests need keys only")]
pub use cases::World as Snapshots;

/// RFC 9285, apart from the crate's own.
pub const BASE45: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Base45 decoding as the RFC says it.
pub fn base45_bytes(text: &str) -> Vec<u8> {
    let digits: Vec<usize> =
        text.bytes().map(|byte| BASE45.iter().position(|one| *one == byte).unwrap()).collect();
    let value = |group: &[usize]| group.iter().rev().fold(0, |sum, digit| sum * 45 + digit);
    let bytes = |group: &[usize]| value(group).to_be_bytes()[9 - group.len()..].to_vec();
    digits.chunks(3).flat_map(bytes).collect()
}

/// Base45 encoding as the RFC says it.
pub fn base45_text(bytes: &[u8]) -> String {
    let group = |pair: &[u8]| {
        let mut value = pair.iter().fold(0usize, |sum, byte| sum * 256 + usize::from(*byte));
        let mut out = String::new();
        for _ in 0..=pair.len() {
            out.push(char::from(BASE45[value % 45]));
            value /= 45;
        }
        out
    };
    bytes.chunks(2).map(group).collect()
}
