//! The curve arithmetic behind SM2: the only place that knows how numbers and points are kept.
//!
//! Secret numbers (the private key, nonces) meet only straight-line arithmetic and masked selections; `Comb` says
//! why its additions need no special cases. Verification works on public numbers and may branch.

mod comb;
mod field;
mod limbs;
mod nonce;
mod point;
mod scalar;
mod wnaf;

#[cfg(test)]
mod tests;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Signature;
use comb::{BASE, Comb};
use field::Fp;
use nonce::Nonces;
use point::Jacobian;
use scalar::{Factor, N, Scalar};

/// A point of the curve other than the point at infinity.
pub(super) use point::Affine as Point;

/// A private key ready for signing. Cleared when dropped.
pub(super) struct Secret {
    d: Scalar,
    /// (1 + d)⁻¹ mod n, which every signature needs (GB/T 32918.2 §6.1 A6).
    inverse: Factor,
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.d.zeroize();
        self.inverse.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

impl Secret {
    /// From a big-endian number; `None` outside 1..n-2.
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let d = Zeroizing::new(Scalar::from_bytes(bytes)?);
        let next = Zeroizing::new(d.plus(Scalar::ONE));
        // d = n - 1 has no inverse of 1 + d, hence the upper bound n - 2 of GB/T 32918.1 §6.1.
        (!d.is_zero() && !next.is_zero()).then(|| Self { d: *d, inverse: next.invert() })
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.d.to_bytes())
    }

    /// The public point dG.
    pub(super) fn point(&self) -> Point {
        // Z of the product depends on how d was taken apart; it does not leave this function.
        Zeroizing::new(BASE.multiply_secret(&self.d)).to_affine()
    }

    /// Signs the digest `e` with the nonce of RFC 6979 over SM3: the same key and digest give the same signature.
    /// `None` only if the arithmetic refuses every nonce, which is out of reach of chance.
    pub(super) fn sign(&self, e: &[u8; 32]) -> Option<Signature> {
        let d = self.to_bytes();
        let e = Scalar::reduce(&limbs::from_bytes(e));
        let mut nonces = Nonces::new(&d, &e);
        // A3 asks for another nonce when r or s comes out unusable, once in about 2^255 signatures.
        (0..4).find_map(|_| self.sign_with_nonce(&e, &nonces.next()))
    }

    /// One signature with a given nonce, for the published example.
    #[cfg(test)]
    pub(super) fn sign_with_nonce_bytes(&self, e: &[u8; 32], k: &[u8; 32]) -> Option<Signature> {
        let k = Scalar::from_bytes(k).filter(|k| !k.is_zero())?;
        self.sign_with_nonce(&Scalar::reduce(&limbs::from_bytes(e)), &k)
    }

    /// Steps A4 to A7 of GB/T 32918.2 §6.1; `None` if this nonce must not be used.
    fn sign_with_nonce(&self, e: &Scalar, k: &Scalar) -> Option<Signature> {
        let x1 = Zeroizing::new(BASE.multiply_secret(k)).to_affine().x;
        let r = e.plus(Scalar::reduce(&x1.to_limbs()));
        let sum = Zeroizing::new(r.plus(*k));
        // A5: r = 0 or r + k = n would give away the key.
        if r.is_zero() || sum.is_zero() {
            return None;
        }
        // A6 in another form: (k − r·d)/(1 + d) = (k + r)/(1 + d) − r.
        let s = sum.times(self.inverse).minus(r);
        let mut bytes = [0u8; 64];
        bytes[..32].copy_from_slice(&r.to_bytes());
        bytes[32..].copy_from_slice(&s.to_bytes());
        Signature::from_bytes(&bytes).ok()
    }
}

/// A public point with the table of its multiples.
pub(super) struct PreparedPoint(Comb);

impl PreparedPoint {
    pub(super) fn new(point: &Point) -> Self {
        Self(Comb::new(point))
    }

    /// As [`verify`], for the point this was made of.
    pub(super) fn verify(&self, e: &[u8; 32], signature: &Signature) -> bool {
        verify_with(|t| self.0.multiply_add(Jacobian::INFINITY, t), e, signature)
    }
}

/// Parses 65 bytes `04 ‖ x ‖ y`; `None` if the point is not on the curve.
pub(super) fn point(bytes: &[u8; 65]) -> Option<Point> {
    let (coordinates, _) = bytes[1..].as_chunks::<32>();
    let [x, y] = coordinates else { return None };
    (bytes[0] == 0x04).then(|| Point::from_bytes(x, y))?
}

/// The point that 33 bytes `02` or `03 ‖ x` name, if there is one.
pub(super) fn point_of_x(bytes: &[u8; 33]) -> Option<Point> {
    let (coordinates, _) = bytes[1..].as_chunks::<32>();
    let [x] = coordinates else { return None };
    matches!(bytes[0], 0x02 | 0x03).then(|| Point::from_x(x, bytes[0] == 0x03))?
}

/// The 65 bytes `04 ‖ x ‖ y` of a point.
pub(super) fn point_bytes(point: &Point) -> [u8; 65] {
    let mut bytes = [0x04; 65];
    bytes[1..].copy_from_slice(point.to_bytes().as_flattened());
    bytes
}

/// True if both halves are in 1..n-1.
pub(super) fn are_scalars(bytes: &[u8; 64]) -> bool {
    let (halves, _) = bytes.as_chunks::<32>();
    halves.iter().all(|half| Scalar::from_bytes(half).is_some_and(|value| !value.is_zero()))
}

/// Steps B5 to B7 of GB/T 32918.2 §7.1; B1 and B2 hold for every [`Signature`].
pub(super) fn verify(public_key: &Point, e: &[u8; 32], signature: &Signature) -> bool {
    verify_with(|t| wnaf::multiply(public_key, t), e, signature)
}

/// [`verify`] with the way to the multiple tP left open.
fn verify_with(multiple: impl Fn(&Scalar) -> Jacobian, e: &[u8; 32], signature: &Signature) -> bool {
    let bytes = signature.to_bytes();
    let (halves, _) = bytes.as_chunks::<32>();
    let [r, s] = halves else { return false };
    let (Some(r), Some(s)) = (Scalar::from_bytes(r), Scalar::from_bytes(s)) else { return false };
    let t = r.plus(s);
    if t.is_zero() {
        return false;
    }
    let sum = BASE.multiply_add(multiple(&t), &s);
    let wanted = r.minus(Scalar::reduce(&limbs::from_bytes(e)));
    !sum.is_infinity() && has_x(&sum, &wanted)
}

/// True if x of the point is `wanted` modulo n. Compares X with x·Z² for the one or two x below p, so that no
/// inversion is needed.
fn has_x(point: &Jacobian, wanted: &Scalar) -> bool {
    let z_square = point.z.square();
    let (second, over) = limbs::add(wanted.limbs(), &N);
    let candidates = [Some(*wanted.limbs()), (!over).then_some(second)];
    candidates.iter().flatten().filter_map(Fp::from_limbs).any(|x| x * z_square == point.x)
}
