//! The overview of an instant.

use std::collections::BTreeMap;

use store::rows::overview as rows;
use store::rows::overview::{Count, Reach};
use store::rows::pack;

use super::count::{BOUNDS, LONGER, day, hour};
use crate::collect::CollectStatus;
use crate::duty::Place;
use crate::outage::OutageClock;
use crate::reconcile::Run;
use crate::{NodeError, Province};

/// Days of the chart of events.
pub const DAYS: i64 = 30;
/// Hours of the curve of lag.
pub const HOURS: i64 = 48;
/// What is counted on the spot is counted up to here.
pub const MOST: u32 = 1_000;
const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;

/// A name with its count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// Slug or area code.
    pub code: String,
    /// Chinese.
    pub name: String,
    /// How many.
    pub n: i64,
}

/// Events of a day by what became of them, as they stand now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayCount {
    /// `2026-11-22`.
    pub day: String,
    /// Applied.
    pub applied: i64,
    /// Waiting for another event, or left to a person.
    pub waiting: i64,
    /// Refused by the rules.
    pub refused: i64,
    /// The record does not hold; it may be sent again, mended.
    pub unfit: i64,
}

impl DayCount {
    /// All of them.
    pub fn all(&self) -> i64 {
        self.applied + self.waiting + self.refused + self.unfit
    }
}

/// How long deliveries of an hour took: 99 of 100 got through within so many seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HourLag {
    /// `2026-11-22 09`.
    pub hour: String,
    /// Deliveries.
    pub n: i64,
    /// Upper bound in seconds; `None` for longer than a day, or without a delivery.
    pub within: Option<i64>,
}

/// The newest pack of a province.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackAge {
    /// First two digits of its area codes.
    pub province: String,
    /// Its number.
    pub number: i64,
    /// When it was made, microseconds UTC.
    pub made_at: i64,
    /// Certificates in it.
    pub count: i64,
}

/// What stands at an instant, within a reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Microseconds UTC.
    pub at: i64,
    /// Certificates with an electronic version by kind, most first.
    pub kinds: Vec<Bar>,
    /// The same by city; by county within one city.
    pub cities: Vec<Bar>,
    /// The same by base of the status.
    pub bases: Vec<Bar>,
    /// Certificates with an electronic version.
    pub electronic: i64,
    /// Records without one yet.
    pub paper: i64,
    /// Activated certificates.
    pub activated: i64,
    /// The last [`DAYS`] days, oldest first, without a gap; the last one is today.
    pub days: Vec<DayCount>,
    /// Unfit events of any day that nobody has mended, and the first of their days.
    pub unfit: (i64, String),
    /// Waiting events of any day, and the first of their days.
    pub waiting: (i64, String),
    /// Lanes of the node.
    pub lanes: Vec<CollectStatus>,
    /// Dead letters within the reach, up to [`MOST`].
    pub dead: i64,
    /// Upper bound in seconds of 99 of 100 of today's deliveries; `None` without one or beyond a day.
    pub lag_today: Option<i64>,
    /// Deliveries of today.
    pub delivered: i64,
    /// The last [`HOURS`] hours, oldest first.
    pub lags: Vec<HourLag>,
    /// Outages that are not completed.
    pub outages: Vec<OutageClock>,
    /// Open work items by code, up to [`MOST`] in all: code, one of their texts, how many.
    pub work: Vec<(String, String, i64)>,
    /// The last comparison with each destination.
    pub runs: Vec<Run>,
    /// Posts of the duty register, and how many of them nobody holds; each up to [`MOST`].
    pub posts: (usize, usize),
    /// Newest pack of each province that the node holds.
    pub packs: Vec<PackAge>,
}

impl Overview {
    /// Today.
    pub fn today(&self) -> DayCount {
        self.days.last().cloned().unwrap_or_default()
    }

    /// Activated per ten thousand electronic certificates, rounded down.
    pub fn activation(&self) -> Option<i64> {
        (self.electronic > 0).then(|| self.activated.saturating_mul(10_000) / self.electronic)
    }
}

impl Province {
    /// What stands at `now` (microseconds UTC) within a reach.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn overview(&self, reach: &Reach, now: i64) -> Result<Overview, NodeError> {
        let since = day(now - (DAYS - 1) * DAY);
        let from = hour(now - (HOURS - 1) * HOUR);
        let mut all = self.store.read(|session| -> Result<_, NodeError> {
            let made = rows::certificates(session, "certificate", reach)?;
            let sum = |counts: Vec<Count>| counts.iter().map(|one| one.n).sum::<i64>();
            let mut dead = 0;
            for lane in &self.lanes {
                dead += rows::dead(session, lane, reach, MOST)?;
            }
            let lags = rows::lags(session, &from)?;
            Ok(Overview {
                at: now,
                kinds: self.by_kind(&made, now),
                cities: self.by_city(&made, now),
                bases: bars(made.iter().map(|one| (one.value.clone(), one.n)), |base| base.to_owned()),
                electronic: made.iter().map(|one| one.n).sum(),
                paper: sum(rows::certificates(session, "paper", reach)?),
                activated: sum(rows::certificates(session, "activated", reach)?),
                days: days(&rows::events(session, &since, reach)?, now),
                unfit: rows::events_in(session, "unfit", reach)?,
                waiting: rows::events_in(session, "waiting", reach)?,
                dead,
                lag_today: within(lags.iter().filter(|one| one.day.starts_with(&day(now)))),
                delivered: lags.iter().filter(|one| one.day.starts_with(&day(now))).map(|one| one.n).sum(),
                lags: hours(&lags, now),
                work: rows::work(session, reach, MOST)?,
                packs: newest_packs(pack::all(session)?),
                ..Overview::default()
            })
        })?;
        for lane in &self.lanes {
            all.lanes.push(self.collect_status(lane, now)?);
        }
        all.outages = self.outage_clocks(now)?;
        let posts = |empty: bool| self.duty_list(&reach.areas, empty, &Place::default(), MOST, now);
        all.posts = (posts(false)?.posts.len(), posts(true)?.posts.len());
        // A running or interrupted one says nothing about the holdings: the last one that was done does.
        for run in self.reconcile_runs(50)?.into_iter().filter(|run| run.state == "done") {
            if !all.runs.iter().any(|known| known.lane == run.lane) {
                all.runs.push(run);
            }
        }
        Ok(all)
    }

    fn by_kind(&self, counts: &[Count], now: i64) -> Vec<Bar> {
        bars(counts.iter().map(|one| (one.kind.clone(), one.n)), |slug| self.kind_text(slug, now))
    }

    /// By city, or by county where all lie within one.
    fn by_city(&self, counts: &[Count], now: i64) -> Vec<Bar> {
        let city = |area: &str| format!("{}00", area.get(..4).unwrap_or(area));
        let first = counts.first().map(|one| city(&one.area)).unwrap_or_default();
        let single = counts.iter().all(|one| city(&one.area) == first);
        let code = |area: &str| if single { area.to_owned() } else { city(area) };
        bars(counts.iter().map(|one| (code(&one.area), one.n)), |code| self.area_text(code, now))
    }

    /// Kinds of the catalogue within a reach: slug and Chinese name, each once.
    pub fn kinds_within(&self, reach: &Reach, now: i64) -> Vec<(String, String)> {
        let mut kinds: Vec<(String, String)> = Vec::new();
        for kind in self.data.catalogue.kinds() {
            if reach.has_kind(&kind.slug) && !kinds.iter().any(|(slug, _)| *slug == kind.slug) {
                kinds.push((kind.slug.clone(), self.kind_text(&kind.slug, now)));
            }
        }
        kinds
    }

    /// Chinese name of a kind on a day; the slug where the catalogue no longer has it.
    pub fn kind_text(&self, slug: &str, now: i64) -> String {
        let today = ::lifecycle::day_of(now).date();
        self.data.catalogue.kind(slug, today).map_or_else(|| slug.to_owned(), |kind| kind.name.clone())
    }

    /// Name of an area on a day; the code where nothing names it.
    pub fn area_text(&self, code: &str, now: i64) -> String {
        let today = ::lifecycle::day_of(now).date();
        self.data.catalogue.areas.name(code, today).map_or_else(|| code.to_owned(), str::to_owned)
    }
}

/// Adds up by code; most first.
fn bars(counts: impl Iterator<Item = (String, i64)>, name: impl Fn(&str) -> String) -> Vec<Bar> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (code, n) in counts {
        *sums.entry(code).or_default() += n;
    }
    let mut bars: Vec<Bar> = sums
        .into_iter()
        .filter(|(_, n)| *n != 0)
        .map(|(code, n)| Bar { name: name(&code), code, n })
        .collect();
    bars.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.code.cmp(&b.code)));
    bars
}

fn days(counts: &[Count], now: i64) -> Vec<DayCount> {
    let mut days: Vec<DayCount> = (0..DAYS)
        .map(|back| DayCount { day: day(now - (DAYS - 1 - back) * DAY), ..DayCount::default() })
        .collect();
    for one in counts {
        let Some(of) = days.iter_mut().find(|known| known.day == one.day) else { continue };
        match one.value.as_str() {
            "applied" => of.applied += one.n,
            "refused" => of.refused += one.n,
            "unfit" => of.unfit += one.n,
            _ => of.waiting += one.n,
        }
    }
    days
}

fn hours(counts: &[Count], now: i64) -> Vec<HourLag> {
    (0..HOURS)
        .map(|back| {
            let hour = hour(now - (HOURS - 1 - back) * HOUR);
            let of = || counts.iter().filter(|one| one.day == hour);
            HourLag { n: of().map(|one| one.n).sum(), within: within(of()), hour }
        })
        .collect()
}

/// The bound within which 99 of 100 got through.
fn within<'c>(counts: impl Iterator<Item = &'c Count>) -> Option<i64> {
    let mut by_bound: BTreeMap<i64, i64> = BTreeMap::new();
    for one in counts {
        let bound = if one.value == LONGER { i64::MAX } else { one.value.parse().unwrap_or(i64::MAX) };
        *by_bound.entry(bound).or_default() += one.n;
    }
    let all: i64 = by_bound.values().sum();
    let mut seen = 0;
    let found = by_bound.into_iter().find(|(_, n)| {
        seen += n;
        seen * 100 >= all * 99
    });
    found.map(|(bound, _)| bound).filter(|bound| BOUNDS.contains(bound))
}

fn newest_packs(rows: Vec<pack::PackRow>) -> Vec<PackAge> {
    let mut newest: BTreeMap<String, PackAge> = BTreeMap::new();
    for row in rows {
        let one = newest.entry(row.province.clone()).or_default();
        if row.number >= one.number {
            *one = PackAge {
                province: row.province,
                number: row.number,
                made_at: row.made_at * 1_000_000,
                count: row.count,
            };
        }
    }
    newest.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(value: &str, n: i64) -> Count {
        Count { value: value.into(), n, ..Count::default() }
    }

    #[test]
    fn ninety_nine_of_a_hundred_decide_the_bound() {
        let counts = [count("1", 990), count("30", 9), count("more", 1)];
        assert_eq!(within(counts.iter()), Some(1));
        let counts = [count("1", 989), count("30", 10), count("more", 1)];
        assert_eq!(within(counts.iter()), Some(30));
        assert_eq!(within([count("more", 1)].iter()), None);
        assert_eq!(within([].iter()), None);
    }
}
