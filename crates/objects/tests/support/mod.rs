//! Objects and stores for tests.
#![allow(dead_code)] // Each test binary uses its part.

use std::sync::Arc;

use gm::sm3::sm3;
use objects::disk::{Disk, Simulated};
use objects::{EmbeddedStore, Object, ObjectError, ObjectKeys, Options, Place};

pub fn keys() -> ObjectKeys {
    ObjectKeys::new((7, &[0x42; 16]), &[]).unwrap()
}

/// Content that its length and number determine.
pub fn content(number: u64, len: usize) -> Vec<u8> {
    (0..len as u64)
        .map(|i| (i * 31 + number * 7 + (i >> 8) * number) as u8)
        .chain(number.to_be_bytes())
        .collect()
}

pub fn object(bytes: &[u8]) -> Object<'_> {
    Object { sm3: sm3(bytes), bytes }
}

pub fn open(disk: &Simulated, options: Options) -> Result<EmbeddedStore, ObjectError> {
    EmbeddedStore::open(Arc::new(disk.clone()) as Arc<dyn Disk>, keys(), options)
}

pub fn small(acknowledged: Option<Place>) -> Options {
    Options { rotate_at: 6000, acknowledged }
}

/// Numbers that a seed determines.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }
}
