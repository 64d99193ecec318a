//! Points of y² = x³ − 3x + b in affine and Jacobian coordinates.

use zeroize::Zeroize;

use super::field::Fp;
use super::limbs;

/// b of the curve, in Montgomery form.
const B: Fp = Fp([0x90D230632BC0DD42, 0x71CF379AE9B537AB, 0x527981505EA51C3C, 0x240FE188BA20E2C8]);

/// The base point G.
pub(super) const G: Affine = Affine {
    x: Fp([0x61328990F418029E, 0x3E7981EDDCA6C050, 0xD6A1ED99AC24C3C3, 0x91167A5EE1C13B05]),
    y: Fp([0xC1354E593C2D0DDD, 0xC1F5E5788D3295FA, 0x8D4CFB066E2A48F8, 0x63CD65D481D735BD]),
};

/// A point other than infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sm2) struct Affine {
    pub(super) x: Fp,
    pub(super) y: Fp,
}

/// The point (X/Z², Y/Z³), or infinity where Z = 0.
#[derive(Clone, Copy)]
pub(super) struct Jacobian {
    pub(super) x: Fp,
    pub(super) y: Fp,
    pub(super) z: Fp,
}

impl Zeroize for Affine {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
    }
}

impl Zeroize for Jacobian {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
        self.z.zeroize();
    }
}

impl Affine {
    /// No point, but the start of a masked selection.
    pub(super) const ZERO: Self = Self { x: Fp::ZERO, y: Fp::ZERO };

    /// Takes in the bits of `other` where the mask is all ones.
    #[inline(always)]
    pub(super) fn or_masked(&mut self, mask: u64, other: &Self) {
        for i in 0..4 {
            self.x.0[i] |= other.x.0[i] & mask;
            self.y.0[i] |= other.y.0[i] & mask;
        }
    }

    /// From big-endian coordinates; `None` if the point is not on the curve.
    pub(super) fn from_bytes(x: &[u8; 32], y: &[u8; 32]) -> Option<Self> {
        let x = Fp::from_limbs(&limbs::from_bytes(x))?;
        let y = Fp::from_limbs(&limbs::from_bytes(y))?;
        (y.square() == (x.square() * x - x.triple() + B)).then_some(Self { x, y })
    }

    /// The point of a big-endian x whose y is odd or even; `None` if no point has that x.
    pub(super) fn from_x(x: &[u8; 32], odd: bool) -> Option<Self> {
        let x = Fp::from_limbs(&limbs::from_bytes(x))?;
        let y = (x.square() * x - x.triple() + B).square_root()?;
        // The curve's order is odd, so no point has y = 0 and its negative is the other one.
        Some(Self { x, y: if (y.to_limbs()[0] & 1 == 1) == odd { y } else { y.negate() } })
    }

    /// Big-endian coordinates.
    pub(super) fn to_bytes(self) -> [[u8; 32]; 2] {
        [self.x, self.y].map(|coordinate| limbs::to_bytes(&coordinate.to_limbs()))
    }

    pub(super) fn negate(self) -> Self {
        Self { x: self.x, y: self.y.negate() }
    }

    pub(super) fn to_jacobian(self) -> Jacobian {
        Jacobian { x: self.x, y: self.y, z: Fp::ONE }
    }
}

impl Jacobian {
    pub(super) const INFINITY: Self = Self { x: Fp::ONE, y: Fp::ONE, z: Fp::ZERO };

    /// `a` where the mask is all ones, `b` where it is zero.
    pub(super) fn select(mask: u64, a: &Self, b: &Self) -> Self {
        Self { x: Fp::select(mask, a.x, b.x), y: Fp::select(mask, a.y, b.y), z: Fp::select(mask, a.z, b.z) }
    }

    pub(super) fn is_infinity(&self) -> bool {
        self.z.is_zero()
    }

    pub(super) fn negate(self) -> Self {
        Self { y: self.y.negate(), ..self }
    }

    /// The affine form; coordinates of zero for infinity.
    pub(super) fn to_affine(self) -> Affine {
        self.to_affine_with(self.z.invert())
    }

    /// The affine form with `1/Z` already at hand.
    pub(super) fn to_affine_with(self, z_inverse: Fp) -> Affine {
        let square = z_inverse.square();
        Affine { x: self.x * square, y: self.y * square * z_inverse }
    }

    /// `2·self`, right for every point, infinity included (Z = 0 stays 0; no point has order 2, as n is odd).
    #[inline]
    pub(super) fn double(&self) -> Self {
        let delta = self.z.square();
        let gamma = self.y.square();
        let beta = self.x * gamma;
        // 3x² + a·z⁴ with a = −3 falls apart into two factors.
        let alpha = ((self.x - delta) * (self.x + delta)).triple();
        let beta_4 = beta.double().double();
        let x = alpha.square() - beta_4.double();
        let y = alpha * (beta_4 - x) - gamma.double().square().double();
        Self { x, y, z: (self.y * self.z).double() }
    }

    /// `self + other`, where neither is infinity and they are neither equal nor opposite.
    /// Always the same operations, whatever the values.
    #[inline]
    pub(super) fn add_distinct(&self, other: &Affine) -> Self {
        let z_square = self.z.square();
        let h = other.x * z_square - self.x;
        let r = other.y * z_square * self.z - self.y;
        finish_add(self.z, self.x, self.y, h, r)
    }

    /// `self + other` for any two points. Branches on the values: for public points only.
    #[inline]
    pub(super) fn add_affine(&self, other: &Affine) -> Self {
        if self.is_infinity() {
            return other.to_jacobian();
        }
        let z_square = self.z.square();
        let h = other.x * z_square - self.x;
        let r = other.y * z_square * self.z - self.y;
        if h.is_zero() {
            return if r.is_zero() { self.double() } else { Self::INFINITY };
        }
        finish_add(self.z, self.x, self.y, h, r)
    }

    /// `self + other` for any two points. Branches on the values: for public points only.
    #[inline]
    pub(super) fn add(&self, other: &Self) -> Self {
        if self.is_infinity() || other.is_infinity() {
            return if self.is_infinity() { *other } else { *self };
        }
        let (z1_square, z2_square) = (self.z.square(), other.z.square());
        let u = self.x * z2_square;
        let s = self.y * z2_square * other.z;
        let h = other.x * z1_square - u;
        let r = other.y * z1_square * self.z - s;
        if h.is_zero() {
            return if r.is_zero() { self.double() } else { Self::INFINITY };
        }
        finish_add(self.z * other.z, u, s, h, r)
    }
}

/// The common end of the additions: `h` and `r` are the differences of x and y over the denominator `z`, `u` and
/// `s` the coordinates of the first point over the same.
#[inline(always)]
fn finish_add(z: Fp, u: Fp, s: Fp, h: Fp, r: Fp) -> Jacobian {
    let h_square = h.square();
    let h_cube = h_square * h;
    let v = u * h_square;
    let x = r.square() - h_cube - v.double();
    Jacobian { x, y: r * (v - x) - s * h_cube, z: z * h }
}

/// Affine forms of points other than infinity with one inversion for all (Montgomery's trick).
pub(super) fn to_affine_all(points: &[Jacobian]) -> Vec<Affine> {
    let mut product = Fp::ONE;
    // before[i] is the product of all Z before the i-th.
    let before: Vec<Fp> = points
        .iter()
        .map(|point| {
            let so_far = product;
            product = product * point.z;
            so_far
        })
        .collect();
    let mut inverse = product.invert();
    let mut affine = vec![G; points.len()];
    for ((point, before), slot) in points.iter().zip(&before).zip(&mut affine).rev() {
        *slot = point.to_affine_with(inverse * *before);
        inverse = inverse * point.z;
    }
    affine
}
