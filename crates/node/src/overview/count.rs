//! What keeps the counters true: each is called in the transaction that changes what it counts.

use std::collections::BTreeMap;

use store::Session;
use store::rows::certificate::Certificate;
use store::rows::event::{self, EventRow};
use store::rows::overview::{Count, Tally, all, recount, replace};

use crate::{NodeError, Province};

/// Upper bounds of lag, seconds. A delivery that took longer than the last one stands under [`LONGER`].
pub(super) const BOUNDS: [i64; 14] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400];
/// Longer than a day.
pub(super) const LONGER: &str = "more";

/// Day of an instant in China.
pub(super) fn day(at: i64) -> String {
    ::lifecycle::day_of(at).to_string()
}

/// Hour of an instant in China, `2026-11-22 09`.
pub(super) fn hour(at: i64) -> String {
    const HOUR: i64 = 3_600_000_000;
    let hour = (at + 8 * HOUR).div_euclid(HOUR).rem_euclid(24);
    format!("{} {hour:02}", day(at))
}

/// An event as a counter holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    day: String,
    area: String,
    kind: String,
    status: String,
}

impl Counted {
    /// An open event is not counted: its answer is.
    pub fn of(row: &EventRow) -> Option<Self> {
        (row.status != "open").then(|| Self {
            day: day(row.recorded_at),
            area: row.area.clone(),
            kind: row.kind.clone(),
            status: row.status.clone(),
        })
    }

    fn tally(self, n: i64) -> Tally {
        Tally { what: "event", day: self.day, area: self.area, kind: self.kind, value: self.status, n }
    }
}

/// Writes an event that stood in the counters as `before` says.
pub(crate) fn put_event(
    session: &mut Session,
    before: Option<Counted>,
    row: &EventRow,
) -> Result<(), NodeError> {
    event::put(session, row)?;
    let after = Counted::of(row);
    if before != after {
        for (one, n) in [(before, -1), (after, 1)] {
            if let Some(one) = one {
                session.tally(one.tally(n));
            }
        }
    }
    Ok(())
}

/// A certificate was changed; `was`: the counter that it stood in, with -1.
pub(crate) fn moved(session: &mut Session, was: Tally, one: &Certificate) {
    let is = one.tally(1);
    if (Tally { n: 1, ..was.clone() }) != is {
        session.tally(was);
        session.tally(is);
    }
}

/// A certificate was activated (1), or is no longer (-1).
pub(crate) fn activated(session: &mut Session, one: &Certificate, n: i64) {
    session.tally(Tally {
        what: "activated",
        day: String::new(),
        area: one.area.clone(),
        kind: one.kind.clone(),
        value: String::new(),
        n,
    });
}

/// An act reached its destination.
pub(crate) fn lagged(session: &mut Session, lane: &str, (created_at, now): (i64, i64)) {
    let lag = now.saturating_sub(created_at);
    let bound = BOUNDS.iter().find(|bound| lag <= **bound * 1_000_000);
    session.tally(Tally {
        what: "lag",
        day: hour(now),
        area: String::new(),
        kind: lane.to_owned(),
        value: bound.map_or_else(|| LONGER.to_owned(), i64::to_string),
        n: 1,
    });
}

impl Province {
    /// Counters of certificates, activations and events that do not hold what the rows say: (counter, held, right). Empty when all is
    /// well. With `mend` the right ones are written. Counts every row: minutes on millions.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn overview_recount(&self, mend: bool) -> Result<Vec<(String, i64, i64)>, NodeError> {
        let job = move |session: &mut Session| -> Result<_, NodeError> {
            let held = sums(all(session)?);
            let days = recount(session)?.into_iter().map(|(what, mut one)| {
                let at: i64 = one.day.parse().unwrap_or_default();
                one.day = if what == "event" { day(at) } else { String::new() };
                (what, one)
            });
            let right = sums(days.collect());
            if mend {
                let counts: Vec<(String, Count)> = right
                    .iter()
                    .map(|((what, key), n)| (what.clone(), Count { n: *n, ..key.clone() }))
                    .collect();
                replace(session, &counts)?;
            }
            let mut keys: Vec<_> = held.keys().chain(right.keys()).collect();
            keys.sort();
            keys.dedup();
            let n = |map: &Sums, key| map.get(key).copied().unwrap_or_default();
            let differs = keys.into_iter().filter(|key| n(&held, key) != n(&right, key)).map(|key| {
                let (what, one) = key;
                (
                    format!("{what}/{}/{}/{}/{}", one.day, one.area, one.kind, one.value),
                    n(&held, key),
                    n(&right, key),
                )
            });
            Ok(differs.collect())
        };
        self.store.write(job)
    }
}

type Sums = BTreeMap<(String, Count), i64>;

fn sums(counts: Vec<(String, Count)>) -> Sums {
    let mut sums = Sums::new();
    for (what, mut one) in counts {
        let n = std::mem::take(&mut one.n);
        *sums.entry((what, one)).or_default() += n;
    }
    sums
}
