//! What the rows of long work have in common: a job is `running` until none of its items is `ready` any more.

use crate::{Session, StoreError, params};

/// A kind of long work: its lease, and its statements.
pub struct Job {
    /// Name of the lease under which one process at a time works.
    pub name: &'static str,
    /// How long it is held at most for one part of the work: after this a worker that is gone is followed. Microseconds.
    pub lease: i64,
    running: &'static str,
    turn: &'static str,
    counts: &'static str,
}

macro_rules! job {
    ($name:literal, $lease:literal, $jobs:literal, $items:literal, $key:literal) => {
        Job {
            name: $name,
            lease: $lease,
            running: concat!(
                "SELECT id FROM ",
                $jobs,
                " WHERE state = 'running' ORDER BY CASE WHEN id > $1 THEN 0 ELSE 1 END, id LIMIT 1"
            ),
            turn: concat!("UPDATE ", $jobs, " SET state = $3, updated_at = $4 WHERE id = $1 AND state = $2"),
            counts: concat!(
                "SELECT state, CAST(COUNT(*) AS BIGINT) FROM ",
                $items,
                " WHERE ",
                $key,
                " = $1 GROUP BY state ORDER BY state"
            ),
        }
    };
}

/// Record files: `issue_batch`, `issue_batch_item`. A part of one makes, seals and stores files.
pub static BATCH: Job = job!("batch", 120_000_000, "issue_batch", "issue_batch_item", "batch_id");
/// Sheets: `share_print`, `share_print_item`. Somebody waits at the window.
pub static PRINT: Job = job!("print", 15_000_000, "share_print", "share_print_item", "print_id");

/// One under way: they take turns after the one that had its turn `last` (empty: the oldest), so that a long one holds up no short one,
/// nor one that fails any other.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn running(session: &mut Session, job: &Job, last: &str) -> Result<Option<String>, StoreError> {
    session.row(job.running, params![last], |row| row.get(0))
}

/// Sets the state of one if it was in another state; false when it was not.
pub fn turn(
    session: &mut Session,
    job: &Job,
    id: &str,
    (from, to): (&str, &str),
    at: i64,
) -> Result<bool, StoreError> {
    Ok(session.execute(job.turn, params![id, from, to, at])? == 1)
}

/// How many of its items are in each state.
pub fn counts(session: &mut Session, job: &Job, id: &str) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows(job.counts, params![id], |row| Ok((row.get(0)?, row.get(1)?)))
}
