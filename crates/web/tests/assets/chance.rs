//! Numbers that look random and are the same in every run.

/// xorshift64*.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() >> 16) as usize % count
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// One of a list.
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// The same bytes with a slip: a bit, a byte, one missing or one too many.
    pub fn slip(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        let at = self.below(out.len().max(1)).min(out.len().saturating_sub(1));
        match self.below(8) {
            0 => drop(out.remove(at)),
            1 => out.insert(at, self.below(256) as u8),
            2 => out[at] = self.below(256) as u8,
            3 => out.truncate(at),
            _ => out[at] ^= 1 << self.below(8),
        }
        out
    }
}
