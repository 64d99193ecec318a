//! Numbers of 256 bits in four 64-bit words, least significant first.
//!
//! Nothing here branches on a value or uses one as an index, so both secret and public numbers may pass through.

use std::hint::black_box;

/// A number below 2²⁵⁶.
pub(super) type Limbs = [u64; 4];

/// `a + b + carry`, and the carry out.
#[inline(always)]
pub(super) fn adc(a: u64, b: u64, carry: bool) -> (u64, bool) {
    a.carrying_add(b, carry)
}

/// `a - b - borrow`, and the borrow out.
#[inline(always)]
pub(super) fn sbb(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    a.borrowing_sub(b, borrow)
}

/// `a + b` and the carry out.
#[inline(always)]
pub(super) fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (w0, c) = adc(a[0], b[0], false);
    let (w1, c) = adc(a[1], b[1], c);
    let (w2, c) = adc(a[2], b[2], c);
    let (w3, c) = adc(a[3], b[3], c);
    ([w0, w1, w2, w3], c)
}

/// `a - b` and the borrow out.
#[inline(always)]
pub(super) fn sub(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (w0, c) = sbb(a[0], b[0], false);
    let (w1, c) = sbb(a[1], b[1], c);
    let (w2, c) = sbb(a[2], b[2], c);
    let (w3, c) = sbb(a[3], b[3], c);
    ([w0, w1, w2, w3], c)
}

/// All ones for true, zero for false.
#[inline(always)]
pub(super) fn mask(flag: bool) -> u64 {
    (flag as u64).wrapping_neg()
}

/// A mask the optimiser knows nothing about, so that it cannot turn masking into a branch.
#[inline(always)]
pub(super) fn hidden_mask(flag: bool) -> u64 {
    black_box(mask(flag))
}

/// `a` where the mask is all ones, `b` where it is zero.
#[inline(always)]
pub(super) fn select(mask: u64, a: &Limbs, b: &Limbs) -> Limbs {
    std::array::from_fn(|i| b[i] ^ (mask & (a[i] ^ b[i])))
}

/// True if the number is zero.
#[inline(always)]
pub(super) fn is_zero(a: &Limbs) -> bool {
    (a[0] | a[1] | a[2] | a[3]) == 0
}

/// True if `a = b`.
#[inline(always)]
pub(super) fn equal(a: &Limbs, b: &Limbs) -> bool {
    is_zero(&std::array::from_fn(|i| a[i] ^ b[i]))
}

/// `high·2²⁵⁶ + a` modulo `m`, if the whole is below `2m`.
#[inline(always)]
pub(super) fn reduce_once(a: &Limbs, high: bool, m: &Limbs) -> Limbs {
    let (less, borrow) = sub(a, m);
    // Keeps `a` only if the subtraction went below zero, counting the high bit.
    select(mask(borrow & !high), a, &less)
}

/// `a + b` modulo `m`, for `a` and `b` below `m`.
#[inline(always)]
pub(super) fn add_mod(a: &Limbs, b: &Limbs, m: &Limbs) -> Limbs {
    let (sum, carry) = add(a, b);
    reduce_once(&sum, carry, m)
}

/// `a - b` modulo `m`, for `a` and `b` below `m`.
#[inline(always)]
pub(super) fn sub_mod(a: &Limbs, b: &Limbs, m: &Limbs) -> Limbs {
    let (difference, borrow) = sub(a, b);
    let back = mask(borrow);
    add(&difference, &m.map(|word| word & back)).0
}

/// `a·b` in eight words.
#[inline(always)]
pub(super) fn mul_wide(a: &Limbs, b: &Limbs) -> [u64; 8] {
    let mut t = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (t[i + j], carry) = a[i].carrying_mul_add(b[j], t[i + j], carry);
        }
        t[i + 4] = carry;
    }
    t
}

/// `a²` in eight words: the six mixed products once, doubled, then the four squares.
#[inline(always)]
pub(super) fn square_wide(a: &Limbs) -> [u64; 8] {
    let (t1, c) = a[0].carrying_mul(a[1], 0);
    let (t2, c) = a[0].carrying_mul(a[2], c);
    let (t3, t4) = a[0].carrying_mul(a[3], c);
    let (t3, c) = a[1].carrying_mul_add(a[2], t3, 0);
    let (t4, t5) = a[1].carrying_mul_add(a[3], t4, c);
    let (t5, t6) = a[2].carrying_mul_add(a[3], t5, 0);
    let doubled = [
        0,
        t1 << 1,
        t2 << 1 | t1 >> 63,
        t3 << 1 | t2 >> 63,
        t4 << 1 | t3 >> 63,
        t5 << 1 | t4 >> 63,
        t6 << 1 | t5 >> 63,
        t6 >> 63,
    ];
    let mut t = [0; 8];
    let mut carry = false;
    for i in 0..4 {
        let (low, high) = a[i].carrying_mul(a[i], 0);
        (t[2 * i], carry) = adc(doubled[2 * i], low, carry);
        (t[2 * i + 1], carry) = adc(doubled[2 * i + 1], high, carry);
    }
    t
}

/// From 32 big-endian bytes.
pub(super) fn from_bytes(bytes: &[u8; 32]) -> Limbs {
    let (words, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|i| u64::from_be_bytes(words[3 - i]))
}

/// To 32 big-endian bytes.
pub(super) fn to_bytes(a: &Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (words, _) = bytes.as_chunks_mut::<8>();
    words.iter_mut().zip(a.iter().rev()).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
    bytes
}
