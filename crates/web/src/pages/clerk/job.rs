//! What the pages of long work say alike: how far it has come, that it goes on when the page is left, and how it went.

use node::job::JobFacts;

/// A job that began no longer ago than this (microseconds) may be a small one: its page looks again after a second, so that it is seen
/// done at once.
const FRESH: i64 = 15_000_000;

/// The upper part of the page of a job (`clerk/job.html`).
pub(super) struct JobView {
    /// Address and name of the list that it stands in.
    pub back: (&'static str, &'static str),
    /// What it is.
    pub title: String,
    /// The line below.
    pub about: String,
    /// State: tone and word.
    pub state: (&'static str, &'static str),
    /// Counts: name, number, tone.
    pub meter: [(&'static str, i64, &'static str); 4],
    /// While the worker is at it.
    pub progress: Option<Progress>,
    /// What the last attempt came to.
    pub error: Option<(String, String)>,
}

/// The bar, and the page's looking again.
pub(super) struct Progress {
    /// What is going on.
    pub word: &'static str,
    /// What its items are counted in.
    pub unit: &'static str,
    /// Items with an answer.
    pub answered: i64,
    /// Items that wait.
    pub left: i64,
    /// Of 100.
    pub percent: i64,
    /// Seconds until the page looks again.
    pub again: u8,
}

/// The progress of a job under way; nothing for one that stands.
pub(super) fn progress(
    job: &JobFacts,
    (word, unit): (&'static str, &'static str),
    now: i64,
) -> Option<Progress> {
    job.is_running().then(|| Progress {
        word,
        unit,
        answered: job.answered(),
        left: job.count("ready"),
        percent: job.percent(),
        again: if now - job.updated_at < FRESH { 1 } else { 3 },
    })
}

/// The tone of a number that ought to be nought.
pub(super) fn bad(number: i64) -> &'static str {
    if number > 0 { "bad" } else { "" }
}
