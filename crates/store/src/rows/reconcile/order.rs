//! `reconcile_order`: a comparison or a repair that somebody asked for and a worker does.

use crate::{Row, Session, StoreError, params};

/// One wish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderRow {
    /// Lane of the outbox whose destination is meant.
    pub lane: String,
    /// `run` or `repair`.
    pub what: String,
    /// The run to repair.
    pub run_id: Option<String>,
    /// `sums` or `leaves`.
    pub depth: String,
    /// Who asked, JSON.
    pub actor: String,
    /// Microseconds UTC.
    pub asked_at: i64,
}

fn read(row: &Row<'_>) -> Result<OrderRow, StoreError> {
    Ok(OrderRow {
        lane: row.get(0)?,
        what: row.get(1)?,
        run_id: row.get(2)?,
        depth: row.get(3)?,
        actor: row.get(4)?,
        asked_at: row.get(5)?,
    })
}

/// Asks; false when the same is asked for already.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn ask(session: &mut Session, one: &OrderRow) -> Result<bool, StoreError> {
    let asked = session.execute(
        "INSERT INTO reconcile_order (lane, what, run_id, depth, actor, asked_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT DO NOTHING",
        params![&one.lane, &one.what, one.run_id.as_deref(), &one.depth, &one.actor, one.asked_at],
    )?;
    Ok(asked == 1)
}

/// What is asked for, oldest first.
pub fn all(session: &mut Session) -> Result<Vec<OrderRow>, StoreError> {
    session.rows(
        "SELECT lane, what, run_id, depth, actor, asked_at FROM reconcile_order ORDER BY asked_at, what",
        &[],
        read,
    )
}

/// Takes away what was asked for until an instant: it is done, or cannot be done.
pub fn fulfil(session: &mut Session, lane: &str, what: &str, until: i64) -> Result<(), StoreError> {
    session.execute(
        "DELETE FROM reconcile_order WHERE lane = $1 AND what = $2 AND asked_at <= $3",
        params![lane, what, until],
    )?;
    Ok(())
}

/// Notes how far the run of a lane is that has begun and not ended.
pub fn progress(session: &mut Session, lane: &str, summary: &str) -> Result<(), StoreError> {
    session.execute(
        "UPDATE reconcile_run SET summary = $2 WHERE lane = $1 AND state = 'running'",
        params![lane, summary],
    )?;
    Ok(())
}
