//! The report of a large run, kept: counting millions of records is no work for a page.

use serde::{Deserialize, Serialize};
use store::rows::{convert, setting};

use super::report::Report;
use super::state::{Opened, phase};
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// Runs up to this size are counted whenever somebody looks, records.
const LIVE: i64 = 50_000;
/// A count may take this share of the time at most.
const SHARE: i64 = 20;
/// Time between two counts at least, microseconds.
const PAUSE: i64 = 10_000_000;

/// A report with its age.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    /// When it was begun, microseconds UTC.
    at: i64,
    /// How long it took, microseconds.
    took: i64,
    /// Was the run over then?
    over: bool,
    report: Report,
}

impl Province {
    /// What a run did, or would do, and when that was counted (microseconds UTC): now where the run is small, else what a worker has
    /// counted last ([`Province::convert_count`]).
    ///
    /// # Errors
    /// An unknown run; a database that cannot be read.
    pub fn convert_overview(&self, name: &str, now: i64) -> Result<(i64, Report), NodeError> {
        let (opened, kept) = self.store.read(|session| -> Result<_, NodeError> {
            let opened = Opened::named(session, name)?;
            let kept = setting::get(session, &place(&opened.run.id))?;
            Ok((opened, kept))
        })?;
        match kept.filter(|_| opened.body.read > LIVE) {
            Some(text) => {
                let kept: Kept = parse(&text, "转化统计")?;
                // State and cause are as they are now, whatever was counted.
                let report = Report { state: opened.run.state, reason: opened.body.reason, ..kept.report };
                Ok((kept.at, report))
            }
            None => Ok((now, self.convert_report(name, now)?)),
        }
    }

    /// Counts large runs anew, of which something may have changed since; seldom enough to take little of the machine. A worker's.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn convert_count(&self, clock: &dyn Fn() -> i64) -> Result<(), NodeError> {
        for run in self.store.read(convert::runs)? {
            let opened = Opened::read(run)?;
            let (key, now) = (place(&opened.run.id), clock());
            let kept = self.store.read(|session| setting::get(session, &key))?;
            let kept: Option<Kept> = kept.map(|text| parse(&text, "转化统计")).transpose()?;
            let stands = kept.is_some_and(|kept| {
                let next = kept.at + (kept.took * SHARE).max(PAUSE);
                now < next || (kept.over && opened.run.updated_at < kept.at)
            });
            if opened.body.read <= LIVE || opened.run.state == phase::PLANNING || stands {
                continue;
            }
            let report = self.convert_report(&opened.run.name, now)?;
            let over = report.state != phase::RUNNING;
            let text = json(&Kept { at: now, took: clock() - now, over, report })?;
            self.store.write(move |session| setting::put(session, &key, &text))?;
        }
        Ok(())
    }
}

fn place(run: &str) -> String {
    format!("convert.report.{run}")
}
