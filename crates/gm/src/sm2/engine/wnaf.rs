//! Multiples of a point met for the first time: signed digits without neighbours. Public numbers only.

use super::point::{Affine, Jacobian};
use super::scalar::Scalar;

/// Bits of a digit; the digits are 0, ±1, ±3, … ±15, and after one that is not 0 come four that are.
const WIDTH: usize = 5;

/// `k·P`.
pub(super) fn multiply(point: &Affine, k: &Scalar) -> Jacobian {
    let base = point.to_jacobian();
    let twice = base.double();
    let mut odd = [base; 1 << (WIDTH - 2)];
    for i in 1..odd.len() {
        odd[i] = odd[i - 1].add(&twice);
    }
    digits(k).iter().rev().fold(Jacobian::INFINITY, |sum, &digit| {
        let sum = if sum.is_infinity() { sum } else { sum.double() };
        let entry = odd[usize::from(digit.unsigned_abs()) / 2];
        match digit {
            0 => sum,
            1.. => sum.add(&entry),
            _ => sum.add(&entry.negate()),
        }
    })
}

/// The digits of k, lowest first; one more than 256, for a carry.
fn digits(k: &Scalar) -> [i8; 257] {
    let bit = |place: usize| k.limbs().get(place / 64).map_or(0, |word| (word >> (place % 64) & 1) as i8);
    let mut digits = [0; 257];
    let (mut place, mut carry) = (0, 0);
    while place < digits.len() {
        if bit(place) == carry {
            place += 1;
            continue;
        }
        let window = (0..WIDTH).fold(carry, |value, i| value + (bit(place + i) << i));
        carry = window >> (WIDTH - 1);
        digits[place] = window - (carry << WIDTH);
        place += WIDTH;
    }
    digits
}
