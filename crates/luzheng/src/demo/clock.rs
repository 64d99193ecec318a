//! The demo's time: a simulated month while it seeds, the machine's afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use codes::{Calendar, DayKind};
use jiff::civil::Date;

use crate::machine;
use crate::running::Clock;

/// One second, microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour.
pub const HOUR: i64 = 60 * MINUTE;
/// One day.
pub const DAY: i64 = 24 * HOUR;
/// Asia/Shanghai is so far ahead of UTC.
const EAST: i64 = 8 * HOUR;

/// Stands still until it is set; once released it is the machine's clock. Clones share one hand.
#[derive(Clone)]
pub struct DemoClock(Arc<AtomicI64>);

impl DemoClock {
    /// At an instant, microseconds UTC; 0 is the machine's clock from the start.
    pub fn new(at: i64) -> Self {
        Self(Arc::new(AtomicI64::new(at)))
    }

    /// Moves on to an instant; never back.
    pub fn set(&self, at: i64) {
        self.0.fetch_max(at, Ordering::SeqCst);
    }

    /// Hands over to the machine's clock.
    pub fn release(&self) {
        self.0.store(0, Ordering::SeqCst);
    }

    /// Now, microseconds UTC.
    pub fn now(&self) -> i64 {
        match self.0.load(Ordering::SeqCst) {
            0 => machine::micros(),
            at => at,
        }
    }

    /// For a node.
    pub fn shared(&self) -> Clock {
        let own = self.clone();
        Arc::new(move || own.now())
    }

    /// Unix seconds, for a client.
    pub fn seconds(&self) -> impl Fn() -> i64 + Send + Sync + 'static {
        let own = self.clone();
        move || own.now() / SECOND
    }
}

/// The beginning of an instant's day in Asia/Shanghai.
pub fn midnight(at: i64) -> i64 {
    (at + EAST).div_euclid(DAY) * DAY - EAST
}

/// The day of an instant in Asia/Shanghai.
pub fn day(at: i64) -> Date {
    local(at).date()
}

/// Is it a working day?
pub fn is_working(at: i64) -> bool {
    match Calendar::builtin().day(day(at)) {
        DayKind::Working => true,
        DayKind::Off => false,
        // A year whose calendar is not out yet.
        DayKind::UnknownYear => {
            !matches!(day(at).weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
        }
    }
}

/// RFC 3339 with +08:00.
pub fn rfc3339(at: i64) -> String {
    format!("{}+08:00", local(at).strftime("%Y-%m-%dT%H:%M:%S"))
}

fn local(at: i64) -> jiff::civil::DateTime {
    let time = jiff::Timestamp::from_microsecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time)
}
