//! Working days against facts of the notices.

use codes::{Calendar, DayKind, Deadline};
use jiff::civil::{Date, date};
use proptest::prelude::*;

#[test]
fn exchanged_weekends_are_worked_and_holidays_are_off() {
    let calendar = Calendar::builtin();
    for (day, kind) in [
        (date(2026, 2, 14), DayKind::Working),
        (date(2026, 2, 16), DayKind::Off),
        (date(2026, 2, 23), DayKind::Off),
        (date(2026, 2, 24), DayKind::Working),
        (date(2020, 1, 31), DayKind::Off),
        (date(2019, 1, 1), DayKind::Off),
        (date(2026, 11, 21), DayKind::Off),
        (date(2026, 11, 23), DayKind::Working),
        (date(2018, 12, 31), DayKind::UnknownYear),
        (date(2027, 1, 4), DayKind::UnknownYear),
    ] {
        assert_eq!(calendar.day(day), kind, "{day}");
    }
}

#[test]
fn each_year_has_a_plausible_number_of_working_days() {
    let calendar = Calendar::builtin();
    let expected = [
        (2019, 250),
        (2020, 249),
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ];
    for (year, days) in expected {
        let first = date(year, 1, 1);
        let all = first.series(jiff::ToSpan::day(1)).take_while(|d| d.year() == year);
        assert_eq!(all.filter(|d| calendar.day(*d) == DayKind::Working).count(), days, "{year}");
    }
}

#[test]
fn two_working_days_over_the_spring_festival() {
    // The 14th (Saturday) is worked, then nine days off, so the second day is the 24th.
    let deadline = Calendar::builtin().nth_working_day_after(date(2026, 2, 13), 2);
    assert_eq!(deadline, Deadline::Firm(date(2026, 2, 24)));
}

#[test]
fn a_count_into_a_year_without_data_is_provisional() {
    let deadline = Calendar::builtin().nth_working_day_after(date(2026, 12, 31), 2);
    assert_eq!(deadline, Deadline::Provisional(date(2027, 1, 4)));
    assert_eq!(deadline.to_string(), "2027-01-04（暂估）");
}

#[test]
fn a_count_within_the_year_is_firm_to_the_last_day() {
    assert_eq!(
        Calendar::builtin().nth_working_day_after(date(2026, 12, 30), 1),
        Deadline::Firm(date(2026, 12, 31))
    );
}

#[test]
fn the_end_of_time_stops_the_count() {
    assert_eq!(Calendar::builtin().nth_working_day_after(Date::MAX, 1), Deadline::Provisional(Date::MAX));
}

const NEW_YEAR: &str = r#"
year = 2027
source = "测试"
illustrative = true
effective_from = "2027-01-01"
[[holiday]]
name = "元旦"
from = "2027-01-01"
to = "2027-01-04"
worked = ["2027-01-09"]
"#;

#[test]
fn a_year_that_is_brought_makes_the_answer_firm() {
    let mut calendar = Calendar::builtin();
    calendar.add(NEW_YEAR).expect("good file");
    assert_eq!(calendar.nth_working_day_after(date(2026, 12, 31), 1), Deadline::Firm(date(2027, 1, 5)));
    assert_eq!(calendar.day(date(2027, 1, 9)), DayKind::Working);
}

#[test]
fn broken_years_are_refused() {
    for (from, to) in [
        ("2027-01-09", "2027-01-08"),
        ("2027-01-09", "2027-01-02"),
        ("2027-01-09", "2026-01-10"),
        ("2027-01-04", "2026-12-01"),
        ("2027-01-04", "2028-12-01"),
        ("worked =", "work ="),
    ] {
        assert!(Calendar::builtin().add(&NEW_YEAR.replacen(from, to, 1)).is_err(), "{to}");
    }
}

proptest! {
    #[test]
    fn counting_n_days_is_counting_one_day_n_times(offset in 0i32..2800, n in 0u16..30) {
        let calendar = Calendar::builtin();
        let start = date(2019, 1, 1).checked_add(jiff::ToSpan::days(i64::from(offset))).expect("in range");
        let mut day = start;
        for _ in 0..n {
            day = calendar.nth_working_day_after(day, 1).date();
        }
        prop_assert_eq!(calendar.nth_working_day_after(start, n).date(), day);
    }
}
