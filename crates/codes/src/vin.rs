//! 车辆识别代号 (GB 16735-2019).

use std::fmt;

use crate::check;
use crate::checksum::vin_check;
use crate::error::CodeError;
use crate::text::text_value;

const ITEM: &str = "车辆识别代号（VIN）";

/// A vehicle identification number: 17 characters of `0-9A-Z` without I, O and Q.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vin(String);

impl Vin {
    /// Reads a VIN exactly as it stands. The check digit is not required: old vehicles and trailers fail it.
    ///
    /// # Errors
    /// Not 17 characters, or a character outside the set.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        check::characters(ITEM, text, "数字或除I、O、Q外的大写字母", |c| {
            c.is_ascii_digit() || (c.is_ascii_uppercase() && !matches!(c, 'I' | 'O' | 'Q'))
        })?;
        check::length(ITEM, text, &[17], "17")?;
        Ok(Self(text.to_owned()))
    }

    /// Whether position 9 is the check digit of the others (a soft rule).
    #[must_use]
    pub fn check_digit_holds(&self) -> bool {
        self.0.chars().nth(8) == Some(vin_check(&self.0))
    }

    /// The 17 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Vin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_value!(Vin);
