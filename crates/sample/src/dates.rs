//! Days that keep every rule of the kinds: first issue ≤ issue ≤ start ≤ end, spans not longer than allowed.

use jiff::Span;
use jiff::civil::Date;

use crate::random::Random;

/// Clean records stay valid for so many months after today (2026-06-01 to beyond 2028-12-31).
const HORIZON_MONTHS: i32 = 31;

/// A date moved by months; the ends of the calendar are far from any day that is used here.
pub(crate) fn add_months(date: Date, months: i32) -> Date {
    date.saturating_add(Span::new().months(months))
}

pub(crate) fn add_days(date: Date, days: i32) -> Date {
    date.saturating_add(Span::new().days(days))
}

/// The first day on which a clean record may run out.
pub(crate) fn horizon(today: Date) -> Date {
    add_months(today, HORIZON_MONTHS)
}

/// A day between two days, both included; the first when they are in the wrong order.
pub(crate) fn between(random: &mut Random, first: Date, last: Date) -> Date {
    let days = first.until(last).map_or(0, |span| span.get_days());
    add_days(first, random.below(usize::try_from(days).unwrap_or(0) + 1) as i32)
}

/// The days of a certificate.
pub(crate) struct Term {
    /// 证照颁发日期: up to four days before the start.
    pub(crate) issued: Date,
    pub(crate) start: Date,
    pub(crate) end: Date,
}

impl Term {
    /// A term of whole years that holds today and reaches the horizon. `years` is 3 or more.
    pub(crate) fn of_years(random: &mut Random, today: Date, years: i32) -> Self {
        let start = between(random, earliest_start(today, years), add_days(today, -1));
        Self { issued: add_days(start, -(random.below(5) as i32)), start, end: end_of(start, years) }
    }
}

/// The first day on which a term may begin that reaches the horizon; two days to spare for months of other lengths.
pub(crate) fn earliest_start(today: Date, years: i32) -> Date {
    add_days(add_months(today, HORIZON_MONTHS - 12 * years), 2)
}

/// The last day of a term of whole years: the day before its anniversary.
pub(crate) fn end_of(start: Date, years: i32) -> Date {
    add_days(add_months(start, 12 * years), -1)
}
