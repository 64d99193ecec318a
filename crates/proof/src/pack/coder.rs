//! The binary range coder of `docs/pack-format.md`: as in LZMA, with 15-bit probabilities.

use super::PackError;

const HALF: u16 = 1 << 14;
const ONE: u32 = 1 << 15;
/// How fast a probability follows.
const SHIFT: u32 = 7;
const NORMAL: u32 = 1 << 24;

/// The probability that a bit is 0, of 32768.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u16);

impl Chance {
    pub(super) const NEW: Self = Self(HALF);

    fn learn(&mut self, bit: bool) {
        if bit {
            self.0 -= self.0 >> SHIFT;
        } else {
            self.0 += ((ONE - u32::from(self.0)) >> SHIFT) as u16;
        }
    }

    fn bound(self, range: u32) -> u32 {
        (range >> 15) * u32::from(self.0)
    }
}

/// Writes or reads bits: both directions share every model, so that neither can drift from the other.
pub(super) trait Bits {
    /// A bit that `chance` foretells. A writer writes `bit` and gives it back; a reader ignores it.
    fn bit(&mut self, chance: &mut Chance, bit: bool) -> Result<bool, PackError>;
    /// A bit that nothing foretells.
    fn even(&mut self, bit: bool) -> Result<bool, PackError>;
}

/// Writes.
pub(super) struct Encoder {
    low: u64,
    range: u32,
    cache: u8,
    pending: u64,
    out: Vec<u8>,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self { low: 0, range: u32::MAX, cache: 0, pending: 1, out: Vec::new() }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift();
        }
        self.out
    }

    fn shift(&mut self) {
        // A carry runs through the pending FFs; until it is certain they wait.
        if self.low < 0xFF00_0000 || self.low > 0xFFFF_FFFF {
            let carry = (self.low >> 32) as u8;
            let mut byte = self.cache;
            while self.pending > 0 {
                self.out.push(byte.wrapping_add(carry));
                byte = 0xFF;
                self.pending -= 1;
            }
            self.cache = (self.low >> 24) as u8;
        }
        self.pending += 1;
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }

    fn normalise(&mut self) {
        while self.range < NORMAL {
            self.range <<= 8;
            self.shift();
        }
    }
}

impl Bits for Encoder {
    fn bit(&mut self, chance: &mut Chance, bit: bool) -> Result<bool, PackError> {
        let bound = chance.bound(self.range);
        if bit {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        chance.learn(bit);
        self.normalise();
        Ok(bit)
    }

    fn even(&mut self, bit: bool) -> Result<bool, PackError> {
        self.range >>= 1;
        if bit {
            self.low += u64::from(self.range);
        }
        self.normalise();
        Ok(bit)
    }
}

/// Reads.
pub(super) struct Decoder<'a> {
    range: u32,
    code: u32,
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub(super) fn new(body: &'a [u8]) -> Result<Self, PackError> {
        match body {
            [0, a, b, c, d, rest @ ..] => {
                Ok(Self { range: u32::MAX, code: u32::from_be_bytes([*a, *b, *c, *d]), rest })
            }
            _ => Err(PackError::Damaged("内容开头")),
        }
    }

    /// Nothing may be left over.
    pub(super) fn finish(self) -> Result<(), PackError> {
        if self.rest.is_empty() { Ok(()) } else { Err(PackError::Damaged("内容末尾")) }
    }

    fn normalise(&mut self) -> Result<(), PackError> {
        while self.range < NORMAL {
            let (byte, rest) = self.rest.split_first().ok_or(PackError::Damaged("内容长度"))?;
            self.rest = rest;
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(*byte);
        }
        Ok(())
    }
}

impl Bits for Decoder<'_> {
    fn bit(&mut self, chance: &mut Chance, _: bool) -> Result<bool, PackError> {
        let bound = chance.bound(self.range);
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        chance.learn(bit);
        self.normalise()?;
        Ok(bit)
    }

    fn even(&mut self, _: bool) -> Result<bool, PackError> {
        self.range >>= 1;
        let bit = self.code >= self.range;
        if bit {
            self.code -= self.range;
        }
        self.normalise()?;
        Ok(bit)
    }
}
