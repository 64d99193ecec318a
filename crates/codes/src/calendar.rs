//! Working days: the State Council's yearly holiday notices, and weekends for years without one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::embedded;
use crate::error::CodeError;
use crate::validity::LegalDate;

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A working day, including a weekend day worked in exchange (调休).
    Working,
    /// A weekend or a holiday.
    Off,
    /// The year has no notice in the data.
    UnknownYear,
}

/// The day that a count of working days ends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// All days counted lie in years with data.
    Firm(Date),
    /// 暂估: some day counted lies in a year without data, where plain weekends were assumed.
    Provisional(Date),
}

impl Deadline {
    /// The day, firm or not.
    #[must_use]
    pub fn date(self) -> Date {
        match self {
            Self::Firm(date) | Self::Provisional(date) => date,
        }
    }

    /// Whether the day may move once the year's notice is published.
    #[must_use]
    pub fn is_provisional(self) -> bool {
        matches!(self, Self::Provisional(_))
    }
}

impl std::fmt::Display for Deadline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Firm(date) => write!(f, "{date}"),
            Self::Provisional(date) => write!(f, "{date}（暂估）"),
        }
    }
}

/// The notice of one year, reduced to the days that differ from plain weekends.
#[derive(Debug, Clone, Default)]
struct Year {
    /// Days off that a plain week would not have, and weekend days within holidays.
    off: BTreeSet<Date>,
    /// Weekend days that are worked.
    worked: BTreeSet<Date>,
}

/// The years with data.
#[derive(Debug, Clone, Default)]
pub struct Calendar(BTreeMap<i16, Year>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: i16,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "illustrative")]
    _illustrative: bool,
    #[serde(rename = "effective_from")]
    _effective_from: LegalDate,
    #[serde(rename = "effective_to")]
    _effective_to: Option<LegalDate>,
    holiday: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    from: LegalDate,
    to: LegalDate,
    worked: Vec<LegalDate>,
}

static BUILTIN: LazyLock<Calendar> = LazyLock::new(|| {
    let mut calendar = Calendar::default();
    for text in embedded::CALENDARS {
        // The embedded files are fixed at build time, and tests/data_files.rs parses every one of them.
        calendar.add(text).expect("embedded calendars parse");
    }
    calendar
});

impl Calendar {
    /// The years that are embedded in the program.
    #[must_use]
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Adds a year, or replaces it, from a file of the format of `data/calendar/*.toml`.
    ///
    /// # Errors
    /// [`CodeError::Data`] for broken TOML, a holiday longer than 31 days or backwards, or a worked day that is no
    /// weekend day or lies in a holiday.
    pub fn add(&mut self, text: &str) -> Result<(), CodeError> {
        let file: File = toml::from_str(text)
            .map_err(|error| CodeError::Data {
                file: "工作日历".to_owned(), detail: error.to_string()
            })?;
        let bad = |detail: String| CodeError::Data { file: file.year.to_string(), detail };
        let mut year = Year::default();
        for holiday in &file.holiday {
            let (from, to) = (holiday.from.date(), holiday.to.date());
            let days = from.series(jiff::ToSpan::days(1)).take_while(|day| *day <= to).take(32);
            let days: Vec<Date> = days.collect();
            if days.is_empty() || days.len() > 31 {
                return Err(bad(format!("“{}”的起止日期不合理", holiday.name)));
            }
            // A New Year holiday may begin in December; that day belongs to the year before.
            year.off.extend(days.into_iter().filter(|day| day.year() == file.year));
            year.worked.extend(holiday.worked.iter().map(|day| day.date()));
        }
        if let Some(day) = year.worked.iter().find(|day| day.year() != file.year || !is_weekend(**day)) {
            return Err(bad(format!("调休上班日{day}应为本年度的周六或周日")));
        }
        if let Some(day) = year.worked.intersection(&year.off).next() {
            return Err(bad(format!("{day}既列为放假又列为上班")));
        }
        self.0.insert(file.year, year);
        Ok(())
    }

    /// What a day is.
    #[must_use]
    pub fn day(&self, date: Date) -> DayKind {
        match self.0.get(&date.year()) {
            None => DayKind::UnknownYear,
            Some(year) if year.worked.contains(&date) => DayKind::Working,
            Some(year) if year.off.contains(&date) || is_weekend(date) => DayKind::Off,
            Some(_) => DayKind::Working,
        }
    }

    /// The `n`-th working day after a day, which itself does not count; `n` = 0 gives the day itself.
    ///
    /// In years without data plain weekends are assumed and the answer is [`Deadline::Provisional`].
    #[must_use]
    pub fn nth_working_day_after(&self, date: Date, n: u16) -> Deadline {
        let (mut day, mut left, mut provisional) = (date, n, false);
        while left > 0 {
            // The last day that can be represented lies in the year 9999; there the count stops.
            let Ok(next) = day.tomorrow() else { return Deadline::Provisional(day) };
            day = next;
            let working = match self.day(day) {
                DayKind::Working => true,
                DayKind::Off => false,
                DayKind::UnknownYear => {
                    provisional = true;
                    !is_weekend(day)
                }
            };
            left -= u16::from(working);
        }
        if provisional { Deadline::Provisional(day) } else { Deadline::Firm(day) }
    }

    /// The years with data, in order.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.0.keys().copied()
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
