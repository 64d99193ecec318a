//! Reed–Solomon code of one block: roots are the powers 1, 2, … of the generator (GB/T 27766 annex D).

use super::galois::{ORDER, div, eval, mul, power};

/// The `check` check codewords of `data`, in the order in which they follow it.
pub(super) fn check_codewords(data: &[u8], check: usize) -> Vec<u8> {
    let generator = generator(check);
    let mut remainder = vec![0; check];
    for &word in data {
        let factor = word ^ remainder[0];
        remainder.rotate_left(1);
        remainder[check - 1] = 0;
        for (r, &g) in remainder.iter_mut().zip(&generator[1..]) {
            *r ^= mul(g, factor);
        }
    }
    remainder
}

/// Product of (x - 2^i) for i from 1 to `check`, highest coefficient first.
fn generator(check: usize) -> Vec<u8> {
    let mut poly = vec![1];
    for root in 1..=check {
        poly.push(0);
        for i in (1..poly.len()).rev() {
            poly[i] ^= mul(poly[i - 1], power(root));
        }
    }
    poly
}

/// Repairs `block` (data and `check` check codewords, at most 127 in all) in place.
///
/// Returns how many codewords were wrong, or `None` if that are more than `check / 2`; then `block` is unchanged.
pub(super) fn correct(block: &mut [u8], check: usize) -> Option<usize> {
    let syndromes = syndromes(block, check);
    if syndromes.iter().all(|&s| s == 0) {
        return Some(0);
    }
    let locator = locator(&syndromes);
    let errors = locator.len() - 1;
    if errors > check / 2 {
        return None;
    }
    let positions = positions(&locator, block.len());
    if positions.len() != errors {
        return None;
    }
    let mut repaired = block.to_vec();
    for &position in &positions {
        repaired[block.len() - 1 - position] ^= magnitude(&locator, &syndromes, position)?;
    }
    // A locator with the right number of roots can still belong to no codeword.
    if self::syndromes(&repaired, check).iter().any(|&s| s != 0) {
        return None;
    }
    block.copy_from_slice(&repaired);
    Some(errors)
}

/// Values of the received polynomial at the roots of the generator.
fn syndromes(block: &[u8], check: usize) -> Vec<u8> {
    (1..=check).map(|root| eval(block.iter().copied(), power(root))).collect()
}

/// Berlekamp–Massey: the shortest polynomial, lowest coefficient first, whose roots locate the errors.
fn locator(syndromes: &[u8]) -> Vec<u8> {
    let (mut current, mut previous) = (vec![1_u8], vec![1_u8]);
    let (mut length, mut gap, mut last) = (0, 1, 1);
    for n in 0..syndromes.len() {
        let discrepancy =
            (0..=length).fold(0, |d, i| d ^ mul(current.get(i).copied().unwrap_or(0), syndromes[n - i]));
        if discrepancy == 0 {
            gap += 1;
            continue;
        }
        let before = current.clone();
        let factor = div(discrepancy, last);
        current.resize(current.len().max(previous.len() + gap), 0);
        for (i, &c) in previous.iter().enumerate() {
            current[i + gap] ^= mul(factor, c);
        }
        if 2 * length <= n {
            length = n + 1 - length;
            (previous, last, gap) = (before, discrepancy, 1);
        } else {
            gap += 1;
        }
    }
    // The degree tells the number of errors; a locator of another length has no meaning and is refused later.
    current.resize(length + 1, 0);
    current
}

/// Chien search: exponents of the codewords (0 = last of the block) that the locator names.
fn positions(locator: &[u8], length: usize) -> Vec<usize> {
    let is_root = |&n: &usize| eval(locator.iter().rev().copied(), power(ORDER - n)) == 0;
    (0..length).filter(is_root).collect()
}

/// Forney: by how much the codeword at exponent `position` is wrong; `None` if the locator has a double root.
fn magnitude(locator: &[u8], syndromes: &[u8], position: usize) -> Option<u8> {
    let inverse = power(ORDER - position);
    // Evaluator = syndromes * locator, cut at the number of syndromes; the first root is 2^1, so no extra factor.
    let coefficient =
        |n: usize| (0..=n.min(locator.len() - 1)).fold(0, |sum, i| sum ^ mul(locator[i], syndromes[n - i]));
    let evaluator = eval((0..locator.len() - 1).rev().map(coefficient), inverse);
    // The derivative keeps the odd coefficients only.
    let derivative =
        eval((0..locator.len() - 1).rev().map(|i| if i % 2 == 0 { locator[i + 1] } else { 0 }), inverse);
    (derivative != 0).then(|| div(evaluator, derivative))
}
