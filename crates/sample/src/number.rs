//! Check digits for invented numbers. Written apart from the checks of crate `codes`, so that each is a test of the other.

use crate::random::scatter;

/// GB 11643: the 18 characters from the 17 digits.
pub(crate) fn resident_id(digits: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{digits}{}", char::from(check))
}

/// The characters of GB 32100: no I, O, S, V, Z.
const USCC_SET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB 32100 with a body code of GB 11714: a company (91) of an area, different for every number below 31⁶.
pub(crate) fn uscc(seed: u64, area: &str, company: usize) -> String {
    let mut value = scatter(seed, company, 31_u64.pow(6));
    let mut body = *b"MA000000";
    for place in body[2..].iter_mut().rev() {
        *place = USCC_SET[(value % 31) as usize];
        value /= 31;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let text = format!("91{area}{body}{}", body_check(&body));
    let mut weight = 1;
    let mut sum = 0;
    for character in text.bytes() {
        // Every character was taken from the set.
        let rank = USCC_SET.iter().position(|other| *other == character).unwrap_or(0);
        sum += rank * weight;
        weight = weight * 3 % 31;
    }
    format!("{text}{}", char::from(USCC_SET[(31 - sum % 31) % 31]))
}

/// GB 11714: letters count from A = 10 without gaps, remainder 10 is X.
fn body_check(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let values = body.chars().map(|character| character.to_digit(36).unwrap_or(0));
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// GB 16735: sets position 9 of 17 characters.
pub(crate) fn vin(text: &str) -> String {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    // A–H 1–8, J–N 1–5, P 7, R 9, S–Z 2–9.
    let value = |character: char| match character {
        'A'..='H' => u32::from(character) - u32::from('A') + 1,
        'J'..='N' => u32::from(character) - u32::from('J') + 1,
        'P' => 7,
        'R' => 9,
        'S'..='Z' => u32::from(character) - u32::from('S') + 2,
        other => other.to_digit(10).unwrap_or(0),
    };
    let sum: u32 = text.chars().zip(WEIGHTS).map(|(character, weight)| value(character) * weight).sum();
    let check = if sum % 11 == 10 { 'X' } else { char::from_digit(sum % 11, 10).unwrap_or('0') };
    text.chars().enumerate().map(|(place, character)| if place == 8 { check } else { character }).collect()
}
