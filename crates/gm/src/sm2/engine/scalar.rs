//! Numbers modulo n, the order of the base point (GB/T 32918.5-2017). Plain numbers below n, not Montgomery form.

use zeroize::Zeroize;

use super::limbs::{self, Limbs};

/// The order n.
pub(super) const N: Limbs = [0x53BBF40939D54123, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF];

/// 2⁵¹² mod n.
const R2: Limbs = [0x901192AF7C114F20, 0x3464504ADE6FA2FA, 0x620FC84C3AFFE0D4, 0x1EB5E412A22B3D3B];

/// −1/n mod 2⁶⁴.
const N_INVERSE: u64 = 0x327F9E8872350975;

/// A number below n.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Scalar(Limbs);

impl Zeroize for Scalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// A factor prepared for [`Scalar::times`]: `x·2²⁵⁶ mod n`.
#[derive(Clone, Copy)]
pub(super) struct Factor(Limbs);

impl Zeroize for Factor {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Scalar {
    pub(super) const ONE: Self = Self([1, 0, 0, 0]);

    /// From big-endian bytes; `None` for a number not below n.
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let number = limbs::from_bytes(bytes);
        let (_, below) = limbs::sub(&number, &N);
        below.then_some(Self(number))
    }

    /// A number below 2²⁵⁶ modulo n.
    pub(super) fn reduce(number: &Limbs) -> Self {
        Self(limbs::reduce_once(number, false, &N))
    }

    pub(super) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&self.0)
    }

    pub(super) fn limbs(&self) -> &Limbs {
        &self.0
    }

    pub(super) fn is_zero(&self) -> bool {
        limbs::is_zero(&self.0)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(limbs::add_mod(&self.0, &other.0, &N))
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self(limbs::sub_mod(&self.0, &other.0, &N))
    }

    pub(super) fn times(self, factor: Factor) -> Self {
        Self(montgomery_mul(&self.0, &factor.0))
    }

    pub(super) fn prepare(self) -> Factor {
        Factor(montgomery_mul(&self.0, &R2))
    }

    /// The factor `1/x`, as `x^(n-2)`; 0 gives 0. The exponent is public, so its bits may steer the loop.
    pub(super) fn invert(self) -> Factor {
        let base = self.prepare();
        let exponent = [N[0] - 2, N[1], N[2], N[3]];
        let mut power = Self::ONE.prepare();
        for bit in (0..256).rev() {
            power = Factor(montgomery_mul(&power.0, &power.0));
            if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
                power = Factor(montgomery_mul(&power.0, &base.0));
            }
        }
        power
    }
}

/// `a·b / 2²⁵⁶ mod n`.
fn montgomery_mul(a: &Limbs, b: &Limbs) -> Limbs {
    let mut t = limbs::mul_wide(a, b);
    let mut high_carry = false;
    for i in 0..4 {
        let m = t[i].wrapping_mul(N_INVERSE);
        let mut carry = 0;
        for j in 0..4 {
            (t[i + j], carry) = m.carrying_mul_add(N[j], t[i + j], carry);
        }
        (t[i + 4], high_carry) = limbs::adc(t[i + 4], carry, high_carry);
    }
    // (a·b + q·n)/2²⁵⁶ is below 2n, for a and b below n and q below 2²⁵⁶.
    limbs::reduce_once(&[t[4], t[5], t[6], t[7]], high_carry, &N)
}
