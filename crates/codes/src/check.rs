//! Checking the characters of a number one by one, with a fix for the usual slips of the keyboard.

use crate::error::CodeError;

/// Refuses the first character that `permitted` does not hold for.
///
/// `item` names the number and `allowed` the set, both in Chinese.
pub(crate) fn characters(
    item: &'static str,
    text: &str,
    allowed: &'static str,
    permitted: impl Fn(char) -> bool,
) -> Result<(), CodeError> {
    match text.chars().enumerate().find(|(_, c)| !permitted(*c)) {
        None => Ok(()),
        Some((index, c)) => Err(character(item, index, c, allowed)),
    }
}

/// The error for one character at a 0-based index.
pub(crate) fn character(item: &'static str, index: usize, c: char, allowed: &'static str) -> CodeError {
    CodeError::Character { item, position: index + 1, found: shown(c), allowed, fix: fix(c) }
}

/// Refuses a text that has not one of `lengths` characters; `expected` says the lengths in words.
pub(crate) fn length(
    item: &'static str,
    text: &str,
    lengths: &[usize],
    expected: &'static str,
) -> Result<(), CodeError> {
    let actual = text.chars().count();
    if lengths.contains(&actual) { Ok(()) } else { Err(CodeError::Length { item, expected, actual }) }
}

/// What to do about a character: input is never mended silently, but the mend is named.
fn fix(c: char) -> String {
    match c {
        ' ' | '\u{3000}' | '\t' | '\u{a0}' => "请删去空格".to_owned(),
        '\u{ff01}'..='\u{ff5e}' => match half_width(c) {
            Some(half) => format!("请改用半角大写字符“{}”", half.to_ascii_uppercase()),
            None => "请改用半角字符".to_owned(),
        },
        'a'..='z' => format!("请改用大写字母“{}”", c.to_ascii_uppercase()),
        'O' => "字母O不使用，疑为数字0，请核对原件".to_owned(),
        'I' => "字母I不使用，疑为数字1，请核对原件".to_owned(),
        _ => "请核对原件".to_owned(),
    }
}

/// The ASCII twin of a full-width character (U+FF01–FF5E lie 0xFEE0 above U+0021–007E).
fn half_width(c: char) -> Option<char> {
    char::from_u32((c as u32).checked_sub(0xFEE0)?)
}

/// The character itself, or its code point where showing it could garble a page or a log.
pub(crate) fn shown(c: char) -> String {
    if c.is_control() || c.is_whitespace() { format!("U+{:04X}", c as u32) } else { c.to_string() }
}

/// At most 24 characters of a text given by a user, with unshowable ones as code points.
pub(crate) fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(24).map(shown).collect();
    if text.chars().nth(24).is_some() {
        out.push('…');
    }
    out
}
