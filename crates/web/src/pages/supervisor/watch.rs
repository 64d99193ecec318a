//! What the watching pages share: whose things they show, and how instants and ages are said.

use node::overview::Reach;
use node::session::{Live, Scope};

/// Areas and kinds on which whoever asks may do an act.
pub(super) fn reach(live: &Live, act: &str) -> Reach {
    let Scope { areas, kinds } = live.reach(act);
    Reach { areas, kinds }
}

/// `11-22 13:05` of an instant, in China.
pub(super) fn minute(at: i64) -> String {
    let text = instant(at);
    text.get(5..16).unwrap_or_default().to_owned()
}

/// `2026-11-22 13:05` of an instant, in China.
pub(super) fn instant(at: i64) -> String {
    const MINUTE: i64 = 60_000_000;
    let minutes = at.saturating_add(480 * MINUTE).div_euclid(MINUTE).rem_euclid(1_440);
    format!("{} {:02}:{:02}", day(at), minutes / 60, minutes % 60)
}

/// `2026-11-22` of an instant, in China.
pub(super) fn day(at: i64) -> String {
    lifecycle::day_of(at).to_string()
}

/// An age in microseconds, in one or two units.
pub(super) fn age(age: i64) -> String {
    let minutes = age.max(0) / 60_000_000;
    match minutes {
        0 => "不到 1 分钟".into(),
        1..60 => format!("{minutes} 分钟"),
        60..1_440 => format!("{} 小时 {} 分", minutes / 60, minutes % 60),
        _ => format!("{} 天 {} 小时", minutes / 1_440, minutes % 1_440 / 60),
    }
}
