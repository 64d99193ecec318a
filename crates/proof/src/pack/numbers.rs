//! Numbers built of bits (`docs/pack-format.md`, "Body"). Each `code` writes its argument or reads and gives what was read.

use super::PackError;
use super::coder::{Bits, Chance};

/// A number of `bits` bits, from the top one.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    bits: u32,
    chances: Vec<Chance>,
}

impl Tree {
    pub(super) fn new(bits: u32) -> Self {
        Self { bits, chances: vec![Chance::NEW; 1 << bits] }
    }

    pub(super) fn code(&mut self, bits: &mut impl Bits, value: u32) -> Result<u32, PackError> {
        let mut node = 1usize;
        for place in (0..self.bits).rev() {
            let bit = bits.bit(&mut self.chances[node], value >> place & 1 == 1)?;
            node = node << 1 | usize::from(bit);
        }
        Ok(node as u32 - (1 << self.bits))
    }
}

/// A version: small ones by unary, others by escape.
#[derive(Clone, Debug)]
pub(super) struct Version {
    unary: [Chance; 8],
    escape: Tree,
}

impl Version {
    pub(super) fn new() -> Self {
        Self { unary: [Chance::NEW; 8], escape: Tree::new(10) }
    }

    pub(super) fn code(&mut self, bits: &mut impl Bits, value: u16) -> Result<u16, PackError> {
        let steps = if (1..=8).contains(&value) { value - 1 } else { 8 };
        for (step, chance) in (0u16..).zip(&mut self.unary) {
            if !bits.bit(chance, steps > step)? {
                return Ok(step + 1);
            }
        }
        let value = self.escape.code(bits, u32::from(value))? as u16;
        if (1..=8).contains(&value) { Err(PackError::Damaged("版本号")) } else { Ok(value) }
    }
}

/// A number of any size below 2^32 − 1: length of its binary form, then its digits.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    length: Tree,
    top: Vec<[Chance; 8]>,
}

impl Gap {
    pub(super) fn new() -> Self {
        Self { length: Tree::new(5), top: vec![[Chance::NEW; 8]; 32] }
    }

    pub(super) fn code(&mut self, bits: &mut impl Bits, value: u32) -> Result<u32, PackError> {
        // `value + 1` would overflow for one number only, which no caller has: counts are below 50 million.
        let number = value.saturating_add(1);
        let below = self.length.code(bits, 31 - number.leading_zeros())?;
        let top = &mut self.top[below as usize];
        let (mut read, mut node) = (1u32, 1usize);
        for place in (0..below).rev() {
            let want = number >> place & 1 == 1;
            let bit = if below - place <= 3 { bits.bit(&mut top[node], want)? } else { bits.even(want)? };
            if below - place <= 3 {
                node = node << 1 | usize::from(bit);
            }
            read = read << 1 | u32::from(bit);
        }
        Ok(read - 1)
    }
}
