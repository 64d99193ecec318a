//! 统一社会信用代码 (GB 32100-2015).

use std::fmt;

use crate::area::AreaCode;
use crate::check;
use crate::checksum::{USCC_ALPHABET, mod_31};
use crate::error::CodeError;
use crate::text::text_value;

const ITEM: &str = "统一社会信用代码";
const ALLOWED: &str = "数字或除I、O、S、V、Z外的大写字母";

/// A unified social credit code: 18 upper-case characters whose check character holds (GB 32100-2015).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc(String);

impl Uscc {
    /// Reads a code exactly as it stands: lower case, full width and spaces are errors, each with its fix.
    ///
    /// # Errors
    /// Wrong length, a character outside the alphabet, a non-digit in the area (positions 3–8), or a wrong check.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        Self::shape(ITEM, text)?;
        let expected = Self::check_digit(text);
        match text.chars().next_back() {
            Some(found) if found != expected => {
                Err(CodeError::CheckCharacter { item: ITEM, position: 18, expected, found })
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// Everything but the check character, so that foreign identifiers can report the check apart.
    pub(crate) fn shape(item: &'static str, text: &str) -> Result<(), CodeError> {
        check::characters(item, text, ALLOWED, |c| USCC_ALPHABET.contains(c))?;
        check::length(item, text, &[18], "18")?;
        // GB 32100 4.3: positions 3-8 are the registering authority's area, digits only.
        match text.chars().enumerate().skip(2).take(6).find(|(_, c)| !c.is_ascii_digit()) {
            Some((index, c)) => Err(check::character(item, index, c, "数字（登记机关行政区划）")),
            None => Ok(()),
        }
    }

    /// The 18th character that belongs to the first 17 of `text`; characters outside the alphabet count as 0.
    #[must_use]
    pub fn check_digit(text: &str) -> char {
        mod_31(text.chars())
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The area of the registering authority, characters 3–8 (100000 for the central state).
    #[must_use]
    pub fn area(&self) -> AreaCode {
        AreaCode::from_checked_digits(&self.0[2..8])
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_value!(Uscc);
