//! Multiples of a point known beforehand: a table for each 6 bits of the factor, so that no doubling is left.
//!
//! A factor k below n is written with odd digits, `k = Σ dᵢ·2⁶ⁱ`, dᵢ ∈ {±1, ±3, … ±63}, which an odd k allows;
//! for an even k the factor is n − k, and the result is negated. Without the digit 0 there is no case to skip.

use std::sync::LazyLock;

use zeroize::{Zeroize, Zeroizing};

use super::field::Fp;
use super::limbs::{self, Limbs};
use super::point::{Affine, G, Jacobian, to_affine_all};
use super::scalar::{N, Scalar};

/// Bits of a digit.
const WIDTH: usize = 6;
/// Multiples kept for each digit: the odd ones from 1 to 63.
const MULTIPLES: usize = 1 << (WIDTH - 1);
/// 43 digits of 6 bits cover 256 bits.
const DIGITS: usize = 256usize.div_ceil(WIDTH);

/// 2²⁵⁷ − 2²⁵³ − n, the only odd factor whose last addition would be a doubling (see [`Comb::multiply_secret`]).
pub(super) const DOUBLING: Limbs = [0xAC440BF6C62ABEDD, 0x8DFC2094DE39FAD4, 0, 0xE000000100000000];

/// The table of the base point.
pub(super) static BASE: LazyLock<Comb> = LazyLock::new(|| Comb::new(&G));

/// `(2j + 1)·2⁶ⁱ·P` for i in 0..43 and j in 0..32: 88 KB.
pub(super) struct Comb {
    rows: Vec<[Affine; MULTIPLES]>,
    /// DOUBLING·P.
    exception: Affine,
}

/// One digit: the row entry `(|d| − 1)/2`, and a mask of all ones if d is negative.
#[derive(Clone, Copy)]
struct Digit {
    entry: u64,
    negative: u64,
}

impl Zeroize for Digit {
    fn zeroize(&mut self) {
        self.entry.zeroize();
        self.negative.zeroize();
    }
}

impl Comb {
    /// Builds the table, about 1 800 point operations.
    pub(super) fn new(point: &Affine) -> Self {
        let mut multiples = Vec::with_capacity(DIGITS * MULTIPLES + 1);
        let mut base = point.to_jacobian();
        for _ in 0..DIGITS {
            let twice = base.double();
            let row = std::iter::successors(Some(base), |last| Some(last.add(&twice))).take(MULTIPLES);
            multiples.extend(row);
            base = (0..WIDTH).fold(base, |point, _| point.double());
        }
        // 2·15·2²⁵² ≡ DOUBLING mod n: entry 7 of the last row, doubled.
        multiples.push(multiples[(DIGITS - 1) * MULTIPLES + 7].double());
        let affine = to_affine_all(&multiples);
        let (rows, rest) = affine.as_chunks::<MULTIPLES>();
        Self { rows: rows.to_vec(), exception: rest[0] }
    }

    /// `k·P` for a secret k other than 0: no branch and no index depends on k.
    ///
    /// The digits are added from the lowest. Before digit i the sum is an odd number below 2⁶ⁱ in size, and the
    /// digit stands for at least 2⁶ⁱ, at most 2⁶ⁱ⁺⁶ − 2⁶ⁱ: the sum is not infinity, and as integers the two are
    /// neither equal nor opposite. Modulo n they could be so only if they lay n or more apart, so in the last row
    /// alone. There their sum is k, not 0 modulo n; and D − sum = n, for the digit's value D, has one solution:
    /// D = 15·2²⁵², k = 2D − n = DOUBLING, for which the kept result is taken instead. So every sum is one of
    /// distinct points.
    pub(super) fn multiply_secret(&self, k: &Scalar) -> Jacobian {
        let (odd, even) = odd_factor(k);
        let odd = Zeroizing::new(odd);
        let digits = Zeroizing::new(digits(&odd));
        let mut sum = Zeroizing::new(self.entry_secret(0, &digits[0]).to_jacobian());
        for (row, digit) in (1..).zip(&digits[1..]) {
            let entry = self.entry_secret(row, digit);
            *sum = sum.add_distinct(&entry);
        }
        let exception = limbs::hidden_mask(limbs::equal(&odd, &DOUBLING));
        let sum = Jacobian::select(exception, &self.exception.to_jacobian(), &sum);
        Jacobian::select(even, &sum.negate(), &sum)
    }

    /// `sum + k·P` for public numbers.
    pub(super) fn multiply_add(&self, sum: Jacobian, k: &Scalar) -> Jacobian {
        if k.is_zero() {
            return sum;
        }
        let (odd, even) = odd_factor(k);
        self.rows.iter().zip(&digits(&odd)).fold(sum, |sum, (row, digit)| {
            let entry = row[digit.entry as usize];
            sum.add_affine(&if digit.negative == even { entry } else { entry.negate() })
        })
    }

    /// The point of a secret digit: reads the whole row and keeps one entry by masks.
    #[inline(always)]
    fn entry_secret(&self, row: usize, digit: &Digit) -> Affine {
        let wanted = std::hint::black_box(digit.entry);
        let mut found = Affine::ZERO;
        for (index, entry) in self.rows[row].iter().enumerate() {
            // All ones for index = wanted: only then does the subtraction go below zero.
            let mask = ((index as u64 ^ wanted).wrapping_sub(1) as i64 >> 63) as u64;
            found.or_masked(mask, entry);
        }
        found.y = Fp::select(digit.negative, found.y.negate(), found.y);
        found
    }
}

/// The odd one of k and n − k, and a mask of all ones if that is n − k.
fn odd_factor(k: &Scalar) -> (Limbs, u64) {
    let even = limbs::hidden_mask(k.limbs()[0] & 1 == 0);
    let (opposite, _) = limbs::sub(&N, k.limbs());
    (limbs::select(even, &opposite, k.limbs()), even)
}

/// The digits of an odd factor.
///
/// With v = bits 6i+1 to 6i+6 of k, digit i is 2v − 63: the lowest bit is known to be one, so each digit takes the
/// remainder modulo 128 less 64, and the rest is odd again. The last digit takes what is left, bits 252 to 255.
fn digits(odd: &Limbs) -> [Digit; DIGITS] {
    std::array::from_fn(|i| {
        let low = WIDTH * i + 1;
        let word = odd[low / 64] >> (low % 64);
        // A shift by 64 in two steps, for digits that lie in one word.
        let next = odd.get(low / 64 + 1).map_or(0, |next| next << (63 - low % 64) << 1);
        let v = (word | next) & (2 * MULTIPLES as u64 - 1);
        if i == DIGITS - 1 {
            return Digit { entry: v, negative: 0 };
        }
        let negative = (v >> (WIDTH - 1)).wrapping_sub(1);
        Digit { entry: (v ^ negative) & (MULTIPLES as u64 - 1), negative }
    })
}
