//! UTCTime and GeneralizedTime in the only spellings DER allows (X.690 §11.7, §11.8; RFC 5280 §4.1.2.5).

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Unix seconds of `YYYYMMDDHHMMSSZ`.
pub(crate) fn parse_generalized(content: &[u8]) -> Option<i64> {
    let (year, rest) = content.split_at_checked(4)?;
    let year = digits(year)?;
    parse_rest(i16::try_from(year).ok()?, rest)
}

/// Unix seconds of `YYMMDDHHMMSSZ`; years 50–99 are 19xx, 00–49 are 20xx (RFC 5280 §4.1.2.5.1).
pub(crate) fn parse_utc(content: &[u8]) -> Option<i64> {
    let (year, rest) = content.split_at_checked(2)?;
    let year = digits(year)?;
    let century = if year < 50 { 2000 } else { 1900 };
    parse_rest(i16::try_from(century + year).ok()?, rest)
}

/// `YYYYMMDDHHMMSSZ`, or `None` outside the years 0 to 9999.
pub(crate) fn generalized(unix: i64) -> Option<String> {
    let at = civil(unix).filter(|at| at.year() >= 0)?;
    Some(format!("{:04}{}", at.year(), month_to_second(at)))
}

/// `YYMMDDHHMMSSZ`, or `None` outside the years 1950 to 2049.
pub(crate) fn utc(unix: i64) -> Option<String> {
    let at = civil(unix).filter(|at| (1950..2050).contains(&at.year()))?;
    Some(format!("{:02}{}", at.year() % 100, month_to_second(at)))
}

/// Readable UTC time for messages; the bare number if it is outside the calendar.
pub(crate) fn utc_text(unix: i64) -> String {
    civil(unix).map_or_else(|| unix.to_string(), |at| format!("{} UTC", at.strftime("%Y-%m-%d %H:%M:%S")))
}

fn civil(unix: i64) -> Option<DateTime> {
    Timestamp::from_second(unix).ok().map(|at| Offset::UTC.to_datetime(at))
}

fn month_to_second(at: DateTime) -> String {
    format!("{:02}{:02}{:02}{:02}{:02}Z", at.month(), at.day(), at.hour(), at.minute(), at.second())
}

/// Reads `MMDDHHMMSSZ`. The calendar check refuses 30 February, hour 24 and second 60.
fn parse_rest(year: i16, rest: &[u8]) -> Option<i64> {
    let fields = rest.strip_suffix(b"Z").filter(|fields| fields.len() == 10)?;
    let mut parts = [0i8; 5];
    for (part, two) in parts.iter_mut().zip(fields.chunks(2)) {
        *part = i8::try_from(digits(two)?).ok()?;
    }
    let [month, day, hour, minute, second] = parts;
    let at = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(Offset::UTC.to_timestamp(at).ok()?.as_second())
}

fn digits(bytes: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    text.parse().ok()
}
