//! `result_callback`: how far results were pushed to each client.

use crate::{Row, Session, StoreError, params};

/// How pushing to a client stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    /// The client.
    pub client_id: String,
    /// Number of the last result that it took.
    pub seq: i64,
    /// Failed attempts in a row.
    pub attempts: i64,
    /// Not before this instant, microseconds UTC.
    pub run_at: i64,
    /// When it took something last.
    pub last_at: Option<i64>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

fn read(row: &Row<'_>) -> Result<Callback, StoreError> {
    Ok(Callback {
        client_id: row.get(0)?,
        seq: row.get(1)?,
        attempts: row.get(2)?,
        run_at: row.get(3)?,
        last_at: row.get(4)?,
        error: row.get(5)?,
    })
}

/// How it stands with one client.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn get(session: &mut Session, client: &str) -> Result<Option<Callback>, StoreError> {
    session.row(
        "SELECT client_id, seq, attempts, run_at, last_at, error FROM result_callback WHERE client_id = $1",
        params![client],
        read,
    )
}

/// Writes how it stands. The number never goes back: of two processes that pushed the same, the later one changes nothing.
pub fn put(session: &mut Session, one: &Callback) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO result_callback (client_id, seq, attempts, run_at, last_at, error) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (client_id) DO UPDATE SET seq = excluded.seq, attempts = excluded.attempts, run_at = excluded.run_at, \
         last_at = COALESCE(excluded.last_at, result_callback.last_at), error = excluded.error \
         WHERE result_callback.seq <= excluded.seq",
        params![
            &one.client_id,
            one.seq,
            one.attempts,
            one.run_at,
            one.last_at,
            one.error.as_deref(),
        ],
    )?;
    Ok(())
}
