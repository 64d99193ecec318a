//! The check characters of the trade's numbers, as pure functions over characters already known to be permitted.

/// `0-9A-Z` as 0–35; anything else as `None`.
pub(crate) fn value36(c: char) -> Option<u32> {
    match c {
        '0'..='9' | 'A'..='Z' => c.to_digit(36),
        _ => None,
    }
}

/// 0–35 as `0-9A-Z`.
fn char36(value: u32) -> char {
    // `from_digit` has an answer for every value below 36, and all callers reduce modulo 36 first.
    char::from_digit(value % 36, 36).unwrap_or('0').to_ascii_uppercase()
}

/// ISO 7064 MOD 37,36 (GB/T 17710) over characters of `0-9A-Z`; others are skipped.
pub(crate) fn mod_37_36(chars: impl Iterator<Item = char>) -> char {
    let mut p = 36;
    for value in chars.filter_map(value36) {
        p = (p + value) % 36;
        if p == 0 {
            p = 36;
        }
        p = p * 2 % 37;
    }
    char36((37 - p) % 36)
}

/// The 31 characters of GB 32100, in the order of their values.
pub(crate) const USCC_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB 32100: weights 3^(i-1) mod 31 over the first 17 characters.
pub(crate) fn mod_31(chars: impl Iterator<Item = char>) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for c in chars.take(17) {
        sum += USCC_ALPHABET.find(c).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    let value = (31 - sum % 31) % 31;
    USCC_ALPHABET.chars().nth(value).unwrap_or('0')
}

/// GB 11643 (ISO 7064 MOD 11-2): weights 2^(18-i) mod 11 over the first 17 digits.
pub(crate) fn mod_11_2(digits: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: u32 = digits.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    CHECK[(sum % 11) as usize]
}

/// GB 16735: the character that belongs at position 9 of a 17-character VIN.
pub(crate) fn vin_check(vin: &str) -> char {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = vin.chars().zip(WEIGHTS).map(|(c, w)| vin_value(c) * w).sum();
    match sum % 11 {
        10 => 'X',
        // Below 10 by the arm above, so a decimal digit exists.
        n => char::from_digit(n, 10).unwrap_or('0'),
    }
}

/// GB 16735 table of letter values: A–H 1–8, J–R 1–9 (without O and Q), S–Z 2–9.
fn vin_value(c: char) -> u32 {
    match c {
        '0'..='9' => c as u32 - '0' as u32,
        'A'..='H' => c as u32 - 'A' as u32 + 1,
        'J'..='R' => c as u32 - 'J' as u32 + 1,
        'S'..='Z' => c as u32 - 'S' as u32 + 2,
        _ => 0,
    }
}
