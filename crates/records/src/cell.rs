//! What Excel does to text, and what text does to Excel.

/// A character that makes Excel read a cell as a formula or that hides one.
fn is_trigger(character: char) -> bool {
    matches!(character, '=' | '+' | '-' | '@' | '\t' | '\r')
}

fn is_escapable(character: char) -> bool {
    is_trigger(character) || character == '\''
}

/// Neutralises a cell that Excel would run as a formula: an apostrophe goes before it.
/// A cell that already looks neutralised gets one more, so that [`restore`] gives back exactly what was there.
pub(crate) fn neutralise(text: &str) -> String {
    let mut characters = text.chars();
    let escape = match characters.next() {
        Some('\'') => characters.next().is_some_and(is_escapable),
        Some(first) => is_trigger(first),
        None => false,
    };
    if escape { format!("'{text}") } else { text.to_owned() }
}

/// Undoes [`neutralise`].
pub(crate) fn restore(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(is_escapable) => rest,
        _ => text,
    }
}

/// Is it a number as Excel shows one with more than eleven digits (`1.10101E+17`)? Its digits are lost.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once("E+") else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent)
}

/// A date as Excel saves one (`2026/6/1`, `2026-6-1`) as ISO text; anything else as it is.
pub(crate) fn iso_date(text: &str) -> String {
    let parts: Vec<_> = text.trim().split(['/', '-']).collect();
    let number = |part: &str, longest: usize| {
        let plain =
            !part.is_empty() && part.len() <= longest && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<u16>().ok()).flatten()
    };
    if let [year, month, day] = parts.as_slice()
        && year.len() == 4
        && let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    text.to_owned()
}

/// Digits that an Excel number keeps: above this the last ones are zeros that Excel invented.
pub(crate) const EXACT_BELOW: f64 = 1e15;

/// A number cell as text: no `.0`, no exponent.
pub(crate) fn number_text(value: f64) -> String {
    // Excel keeps 15 significant digits; more would show the error of the binary fraction (1.1 as 1.1000000000000001).
    if value == value.trunc() && value.abs() < EXACT_BELOW {
        return format!("{value:.0}");
    }
    let whole_digits = format!("{:.0}", value.abs().trunc()).len();
    let text = format!("{value:.*}", 15_usize.saturating_sub(whole_digits));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Days between the two date systems of Excel: of 1900 (Windows) and of 1904 (old Macintosh).
pub(crate) const DAYS_1904: f64 = 1462.0;

/// An Excel serial day (1900 system) as ISO text; `None` outside 1900-03-01 to 9999-12-31, where Excel's days are right.
pub(crate) fn serial_date(serial: f64) -> Option<String> {
    if !(61.0..2_958_466.0).contains(&serial) {
        return None;
    }
    // Days to civil date over 400-year eras counted from 0000-03-01.
    let day = serial.floor() as i64 - 61 + 693_960;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day_of_month:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_of_known_days() {
        assert_eq!(serial_date(61.0).unwrap(), "1900-03-01");
        assert_eq!(serial_date(36_526.0).unwrap(), "2000-01-01");
        assert_eq!(serial_date(45_351.75).unwrap(), "2024-02-29");
        assert_eq!(serial_date(46_174.0).unwrap(), "2026-06-01");
        assert_eq!(serial_date(2_958_465.0).unwrap(), "9999-12-31");
        assert_eq!(serial_date(60.0), None);
    }

    #[test]
    fn numbers_without_noise() {
        assert_eq!(number_text(12.0), "12");
        assert_eq!(number_text(1.1), "1.1");
        assert_eq!(number_text(31.505), "31.505");
        assert_eq!(number_text(-0.5), "-0.5");
        assert_eq!(number_text(990_100_000_123.0), "990100000123");
    }

    #[test]
    fn apostrophes_come_and_go() {
        for text in ["=1+1", "'=1", "''", "'abc", "-", "@x", "", "'", "'''+", "王"] {
            assert_eq!(restore(&neutralise(text)), text);
        }
        assert_eq!(neutralise("=1+1"), "'=1+1");
    }

    #[test]
    fn scientific_is_told_from_model_numbers() {
        assert!(is_scientific("1.10E+17"));
        assert!(is_scientific("9E+11"));
        assert!(!is_scientific("CLE+17"));
        assert!(!is_scientific("E+17"));
        assert!(!is_scientific("1.10.1E+17"));
    }
}
