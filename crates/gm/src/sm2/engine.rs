//! The curve arithmetic behind SM2: the only file that knows the `sm2` crate.
//!
//! The equations of GB/T 32918.2 are written out over the crate's constant-time arithmetic rather than taken from its
//! `SigningKey`, which keeps the secret scalar without clearing it and inverts `1 + d` for every signature.

use rfc6979::KGenerator;
use sm2::elliptic_curve::{
    Curve, Group, PrimeField,
    ops::{LinearCombination, Reduce},
    point::AffineCoordinates,
    sec1::ToSec1Point,
};
use sm2::{FieldBytes, ProjectivePoint, Scalar, Sm2, U256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Signature;

/// A point of the curve other than the point at infinity.
pub(super) type Point = sm2::PublicKey;

/// A private key ready for signing. Cleared when dropped.
pub(super) struct Secret {
    d: Scalar,
    /// (1 + d)⁻¹ mod n, which every signature needs (GB/T 32918.2 §6.1 A6).
    inverse: Scalar,
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
        let d = Zeroizing::new(scalar(bytes)?);
        // d = n - 1 has no inverse of 1 + d, hence the upper bound n - 2 of GB/T 32918.1 §6.1.
        let inverse = (*d + Scalar::ONE).invert().into_option()?;
        (!bool::from(d.is_zero())).then_some(Self { d: *d, inverse })
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.d.to_repr().into())
    }

    /// The public point dG.
    pub(super) fn point(&self) -> Option<Point> {
        Point::from_affine(ProjectivePoint::mul_by_generator(&self.d).to_affine()).ok()
    }

    /// Signs the digest `e` with the nonce of RFC 6979 over SM3: the same key and digest give the same signature.
    /// `None` only if the arithmetic refuses every nonce, which is out of reach of chance.
    pub(super) fn sign(&self, e: &[u8; 32]) -> Option<Signature> {
        let d = self.to_bytes();
        let mut nonces = KGenerator::<sm3::Sm3, U256>::new(d.as_slice(), e, &[], &Sm2::ORDER);
        let mut k = Zeroizing::new([0u8; 32]);
        // A3 asks for another nonce when r or s comes out unusable, once in about 2^255 signatures.
        (0..4).find_map(|_| {
            nonces.fill_next_k(k.as_mut_slice());
            self.sign_with_nonce(e, &k)
        })
    }

    /// Steps A4 to A7 of GB/T 32918.2 §6.1; `None` if this nonce must not be used.
    pub(super) fn sign_with_nonce(&self, e: &[u8; 32], k: &[u8; 32]) -> Option<Signature> {
        let k = Zeroizing::new(scalar(k).filter(|k| !bool::from(k.is_zero()))?);
        let x1 = ProjectivePoint::mul_by_generator(&k).to_affine().x();
        let r = reduce(e) + Scalar::reduce(&x1);
        // A5: r = 0 or r + k = n would give away the key.
        if bool::from(r.is_zero()) || bool::from((r + *k).is_zero()) {
            return None;
        }
        let s = self.inverse * (*k - r * self.d);
        let mut bytes = [0u8; 64];
        bytes[..32].copy_from_slice(&r.to_repr());
        bytes[32..].copy_from_slice(&s.to_repr());
        Signature::from_bytes(&bytes).ok()
    }
}

/// Parses 65 bytes `04 ‖ x ‖ y`; `None` if the point is not on the curve.
pub(super) fn point(bytes: &[u8; 65]) -> Option<Point> {
    Point::from_sec1_bytes(bytes).ok()
}

/// The 65 bytes `04 ‖ x ‖ y` of a point.
pub(super) fn point_bytes(point: &Point) -> [u8; 65] {
    let encoded = point.to_sec1_point(false);
    let mut bytes = [0u8; 65];
    // An uncompressed point always has 65 bytes; the guard only spares a panic.
    if let Some(encoded) = encoded.as_bytes().get(..65) {
        bytes.copy_from_slice(encoded);
    }
    bytes
}

/// True if both halves are in 1..n-1.
pub(super) fn are_scalars(bytes: &[u8; 64]) -> bool {
    let (halves, _) = bytes.as_chunks::<32>();
    halves.iter().all(|half| scalar(half).is_some_and(|value| !bool::from(value.is_zero())))
}

/// Steps B5 to B7 of GB/T 32918.2 §7.1; B1 and B2 hold for every [`Signature`].
pub(super) fn verify(public_key: &Point, e: &[u8; 32], signature: &Signature) -> bool {
    let bytes = signature.to_bytes();
    let (halves, _) = bytes.as_chunks::<32>();
    let [r, s] = halves else { return false };
    let (Some(r), Some(s)) = (scalar(r), scalar(s)) else { return false };
    let t = r + s;
    if bool::from(t.is_zero()) {
        return false;
    }
    let terms = [(ProjectivePoint::generator(), s), (ProjectivePoint::from(public_key), t)];
    let sum = ProjectivePoint::lincomb(&terms);
    if bool::from(sum.is_identity()) {
        return false;
    }
    reduce(e) + Scalar::reduce(&sum.to_affine().x()) == r
}

/// A number below n.
fn scalar(bytes: &[u8; 32]) -> Option<Scalar> {
    Scalar::from_repr((*bytes).into()).into_option()
}

/// A 256-bit number modulo n.
fn reduce(bytes: &[u8; 32]) -> Scalar {
    <Scalar as Reduce<FieldBytes>>::reduce(&(*bytes).into())
}
