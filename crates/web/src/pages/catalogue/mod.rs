//! `/catalogue`: what each kind of certificate is, what its face looks like, which codes it knows, and what has changed.

pub mod compare;
pub mod face;
pub mod kind;
pub mod kinds;
pub mod tables;

use catalogue::Kind;
use jiff::civil::Date;

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] =
    &[&kinds::PAGE, &kind::PAGE, &face::PAGE, &tables::PAGE, &tables::ONE, &compare::PAGE];

/// The day in China of an instant (microseconds UTC).
pub(in crate::pages) fn today(now: i64) -> Date {
    lifecycle::day_of(now).date()
}

/// Tone and word of a span of days.
fn effect(from: Date, to: Option<Date>, today: Date) -> (&'static str, &'static str) {
    if today < from {
        ("info", "尚未生效")
    } else if to.is_some_and(|end| end < today) {
        ("", "已失效")
    } else {
        ("ok", "生效中")
    }
}

/// `2026-01-01 起`, or from one day to another.
pub(in crate::pages) fn days(from: Date, to: Option<Date>) -> String {
    match (from == Date::MIN, to) {
        (true, None) => "不限".into(),
        (true, Some(end)) => format!("至 {end}"),
        (false, None) => format!("{from} 起"),
        (false, Some(end)) => format!("{from} 至 {end}"),
    }
}

/// Where a definition is shown: a kind may have several, each with its first day.
fn address(kind: &Kind) -> String {
    format!("/catalogue/kind?code={}&from={}", kind.slug, kind.effective_from)
}
