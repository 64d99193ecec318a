//! What the watching pages share: whose things they show, and how instants and ages are said.

use link::problem::Problem;
use node::overview::Reach;
use node::session::{Live, Scope};

use crate::pages::Visit;

/// Areas and kinds on which whoever asks may do an act.
pub(super) fn reach(live: &Live, act: &str) -> Reach {
    let Scope { areas, kinds } = live.reach(act);
    Reach { areas, kinds }
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

/// An entry of a list to choose from.
pub(super) struct Choice {
    /// What is sent.
    pub code: String,
    /// What is read.
    pub name: String,
    /// Is it the one that was chosen?
    pub chosen: bool,
}

impl Choice {
    /// Entries of (code, name), with the one that was chosen.
    pub fn list(entries: &[(String, String)], chosen: &str) -> Vec<Self> {
        let one = |(code, name): &(String, String)| Self {
            chosen: code == chosen,
            code: code.clone(),
            name: name.clone(),
        };
        entries.iter().map(one).collect()
    }
}

/// A day of the query as its first instant in China; `None` where it is left out.
///
/// # Errors
/// 422 for what is no day.
pub(super) fn day_of(visit: &Visit, field: &str) -> Result<Option<i64>, Problem> {
    let text = visit.query.get(field);
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        Problem::new(422, "FORM_DATE", "日期不合规")
            .item(field)
            .detail(format!("“{}”不是日期", text.chars().take(20).collect::<String>()))
            .fix("请按“2026-11-22”的格式填写")
    };
    let date: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    let at = jiff::tz::Offset::constant(8).to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| wrong())?;
    Ok(Some(at.as_microsecond()))
}

/// An instant of a form (`2026-11-22T18:00`, in China); `None` for what is none.
pub(super) fn instant_of(text: &str) -> Option<i64> {
    let time: jiff::civil::DateTime = text.parse().ok()?;
    Some(jiff::tz::Offset::constant(8).to_timestamp(time).ok()?.as_microsecond())
}
