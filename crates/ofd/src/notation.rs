//! How GB/T 33190 writes values in XML attributes, both ways: numbers, boxes, arrays, text spacing.

use crate::geometry::{Matrix, Rect};

/// Values beyond this are no place on any page; they would only overflow later arithmetic.
const FARTHEST: f64 = 1e6;

/// Appends `value` in mm with at most three decimals and no trailing zeros; what is not a number becomes `0`.
pub fn push_mm(out: &mut String, value: f64) {
    push_decimal(out, value, 1000);
}

/// Appends `value` rounded to a part of `unit` (a power of ten), without trailing zeros.
pub(crate) fn push_decimal(out: &mut String, value: f64, unit: u64) {
    // `as` saturates and maps NaN to 0, so the arithmetic below cannot overflow.
    let parts = (value.clamp(-FARTHEST, FARTHEST) * unit as f64).round() as i64;
    if parts < 0 {
        out.push('-');
    }
    push_integer(out, parts.unsigned_abs() / unit);
    let mut rest = parts.unsigned_abs() % unit;
    if rest == 0 {
        return;
    }
    out.push('.');
    let mut place = unit / 10;
    while rest > 0 {
        out.push(char::from(b'0' + (rest / place) as u8));
        rest %= place;
        place /= 10;
    }
}

/// Appends an unsigned integer, without the machinery of `format!`.
pub fn push_integer(out: &mut String, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend(digits[at..].iter().map(|d| char::from(*d)));
}

/// [`push_mm`] as a new string.
pub fn mm(value: f64) -> String {
    let mut out = String::with_capacity(8);
    push_mm(&mut out, value);
    out
}

/// A `Boundary` value: `x y w h`.
pub fn boundary(rect: &Rect) -> String {
    let mut out = String::with_capacity(32);
    for (i, value) in [rect.x, rect.y, rect.w, rect.h].into_iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_mm(&mut out, value);
    }
    out
}

/// A `DeltaX` or `DeltaY` value: runs of three or more equal steps become `g count step` (§11.3).
pub fn delta(steps: &[f64]) -> String {
    let mut out = String::new();
    let mut rest = steps.iter().map(|v| mm(*v)).peekable();
    while let Some(step) = rest.next() {
        let mut count = 1u64;
        while rest.next_if_eq(&step).is_some() {
            count += 1;
        }
        if count >= 3 {
            push_spaced(&mut out, "g");
            out.push(' ');
            push_integer(&mut out, count);
            push_spaced(&mut out, &step);
        } else {
            (0..count).for_each(|_| push_spaced(&mut out, &step));
        }
    }
    out
}

fn push_spaced(out: &mut String, word: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

/// One number; `None` when it is not finite or lies off every page.
pub fn parse_number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|v: &f64| v.abs() <= FARTHEST)
}

/// Numbers parted by white space; `None` when one is not a number or there are more than `most`.
pub fn parse_array(text: &str, most: usize) -> Option<Vec<f64>> {
    let mut values = Vec::new();
    for word in text.split_ascii_whitespace() {
        if values.len() == most {
            return None;
        }
        values.push(parse_number(word)?);
    }
    Some(values)
}

/// An `ST_Box` with a width and height that are not negative.
pub fn parse_box(text: &str) -> Option<Rect> {
    match parse_array(text, 4)?[..] {
        [x, y, w, h] if w >= 0.0 && h >= 0.0 => Some(Rect { x, y, w, h }),
        _ => None,
    }
}

/// A `CTM` of six numbers.
pub fn parse_matrix(text: &str) -> Option<Matrix> {
    match parse_array(text, 6)?[..] {
        [a, b, c, d, e, f] => Some(Matrix { a, b, c, d, e, f }),
        _ => None,
    }
}

/// The steps of a `DeltaX` or `DeltaY` value, `g count step` expanded; at most `most` steps, for the text has
/// no more characters and the count of a stranger must not be believed.
pub fn parse_delta(text: &str, most: usize) -> Option<Vec<f64>> {
    let mut steps = Vec::new();
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if steps.len() >= most {
            break;
        }
        if word == "g" {
            let count: u64 = words.next()?.parse().ok()?;
            let step = parse_number(words.next()?)?;
            let count = usize::try_from(count).unwrap_or(usize::MAX).min(most - steps.len());
            steps.extend(std::iter::repeat_n(step, count));
        } else {
            steps.push(parse_number(word)?);
        }
    }
    Some(steps)
}
