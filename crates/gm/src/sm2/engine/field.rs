//! The field of p = 2²⁵⁶ − 2²²⁴ − 2⁹⁶ + 2⁶⁴ − 1 elements, the coordinates of points (GB/T 32918.5-2017).
//!
//! Elements are kept in Montgomery form, `x·2²⁵⁶ mod p`, and always below p: one element, one representation.

use std::ops::{Add, Mul, Sub};

use zeroize::Zeroize;

use super::limbs::{self, Limbs, adc, sbb};

/// The prime p.
pub(super) const P: Limbs = [0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF];

/// 2⁵¹² mod p, which brings a number into Montgomery form.
const R2: Limbs = [0x0000000200000003, 0x00000002FFFFFFFF, 0x0000000100000001, 0x0000000400000002];

/// A field element in Montgomery form, below p.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fp(pub(super) Limbs);

impl Zeroize for Fp {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Fp {
    pub(super) const ZERO: Self = Self([0; 4]);
    /// 2²⁵⁶ mod p.
    pub(super) const ONE: Self = Self([1, 0x00000000FFFFFFFF, 0, 0x0000000100000000]);

    /// From a number below p; `None` for one that is not.
    pub(super) fn from_limbs(number: &Limbs) -> Option<Self> {
        let (_, below) = limbs::sub(number, &P);
        below.then(|| Self(*number) * Self(R2))
    }

    /// The number itself, out of Montgomery form.
    pub(super) fn to_limbs(self) -> Limbs {
        let [a, b, c, d] = self.0;
        montgomery_reduce(&[a, b, c, d, 0, 0, 0, 0])
    }

    #[inline(always)]
    pub(super) fn square(self) -> Self {
        Self(montgomery_reduce(&limbs::square_wide(&self.0)))
    }

    #[inline(always)]
    pub(super) fn double(self) -> Self {
        self + self
    }

    #[inline(always)]
    pub(super) fn triple(self) -> Self {
        self + self + self
    }

    #[inline(always)]
    pub(super) fn negate(self) -> Self {
        Self::ZERO - self
    }

    #[inline(always)]
    pub(super) fn is_zero(&self) -> bool {
        limbs::is_zero(&self.0)
    }

    /// `a` where the mask is all ones, `b` where it is zero.
    #[inline(always)]
    pub(super) fn select(mask: u64, a: Self, b: Self) -> Self {
        Self(limbs::select(mask, &a.0, &b.0))
    }

    fn square_times(self, times: u32) -> Self {
        (0..times).fold(self, |x, _| x.square())
    }

    /// `1/x` as `x^(p-2)` by a fixed chain of 255 squarings and 16 products; 0 gives 0.
    ///
    /// p − 2 in binary: 31 ones, a zero, 128 ones, 32 zeros, 62 ones, a zero, a one. `ones_k` is x to k ones.
    pub(super) fn invert(self) -> Self {
        let ones_2 = self.square() * self;
        let ones_4 = ones_2.square_times(2) * ones_2;
        let ones_8 = ones_4.square_times(4) * ones_4;
        let ones_16 = ones_8.square_times(8) * ones_8;
        let ones_24 = ones_16.square_times(8) * ones_8;
        let ones_28 = ones_24.square_times(4) * ones_4;
        let ones_30 = ones_28.square_times(2) * ones_2;
        let ones_31 = ones_30.square() * self;
        let ones_32 = ones_31.square() * self;
        let ones_62 = ones_31.square_times(31) * ones_31;
        let head = ones_31.square_times(33) * ones_32;
        let head = (0..3).fold(head, |x, _| x.square_times(32) * ones_32);
        (head.square_times(94) * ones_62).square_times(2) * self
    }

    /// A square root, `x^((p+1)/4)` since p ≡ 3 mod 4; `None` where there is none. Not for secrets: the time tells nothing
    /// of `x`, but whether there is a root is told.
    pub(super) fn square_root(self) -> Option<Self> {
        /// (p + 1) / 4.
        const EXPONENT: Limbs =
            [0x4000000000000000, 0xFFFFFFFFC0000000, 0xFFFFFFFFFFFFFFFF, 0x3FFFFFFFBFFFFFFF];
        let root = EXPONENT.iter().rev().fold(Self::ONE, |root, word| {
            (0..64).rev().fold(root, |root, bit| {
                let root = root.square();
                if word >> bit & 1 == 1 { root * self } else { root }
            })
        });
        (root.square() == self).then_some(root)
    }
}

impl Add for Fp {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(limbs::add_mod(&self.0, &other.0, &P))
    }
}

impl Sub for Fp {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(limbs::sub_mod(&self.0, &other.0, &P))
    }
}

impl Mul for Fp {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(montgomery_reduce(&limbs::mul_wide(&self.0, &other.0)))
    }
}

/// `t / 2²⁵⁶ mod p` for `t` below `p·2²⁵⁶`.
///
/// p ≡ −1 mod 2⁶⁴, so the factor that clears the lowest word is that word m itself, and m·p needs no product:
/// `m·(p + 1)/2⁶⁴ = m·2¹⁹² − m·2¹⁶⁰ − m·2³² + m`.
#[inline(always)]
fn montgomery_reduce(t: &[u64; 8]) -> Limbs {
    let mut low = [t[0], t[1], t[2], t[3]];
    for _ in 0..4 {
        low = clear_lowest_word(&low);
    }
    let (sum, carry) = limbs::add(&low, &[t[4], t[5], t[6], t[7]]);
    // low ≤ 2²⁵⁶ and t/2²⁵⁶ < p, and the exact quotient (t + q·p)/2²⁵⁶ is below 2p for any q below 2²⁵⁶.
    limbs::reduce_once(&sum, carry, &P)
}

/// `(a + a₀·p) / 2⁶⁴`, which is below 2²⁵⁶: a/2⁶⁴ < 2¹⁹² and a₀·(p+1)/2⁶⁴ ≤ (2⁶⁴−1)·2¹⁹².
#[inline(always)]
fn clear_lowest_word(a: &Limbs) -> Limbs {
    let m = a[0];
    let (shifted, over) = (m << 32, m >> 32);
    // m·(2¹⁹² − 2¹⁶⁰ − 2³² + 1) first: it depends on m alone and is never negative.
    let (w0, b) = sbb(m, shifted, false);
    let (w1, b) = sbb(0, over, b);
    let (w2, b) = sbb(0, shifted, b);
    let (w3, _) = sbb(m, over, b);
    let (w0, c) = adc(a[1], w0, false);
    let (w1, c) = adc(a[2], w1, c);
    let (w2, c) = adc(a[3], w2, c);
    let (w3, _) = adc(w3, 0, c);
    [w0, w1, w2, w3]
}
