//! A row or column of modules as bits.

/// Words of a row: the largest symbol has 177 modules.
const WORDS: usize = 3;

/// One row or column; module `i` is bit `i`, and bits beyond the symbol are zero.
#[derive(Clone, Copy, Default)]
pub(super) struct Line(pub [u64; WORDS]);

impl Line {
    /// Darkens module `i` (below 192) if `dark`; never lightens it.
    pub fn set(&mut self, i: usize, dark: bool) {
        self.0[i / 64] |= u64::from(dark) << (i % 64);
    }

    /// Is module `i` (below 192) dark?
    pub fn get(self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }

    /// The modules in which the two differ.
    pub fn differs(self, other: Self) -> Self {
        Line(std::array::from_fn(|i| self.0[i] ^ other.0[i]))
    }
}
