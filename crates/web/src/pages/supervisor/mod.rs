//! The supervisors' pages: what runs, what is late, what is wrong, in their areas.

pub mod overview;
mod tile;

use node::overview::Reach;
use node::session::{Live, Visitor};

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[&overview::PAGE];

/// Areas and kinds of whoever asks.
fn reach(live: &Live) -> Reach {
    match &live.visitor {
        Visitor::Operator { areas, .. } => Reach { areas: areas.clone(), kinds: vec!["*".into()] },
        Visitor::Holder(_) => Reach::default(),
    }
}

/// `11-22 13:05` of an instant, in China.
fn minute(at: i64) -> String {
    let text = instant(at);
    text.get(5..16).unwrap_or_default().to_owned()
}

/// `2026-11-22 13:05` of an instant, in China.
fn instant(at: i64) -> String {
    const MINUTE: i64 = 60_000_000;
    let minutes = at.saturating_add(480 * MINUTE).div_euclid(MINUTE).rem_euclid(1_440);
    format!("{} {:02}:{:02}", day(at), minutes / 60, minutes % 60)
}

/// `2026-11-22` of an instant, in China.
fn day(at: i64) -> String {
    lifecycle::day_of(at).to_string()
}

/// An age in microseconds, in one or two units.
fn age(age: i64) -> String {
    let minutes = age.max(0) / 60_000_000;
    match minutes {
        0 => "不到 1 分钟".into(),
        1..60 => format!("{minutes} 分钟"),
        60..1_440 => format!("{} 小时 {} 分", minutes / 60, minutes % 60),
        _ => format!("{} 天 {} 小时", minutes / 1_440, minutes % 1_440 / 60),
    }
}
