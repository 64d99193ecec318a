//! When a sender usually speaks, learnt from when it did; pure.

use codes::{Calendar, DayKind};
use store::rows::outage::Pulse;

use crate::collect::day_start;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
/// Silence shorter than this is never an outage.
const SHORTEST: i64 = 15 * MINUTE;
/// So many usual gaps of silence are one.
const GAPS: i64 = 8;
/// Weight of a new gap in the mean: one in so many.
const WEIGHT: i64 = 16;
/// A sender heard less often has no habits yet.
const KNOWN: i64 = 20;
/// An hour in which it spoke on so many days of late is a usual one.
const USUAL: u8 = b'2';
/// Hours looked back at most: a week.
const MOST_HOURS: i64 = 168;

/// Takes note of a sender's word at an instant (microseconds UTC).
pub(super) fn learn(pulse: &mut Pulse, at: i64, calendar: &Calendar) {
    if pulse.hours.len() != 48 {
        pulse.hours = "0".repeat(48);
    }
    pulse.heard += 1;
    if pulse.heard == 1 {
        pulse.last_at = at;
        step(&mut pulse.hours, slot(at, calendar), 1);
        return;
    }
    if at <= pulse.last_at {
        return;
    }
    // A night is no gap: it says nothing about how often the sender speaks by day.
    if day_start(at) == day_start(pulse.last_at) {
        let gap = (at - pulse.last_at).min(limit(pulse));
        let usual = pulse.usual_gap;
        pulse.usual_gap = if usual == 0 { gap.max(1) } else { (usual + (gap - usual) / WEIGHT).max(1) };
    }
    let (last, this) = (pulse.last_at.div_euclid(HOUR), at.div_euclid(HOUR));
    for hour in (last + 1).max(this - MOST_HOURS)..this {
        step(&mut pulse.hours, slot(hour * HOUR, calendar), -1);
    }
    if this != last {
        step(&mut pulse.hours, slot(at, calendar), 1);
    }
    pulse.last_at = at;
}

/// Since when a sender that should be speaking has been silent too long; `None` while all is as usual.
pub(super) fn silent_since(pulse: &Pulse, now: i64, calendar: &Calendar) -> Option<i64> {
    let usual = |at: i64| pulse.hours.as_bytes().get(slot(at, calendar)).is_some_and(|digit| *digit >= USUAL);
    // In the last usual hour of a day nobody knows when it stops.
    if pulse.heard < KNOWN || !usual(now) || !usual(now.saturating_add(HOUR)) {
        return None;
    }
    let mut start = now.div_euclid(HOUR) * HOUR;
    for _ in 0..MOST_HOURS {
        if start <= pulse.last_at || !usual(start - HOUR) {
            break;
        }
        start -= HOUR;
    }
    // Nor, in the first one, when it begins.
    let since = if pulse.last_at >= start { pulse.last_at } else { start + HOUR };
    (now.saturating_sub(since) > limit(pulse)).then_some(since)
}

fn limit(pulse: &Pulse) -> i64 {
    SHORTEST.max(pulse.usual_gap.saturating_mul(GAPS))
}

/// Place of an instant's hour among 24 of working days and 24 of days off, in Asia/Shanghai.
fn slot(at: i64, calendar: &Calendar) -> usize {
    let day = ::lifecycle::day_of(at).date();
    let off = match calendar.day(day) {
        DayKind::Working => false,
        DayKind::Off => true,
        DayKind::UnknownYear => {
            matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
        }
    };
    let hour = usize::try_from((at - day_start(at)) / HOUR).unwrap_or(0).min(23);
    hour + if off { 24 } else { 0 }
}

fn step(hours: &mut String, slot: usize, by: i8) {
    let changed = hours.bytes().enumerate().map(|(index, digit)| {
        let next = if index == slot { digit.saturating_add_signed(by).clamp(b'0', b'9') } else { digit };
        char::from(next)
    });
    *hours = changed.collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-06-01 00:00 in Shanghai, a Monday.
    const MONDAY: i64 = 1_780_243_200_000_000;

    fn office(days: std::ops::Range<i64>) -> Pulse {
        let calendar = Calendar::builtin();
        let mut pulse = Pulse::default();
        for day in days {
            let open = MONDAY + day * 24 * HOUR + 9 * HOUR;
            // Every two minutes from 9:00 to 17:58, Mondays to Fridays.
            for minute in (0..9 * 60).step_by(2).filter(|_| day % 7 < 5) {
                learn(&mut pulse, open + minute * MINUTE, &calendar);
            }
        }
        pulse
    }

    #[test]
    fn nights_weekends_and_mornings_are_no_outage() {
        let (pulse, calendar) = (office(0..5), Calendar::builtin());
        let monday = MONDAY + 7 * 24 * HOUR;
        for quiet in [monday - 48 * HOUR + 11 * HOUR, monday + 3 * HOUR, monday + 9 * HOUR + 50 * MINUTE] {
            assert_eq!(silent_since(&pulse, quiet, &calendar), None, "{quiet}");
        }
    }

    #[test]
    fn silence_in_office_hours_is_one_from_the_last_word_on() {
        let calendar = Calendar::builtin();
        let mut pulse = office(0..5);
        let last = MONDAY + 7 * 24 * HOUR + 10 * HOUR;
        learn(&mut pulse, last, &calendar);
        assert_eq!(silent_since(&pulse, last + 14 * MINUTE, &calendar), None);
        assert_eq!(silent_since(&pulse, last + 20 * MINUTE, &calendar), Some(last));
    }

    #[test]
    fn a_sender_that_does_not_come_in_the_morning_is_missed_an_hour_later() {
        let (pulse, calendar) = (office(0..5), Calendar::builtin());
        let nine = MONDAY + 7 * 24 * HOUR + 9 * HOUR;
        assert_eq!(silent_since(&pulse, nine + HOUR + 20 * MINUTE, &calendar), Some(nine + HOUR));
    }

    #[test]
    fn a_sender_that_seldom_speaks_may_be_silent_for_longer() {
        let calendar = Calendar::builtin();
        let mut pulse = Pulse::default();
        for hour in 0..24 * 7 {
            learn(&mut pulse, MONDAY + hour * HOUR, &calendar);
        }
        // The clamp on a gap lets the mean grow only step by step; it is far above the two minutes of an office.
        let last = pulse.last_at;
        assert!(pulse.usual_gap > 10 * MINUTE, "{}", pulse.usual_gap / MINUTE);
        assert_eq!(silent_since(&pulse, last + 60 * MINUTE, &calendar), None);
    }
}
