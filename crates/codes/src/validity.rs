//! Legal dates: strict ISO `YYYY-MM-DD`, and 长期.

use std::fmt;

use jiff::civil::Date;

use crate::check::shortened;
use crate::error::CodeError;
use crate::text::text_value;

const ITEM: &str = "日期";

/// The word for an end that is not set.
const LONG_TERM: &str = "长期";

/// A day in Asia/Shanghai as laws and certificates name it; its text is exactly `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegalDate(Date);

impl LegalDate {
    /// Reads `YYYY-MM-DD` and nothing else: `20260301` and `2026/3/1` are errors with the right form in the text.
    ///
    /// # Errors
    /// [`CodeError::Date`] for another form, [`CodeError::NoSuchDay`] for a day that does not exist.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let error = || CodeError::Date { item: ITEM, found: shortened(text) };
        let bytes = text.as_bytes();
        // jiff reads several ISO forms; only this one is a legal date here.
        let shape = bytes.len() == 10
            && bytes
                .iter()
                .enumerate()
                .all(|(i, b)| if matches!(i, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            return Err(error());
        }
        text.parse().map(Self).map_err(|_| CodeError::NoSuchDay { item: ITEM, found: text.to_owned() })
    }

    /// The day.
    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }
}

impl From<Date> for LegalDate {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl From<LegalDate> for Date {
    fn from(date: LegalDate) -> Self {
        date.0
    }
}

impl fmt::Display for LegalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

text_value!(LegalDate);

/// Until when something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Validity {
    /// To 24:00 of this day.
    Until(Date),
    /// 长期: no end is set. Sorts after every date.
    LongTerm,
}

impl Validity {
    /// Reads `YYYY-MM-DD` or `长期`.
    ///
    /// # Errors
    /// [`CodeError::NoSuchDay`] for a day that does not exist, [`CodeError::Date`] for anything else.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text == LONG_TERM {
            return Ok(Self::LongTerm);
        }
        let item = "有效期截止日期（无截止日期时填“长期”）";
        LegalDate::parse(text).map(|date| Self::Until(date.date())).map_err(|error| match error {
            CodeError::NoSuchDay { found, .. } => CodeError::NoSuchDay { item, found },
            _ => CodeError::Date { item, found: shortened(text) },
        })
    }

    /// Whether `day` is not after the end; the last day itself still counts.
    #[must_use]
    pub fn covers(self, day: Date) -> bool {
        match self {
            Self::Until(end) => day <= end,
            Self::LongTerm => true,
        }
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Until(date) => write!(f, "{date}"),
            Self::LongTerm => f.write_str(LONG_TERM),
        }
    }
}

text_value!(Validity);
