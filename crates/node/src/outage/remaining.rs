//! How much of a deadline is left, by the calendar.

use codes::{Calendar, DayKind};
use jiff::civil::Weekday;
use store::rows::outage;

use super::{ShownOutage, deadline_text};
use crate::{NodeError, Province};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1_440 * MINUTE;

/// An outage that is not completed, with its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageClock {
    /// The record with its counts.
    pub shown: ShownOutage,
    /// Working time until the deadline, microseconds (a working day is 24 hours, as the deadline counts); `None` while it lasts.
    pub left: Option<i64>,
    /// How long the deadline has passed, microseconds.
    pub late: Option<i64>,
}

impl OutageClock {
    /// In words: `剩余 1 个工作日 5 小时`, `已超期 3 小时`, `中断尚未结束`.
    pub fn text(&self) -> String {
        match (self.late, self.left) {
            (Some(late), _) => format!("已超期 {}", span(late, "天")),
            (None, Some(left)) => format!("剩余 {}", span(left, "个工作日")),
            (None, None) if self.shown.record.state == "completed" => "已办结".into(),
            (None, None) => "中断尚未结束，期限自结束时起算".into(),
        }
    }
}

/// A span in two units at most.
fn span(span: i64, day: &str) -> String {
    let (days, rest) = (span / DAY, span % DAY);
    let (hours, minutes) = (rest / (60 * MINUTE), rest % (60 * MINUTE) / MINUTE);
    match (days, hours) {
        (0, 0) => format!("{minutes} 分钟"),
        (0, _) => format!("{hours} 小时 {minutes} 分"),
        (_, 0) => format!("{days} {day}"),
        _ => format!("{days} {day} {hours} 小时"),
    }
}

/// How much of a span lies in working days; in a year without data plain weekends are assumed.
fn working(calendar: &Calendar, from: i64, to: i64) -> i64 {
    let (mut at, mut sum) = (from, 0);
    while at < to {
        let next = crate::collect::day_start(at).saturating_add(DAY).min(to);
        let date = ::lifecycle::day_of(at).date();
        let is_working = match calendar.day(date) {
            DayKind::Working => true,
            DayKind::Off => false,
            DayKind::UnknownYear => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
        };
        sum += if is_working { next - at } else { 0 };
        at = next;
    }
    sum
}

impl Province {
    /// The outages that are not completed, with their clocks; those with the least time first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn outage_clocks(&self, now: i64) -> Result<Vec<OutageClock>, NodeError> {
        let mut clocks = self.store.read(|session| -> Result<Vec<OutageClock>, NodeError> {
            let mut clocks = Vec::new();
            for id in outage::unfinished(session)? {
                if let Some(record) = outage::by_id(session, &id)? {
                    let (held, sent, _) = outage::held_counts(session, &id)?;
                    let shown = ShownOutage { held, sent, deadline: deadline_text(&record), record };
                    clocks.push(self.clock(shown, now));
                }
            }
            Ok(clocks)
        })?;
        clocks.sort_by_key(|one| one.shown.record.deadline_at.unwrap_or(i64::MAX));
        Ok(clocks)
    }

    /// The clock of a record.
    pub fn clock(&self, shown: ShownOutage, now: i64) -> OutageClock {
        let running = shown.record.deadline_at.filter(|_| shown.record.state == "ended");
        let late = running.map(|deadline| now - deadline).filter(|late| *late >= 0);
        let left =
            running.filter(|_| late.is_none()).map(|deadline| working(&self.data.calendar, now, deadline));
        OutageClock { shown, left, late }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_working_days_count() {
        let calendar = Calendar::builtin();
        let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a time").as_microsecond();
        // Friday noon to Monday 24:00: half of Friday and Monday.
        let (from, to) = (at("2026-11-20T12:00:00+08:00"), at("2026-11-24T00:00:00+08:00"));
        assert_eq!(working(&calendar, from, to), DAY + DAY / 2);
        // A Saturday.
        assert_eq!(working(&calendar, at("2026-11-21T00:00:00+08:00"), at("2026-11-22T00:00:00+08:00")), 0);
        assert_eq!(span(DAY + DAY / 2, "个工作日"), "1 个工作日 12 小时");
        assert_eq!(span(90 * MINUTE, "天"), "1 小时 30 分");
    }
}
