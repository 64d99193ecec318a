//! One message, piece by piece.

use zeroize::Zeroize;

use super::DIGEST_LEN;
use super::block::{INITIAL, State, compress, to_bytes};

/// Incremental SM3.
///
/// A clone keeps the state reached so far, so a common prefix such as `ZA` is hashed once and reused.
#[derive(Clone)]
pub struct Sm3 {
    state: State,
    /// Bytes taken in, modulo 2⁶⁴.
    len: u64,
    /// The bytes after the last whole block: the first `len % 64`.
    pending: [u8; 64],
}

impl Default for Sm3 {
    fn default() -> Self {
        Self { state: INITIAL, len: 0, pending: [0; 64] }
    }
}

impl Sm3 {
    /// A fresh state.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in more bytes.
    pub fn update(&mut self, mut data: &[u8]) {
        let held = self.held();
        self.len = self.len.wrapping_add(data.len() as u64);
        if held > 0 {
            let (fill, rest) = data.split_at(data.len().min(64 - held));
            self.pending[held..held + fill.len()].copy_from_slice(fill);
            if held + fill.len() < 64 {
                return;
            }
            compress(&mut self.state, &[self.pending]);
            data = rest;
        }
        let (blocks, rest) = data.as_chunks::<64>();
        compress(&mut self.state, blocks);
        self.pending[..rest.len()].copy_from_slice(rest);
    }

    /// Takes in more bytes and passes the state on, for chains of calls.
    #[must_use]
    pub fn chain(mut self, data: &[u8]) -> Self {
        self.update(data);
        self
    }

    /// The digest of all bytes taken in.
    pub fn finish(mut self) -> [u8; DIGEST_LEN] {
        let held = self.held();
        let bits = self.len.wrapping_mul(8);
        // §5.2: a one bit, zeros, and the length in bits as the last eight bytes of a block.
        self.pending[held] = 0x80;
        self.pending[held + 1..].fill(0);
        if held >= 56 {
            compress(&mut self.state, &[self.pending]);
            self.pending.fill(0);
        }
        self.pending[56..].copy_from_slice(&bits.to_be_bytes());
        compress(&mut self.state, &[self.pending]);
        to_bytes(&self.state)
    }

    fn held(&self) -> usize {
        (self.len % 64) as usize
    }

    /// Overwrites everything taken in so far.
    pub(super) fn clear(&mut self) {
        self.state.zeroize();
        self.pending.zeroize();
    }
}
