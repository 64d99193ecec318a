//! Agreement with the reference crate and its big integers, edge by edge.

use proptest::prelude::*;
use sm2::elliptic_curve::bigint::{NonZero, U256};
use sm2::elliptic_curve::point::{AffineCoordinates, DecompressPoint};
use sm2::elliptic_curve::subtle::Choice;
use sm2::elliptic_curve::{Group, PrimeField};
use sm2::{ProjectivePoint, Scalar as Wanted};

use super::comb::DOUBLING;
use super::field::P;
use super::point::{Affine, G};
use super::*;

/// The modulus as the reference takes it.
fn modulus(limbs: &limbs::Limbs) -> NonZero<U256> {
    NonZero::new(number(limbs)).unwrap()
}

fn number(limbs: &limbs::Limbs) -> U256 {
    U256::from_be_slice(&limbs::to_bytes(limbs))
}

fn limbs_of(number: &U256) -> limbs::Limbs {
    limbs::from_bytes(&number.to_be_bytes().as_ref().try_into().unwrap())
}

/// 0, 1, and powers of two with their neighbours, as bytes.
fn edges() -> Vec<[u8; 32]> {
    let around = |k: usize| {
        let power = U256::ONE.shl(k as u32);
        [power.wrapping_sub(&U256::ONE), power, power.wrapping_add(&U256::ONE)]
    };
    let below =
        |m: &limbs::Limbs| (0..4u64).map(|i| number(m).wrapping_sub(&U256::from(i))).collect::<Vec<_>>();
    let all =
        (0..256).flat_map(around).chain(below(&P)).chain(below(&N)).chain([U256::MAX, number(&DOUBLING)]);
    all.map(|number| limbs::to_bytes(&limbs_of(&number))).collect()
}

/// Any number, with edges far more often than chance would have it.
fn any_number() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![any::<[u8; 32]>(), prop::sample::select(edges())]
}

/// Factors of a point worth a try: the edges modulo n, the opposite of each among them, without 0.
fn factors() -> Vec<Scalar> {
    let reduced = edges().into_iter().map(|bytes| Scalar::reduce(&limbs::from_bytes(&bytes)));
    let zero = Scalar::ONE.minus(Scalar::ONE);
    reduced.flat_map(|k| [k, zero.minus(k)]).filter(|k| !k.is_zero()).collect()
}

fn wanted(k: &Scalar) -> Wanted {
    Wanted::from_repr(k.to_bytes().into()).unwrap()
}

/// Coordinates by the reference.
fn coordinates(point: ProjectivePoint) -> [[u8; 32]; 2] {
    [point.to_affine().x().into(), point.to_affine().y().into()]
}

/// The point dG by the reference, in our form, and by the reference.
fn public(d: &Scalar) -> (Affine, ProjectivePoint) {
    let point = ProjectivePoint::mul_by_generator(&wanted(d));
    let [x, y] = coordinates(point);
    (Affine::from_bytes(&x, &y).unwrap(), point)
}

fn scalar(bytes: [u8; 32]) -> Scalar {
    Scalar::reduce(&limbs::from_bytes(&bytes))
}

fn equals(ours: Jacobian, reference: ProjectivePoint) -> bool {
    if ours.is_infinity() || bool::from(reference.is_identity()) {
        return ours.is_infinity() && bool::from(reference.is_identity());
    }
    ours.to_affine().to_bytes() == coordinates(reference)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn field_operations_agree_with_big_integers(a in any_number(), b in any_number()) {
        let m = modulus(&P);
        let [a, b] = [a, b].map(|bytes| U256::from_be_slice(&bytes).rem(&m));
        let [x, y] = [a, b].map(|number| Fp::from_limbs(&limbs_of(&number)).unwrap());
        prop_assert_eq!(number(&(x * y).to_limbs()), a.mul_mod(&b, &m));
        prop_assert_eq!(number(&x.square().to_limbs()), a.mul_mod(&a, &m));
        prop_assert_eq!(number(&(x + y).to_limbs()), a.add_mod(&b, &m));
        prop_assert_eq!(number(&(x - y).to_limbs()), a.sub_mod(&b, &m));
        // The raw words as well: there the edges reach the multiplication as they are.
        let (raw_x, raw_y, r) = (Fp(limbs_of(&a)), Fp(limbs_of(&b)), number(&Fp::ONE.0));
        prop_assert_eq!(a.mul_mod(&b, &m), number(&(raw_x * raw_y).0).mul_mod(&r, &m));
        prop_assert_eq!(a.mul_mod(&a, &m), number(&raw_x.square().0).mul_mod(&r, &m));
    }

    #[test]
    fn scalar_operations_agree_with_the_reference(a in any_number(), b in any_number()) {
        let (a, b) = (scalar(a), scalar(b));
        let (x, y) = (wanted(&a), wanted(&b));
        prop_assert_eq!(wanted(&a.times(b.prepare())), x * y);
        prop_assert_eq!(wanted(&a.plus(b)), x + y);
        prop_assert_eq!(wanted(&a.minus(b)), x - y);
    }
}

proptest! {
    #[test]
    fn inverses_multiply_to_one(a in any_number()) {
        let x = Fp::from_limbs(&limbs_of(&U256::from_be_slice(&a).rem(&modulus(&P)))).unwrap();
        let k = scalar(a);
        prop_assert!(x.is_zero() || x * x.invert() == Fp::ONE);
        prop_assert!(k.is_zero() || k.times(k.invert()) == Scalar::ONE);
    }

    #[test]
    fn random_multiples_agree(k in any::<[u8; 32]>(), d in any::<[u8; 32]>()) {
        let (k, d) = (scalar(k), scalar(d));
        let (point, reference) = public(&d);
        let wanted = reference * wanted(&k);
        prop_assert!(equals(Comb::new(&point).multiply_secret(&k), wanted));
        prop_assert!(equals(Comb::new(&point).multiply_add(Jacobian::INFINITY, &k), wanted));
        prop_assert!(equals(wnaf::multiply(&point, &k), wanted));
    }
}

#[test]
fn nonces_agree_with_the_reference_one_after_the_other() {
    // The second digest is above n, so it is reduced on the way.
    for (d, e) in [([7; 32], [9; 32]), ([1; 32], [0xFF; 32])] {
        let order = number(&N);
        let mut wanted = rfc6979::KGenerator::<::sm3::Sm3, U256>::new(&d, &e, &[], &order);
        let mut ours = Nonces::new(&d, &scalar(e));
        for _ in 0..4 {
            let mut k = [0; 32];
            wanted.fill_next_k(&mut k);
            assert_eq!(ours.next().to_bytes(), k);
        }
    }
}

#[test]
fn edge_multiples_of_the_base_point_agree() {
    for k in factors() {
        let wanted = ProjectivePoint::mul_by_generator(&wanted(&k));
        assert!(equals(BASE.multiply_secret(&k), wanted), "secret, {:?}", k.limbs());
        assert!(equals(BASE.multiply_add(Jacobian::INFINITY, &k), wanted), "public, {:?}", k.limbs());
        assert!(equals(wnaf::multiply(&G, &k), wanted), "unknown, {:?}", k.limbs());
    }
}

#[test]
fn the_last_addition_for_the_exceptional_factor_is_a_doubling() {
    // 2²⁵⁷ − 2²⁵³ − n modulo n, from the powers alone; that its multiple is right is among the edges above.
    let two = Scalar::ONE.plus(Scalar::ONE).prepare();
    let power = |k| (0..k).fold(Scalar::ONE, |x, _| x.times(two));
    assert_eq!(*power(257).minus(power(253)).limbs(), DOUBLING);
}

#[test]
fn sums_that_meet_infinity_and_doublings_agree() {
    let small = |k: u64| Scalar::reduce(&[k, 0, 0, 0]);
    let minus_one = small(0).minus(Scalar::ONE);
    for d in [Scalar::ONE, minus_one, small(2), small(0).minus(small(64))] {
        let (point, reference) = public(&d);
        let comb = Comb::new(&point);
        for (t, s) in (0..70).flat_map(|t| [0, 1, 2, 3, 5, t, 2 * t, 64, 128].map(|s| (small(t), small(s)))) {
            let wanted = reference * wanted(&t) + ProjectivePoint::mul_by_generator(&wanted(&s));
            let known = comb.multiply_add(Jacobian::INFINITY, &t);
            assert!(equals(BASE.multiply_add(known, &s), wanted));
            assert!(equals(BASE.multiply_add(wnaf::multiply(&point, &t), &s), wanted));
        }
    }
}

#[test]
fn points_off_the_curve_and_coordinates_above_p_are_refused() {
    let [x, y] = G.to_bytes();
    assert!(Affine::from_bytes(&x, &y) == Some(G));
    assert!(Affine::from_bytes(&y, &x).is_none());
    assert!(Affine::from_bytes(&[0; 32], &[0; 32]).is_none());
    // x = 0 and x = p are one field element, but only one of them is a coordinate.
    let root = (0..=255u8).find_map(|i| {
        let x = limbs::to_bytes(&[u64::from(i), 0, 0, 0]);
        let point = sm2::AffinePoint::decompress(&x.into(), Choice::from(0)).into_option()?;
        Some((i, <[u8; 32]>::from(point.y())))
    });
    let (i, y) = root.unwrap();
    let above = number(&P).wrapping_add(&U256::from(i));
    assert!(Affine::from_bytes(&limbs::to_bytes(&[u64::from(i), 0, 0, 0]), &y).is_some());
    assert!(Affine::from_bytes(&limbs::to_bytes(&limbs_of(&above)), &y).is_none());
}

/// A signature by its numbers.
fn signature(r: Wanted, s: Wanted) -> Signature {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&r.to_repr());
    bytes[32..].copy_from_slice(&s.to_repr());
    Signature::from_bytes(&bytes).unwrap()
}

fn both_verify(point: ProjectivePoint, e: Wanted, signature: &Signature) -> [bool; 2] {
    let [x, y] = coordinates(point);
    let point = Affine::from_bytes(&x, &y).unwrap();
    let e = e.to_repr().into();
    [verify(&point, &e, signature), PreparedPoint::new(&point).verify(&e, signature)]
}

#[test]
fn an_x_between_n_and_p_is_compared_modulo_n() {
    // The first point with x ≥ n: a signature whose sum is this point has r − e = x − n.
    let (i, sum) = (0..=255u64)
        .find_map(|i| {
            let x = number(&N).wrapping_add(&U256::from(i)).to_be_bytes();
            let x: [u8; 32] = x.as_ref().try_into().unwrap();
            Some((
                i,
                ProjectivePoint::from(
                    sm2::AffinePoint::decompress(&x.into(), Choice::from(0)).into_option()?,
                ),
            ))
        })
        .unwrap();
    let (r, s) = (Wanted::from(7u64), Wanted::from(11u64));
    let point = (sum - ProjectivePoint::mul_by_generator(&s)) * (r + s).invert().unwrap();
    let e = r - Wanted::from(i);
    assert_eq!(both_verify(point, e, &signature(r, s)), [true; 2]);
    assert_eq!(both_verify(point, e + Wanted::ONE, &signature(r, s)), [false; 2]);
}

#[test]
fn a_sum_at_infinity_is_refused_for_every_digest_that_fits() {
    let (d, s) = (Wanted::from(5u64), Wanted::from(11u64));
    // sG + tP = 0 for t = −s/d.
    let r = -s * d.invert().unwrap() - s;
    let point = ProjectivePoint::mul_by_generator(&d);
    for e in [r, Wanted::ZERO, r - Wanted::ONE] {
        assert_eq!(both_verify(point, e, &signature(r, s)), [false; 2]);
    }
}

#[test]
fn r_plus_s_equal_to_n_is_refused() {
    let r = Wanted::from(7u64);
    // Without the check, t = 0 would leave sG = −7G, and the first digest would fit its x.
    let [x, _] = coordinates(ProjectivePoint::mul_by_generator(&r));
    let x = wanted(&scalar(x));
    for e in [r - x, r, Wanted::ZERO] {
        assert_eq!(both_verify(ProjectivePoint::generator(), e, &signature(r, -r)), [false; 2]);
    }
}
