//! What the targets share: a genuine package, and changes to it that the fuzzer's bytes describe.

#[path = "../../crates/seal/tests/support/mod.rs"]
mod support;

use std::sync::LazyLock;

pub use support::document::ANNOTS;
pub use support::layer::LIST;
pub use support::{Files, NOW, World};

pub static WORLD: LazyLock<World> = LazyLock::new(World::new);
pub static GENUINE: LazyLock<Files> = LazyLock::new(|| WORLD.genuine());
pub static VERIFIER: LazyLock<seal::Verifier> = LazyLock::new(|| WORLD.trust().verifier());

/// Applies changes of the form: file, place (two bytes), bytes taken, bytes put (length first).
pub fn changed(data: &[u8]) -> Files {
    let mut files = GENUINE.clone();
    let names: Vec<String> = files.iter().map(|(name, _)| name.to_owned()).collect();
    let mut rest = data;
    while let [file, high, low, taken, put, tail @ ..] = rest {
        let name = &names[usize::from(*file) % names.len()];
        let old = files.get(name);
        let at = usize::from(u16::from_be_bytes([*high, *low])) % (old.len() + 1);
        let end = (at + usize::from(*taken)).min(old.len());
        let put = usize::from(*put).min(tail.len());
        let new = [&old[..at], &tail[..put], &old[end..]].concat();
        files.set(name, &new);
        rest = &tail[put..];
    }
    files
}

/// A changed package, or the bytes as they are.
pub fn package(data: &[u8]) -> Vec<u8> {
    match data.split_first() {
        Some((first, rest)) if first % 4 != 0 => changed(rest).zip_stored(),
        _ => data.to_vec(),
    }
}

/// One change to some bytes.
pub fn spliced(original: &[u8], data: &[u8]) -> Vec<u8> {
    let [high, low, taken, put @ ..] = data else { return original.to_vec() };
    let at = usize::from(u16::from_be_bytes([*high, *low])) % (original.len() + 1);
    let end = (at + usize::from(*taken)).min(original.len());
    [&original[..at], put, &original[end..]].concat()
}
