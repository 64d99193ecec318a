//! The field GF(2^7) of the error correction (GB/T 27766 annex D): polynomial x^7 + x^3 + 1.

/// Elements without zero; the generator 2 has this order.
pub(super) const ORDER: usize = 127;

const POLYNOMIAL: u16 = 0b1000_1001;

/// Powers of the generator, twice over so that a sum of two logarithms needs no reduction.
const EXP: [u8; 2 * ORDER] = {
    let mut table = [0; 2 * ORDER];
    let mut value: u16 = 1;
    let mut power = 0;
    while power < 2 * ORDER {
        table[power] = value as u8;
        value <<= 1;
        if value & 0x80 != 0 {
            value ^= POLYNOMIAL;
        }
        power += 1;
    }
    table
};

/// Logarithms; the entry of zero is never used.
const LOG: [u8; ORDER + 1] = {
    let mut table = [0; ORDER + 1];
    let mut power = 0;
    while power < ORDER {
        table[EXP[power] as usize] = power as u8;
        power += 1;
    }
    table
};

/// The generator to the power `n`.
pub(super) fn power(n: usize) -> u8 {
    EXP[n % ORDER]
}

/// Product of two elements.
pub(super) fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    EXP[usize::from(LOG[usize::from(a)]) + usize::from(LOG[usize::from(b)])]
}

/// Quotient of two elements; `b` is not zero.
pub(super) fn div(a: u8, b: u8) -> u8 {
    debug_assert!(b != 0, "division by zero in GF(128)");
    if a == 0 {
        return 0;
    }
    EXP[usize::from(LOG[usize::from(a)]) + ORDER - usize::from(LOG[usize::from(b)])]
}

/// Value at `x` of the polynomial with the highest coefficient first.
pub(super) fn eval(coefficients: impl Iterator<Item = u8>, x: u8) -> u8 {
    coefficients.fold(0, |sum, c| mul(sum, x) ^ c)
}
