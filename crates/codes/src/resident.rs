//! 公民身份号码 (GB 11643-1999), its 15-digit predecessor, and 港澳台居民居住证, which follows the same rule.

use std::fmt;

use jiff::civil::Date;

use crate::area::{AreaCode, Areas};
use crate::check;
use crate::checksum::mod_11_2;
use crate::error::CodeError;
use crate::table::Lookup;
use crate::warning::Warning;

const ITEM: &str = "公民身份号码";

/// 国务院令 on residence permits: 香港 810000, 澳门 820000, 台湾 830000. 830000 is no code of GB/T 2260.
const PERMIT_PREFIXES: [&str; 3] = ["81", "82", "83"];

/// The sex that the 17th digit carries (GB/T 2261.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男, odd.
    Male,
    /// 女, even.
    Female,
}

impl Sex {
    /// The code of table `sex`: `1` or `2`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }
}

/// An 18-character identity number whose check character and birth date hold. `Debug` masks it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId {
    text: String,
    birth: Date,
}

impl ResidentId {
    /// Reads a number exactly as it stands (`X` upper case). An area that is abolished or unknown is a warning:
    /// numbers last for life and tables are never complete; only an impossible province is an error.
    ///
    /// # Errors
    /// Length, characters, check character, province, a birth date that does not exist or lies after `today`.
    pub fn parse(text: &str, today: Date) -> Result<(Self, Vec<Warning>), CodeError> {
        check::length(ITEM, text, &[18], "18")?;
        if let Some((index, c)) =
            text.chars().enumerate().find(|&(i, c)| !(c.is_ascii_digit() || (i == 17 && c == 'X')))
        {
            let allowed = if index == 17 { "数字或大写字母X" } else { "数字" };
            return Err(check::character(ITEM, index, c, allowed));
        }
        let expected = mod_11_2(text);
        if let Some(found) = text.chars().next_back().filter(|c| *c != expected) {
            return Err(CodeError::CheckCharacter { item: ITEM, position: 18, expected, found });
        }
        let birth = birth_date(&text[6..14], today)?;
        let id = Self { text: text.to_owned(), birth };
        let warnings = id.check_area(today)?;
        Ok((id, warnings))
    }

    fn check_area(&self, today: Date) -> Result<Vec<Warning>, CodeError> {
        if self.is_residence_permit() {
            return Ok(Vec::new());
        }
        let (areas, area) = (Areas::builtin(), self.area());
        if !areas.has_province(area) {
            return Err(CodeError::Province { item: ITEM, found: self.text[..2].to_owned() });
        }
        Ok(match areas.get(area, today) {
            Lookup::Known(_) => Vec::new(),
            Lookup::Retired(name) => vec![Warning::AreaRetired { area, name: name.to_owned() }],
            Lookup::Unknown => vec![Warning::AreaUnknown { area }],
        })
    }

    /// Whether this is the number of a 港澳台居民居住证.
    #[must_use]
    pub fn is_residence_permit(&self) -> bool {
        PERMIT_PREFIXES.iter().any(|prefix| self.text.starts_with(prefix))
    }

    /// The area of the first registration.
    #[must_use]
    pub fn area(&self) -> AreaCode {
        AreaCode::from_checked_digits(&self.text[..6])
    }

    /// The birth date.
    #[must_use]
    pub fn birth_date(&self) -> Date {
        self.birth
    }

    /// The sex.
    #[must_use]
    pub fn sex(&self) -> Sex {
        // Position 17 is a digit, and an ASCII digit is odd exactly when its byte is.
        if self.text.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// All 18 characters: personal data, not for logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId(******)")
    }
}

/// The 18-character form of a 15-digit number: `19` before the year, check character behind.
///
/// The old sequence numbers 996–999, reserved for people born before 1900, are not told apart.
///
/// # Errors
/// Not 15 digits. The result is still to be read with [`ResidentId::parse`], which judges date and area.
pub fn fifteen_to_eighteen(text: &str) -> Result<String, CodeError> {
    const OLD: &str = "15位旧居民身份证号码";
    check::characters(OLD, text, "数字", |c| c.is_ascii_digit())?;
    check::length(OLD, text, &[15], "15")?;
    let mut long = format!("{}19{}", &text[..6], &text[6..]);
    long.push(mod_11_2(&long));
    Ok(long)
}

/// `YYYYMMDD` as a day that exists, not before 1800 and not after today.
fn birth_date(digits: &str, today: Date) -> Result<Date, CodeError> {
    let error = || CodeError::Date { item: "公民身份号码中的出生日期", found: digits.to_owned() };
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i16>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(4..6), number(6..8)) else {
        return Err(error());
    };
    // Two digits each, so both fit an i8.
    let date = Date::new(year, month as i8, day as i8).map_err(|_| error())?;
    if year < 1800 {
        return Err(error());
    }
    if date > today {
        return Err(CodeError::BirthInFuture { item: ITEM, date, today });
    }
    Ok(date)
}
