//! `client_call`: how often clients call, and what they are refused for.

use crate::{Session, StoreError, Value, params};

/// Calls of a client in an hour, to one endpoint, with one outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallRow {
    /// The client.
    pub client_id: String,
    /// Hour in China, `2026-06-01T09`.
    pub hour: String,
    /// Path of the endpoint.
    pub path: String,
    /// Code of the refusal; empty for calls that were answered.
    pub code: String,
    /// How many.
    pub calls: i64,
    /// The last one, microseconds UTC.
    pub last_at: i64,
}

/// Adds calls to those that are there.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow, or as [`Session::rows`].
pub fn add(session: &mut Session, rows: &[CallRow]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = rows
        .iter()
        .flat_map(|one| {
            [
                (&one.client_id).into(),
                (&one.hour).into(),
                (&one.path).into(),
                (&one.code).into(),
                one.calls.into(),
                one.last_at.into(),
            ]
        })
        .collect();
    let tail = "ON CONFLICT (client_id, hour, path, code) DO UPDATE SET calls = client_call.calls + excluded.calls, \
                last_at = excluded.last_at";
    session.insert(
        "INSERT INTO client_call (client_id, hour, path, code, calls, last_at)",
        6,
        tail,
        &values,
    )?;
    Ok(())
}

/// Drops what is older than an hour; how many rows.
pub fn drop_before(session: &mut Session, hour: &str) -> Result<u64, StoreError> {
    session.execute("DELETE FROM client_call WHERE hour < $1", params![hour])
}

/// The calls of a client since an hour, summed up by endpoint and outcome, the newest first.
pub fn since(session: &mut Session, client: &str, hour: &str) -> Result<Vec<CallRow>, StoreError> {
    session.rows(
        "SELECT path, code, CAST(SUM(calls) AS BIGINT), MAX(last_at) FROM client_call \
         WHERE client_id = $1 AND hour >= $2 GROUP BY path, code ORDER BY MAX(last_at) DESC, path, code",
        params![client, hour],
        |row| {
            Ok(CallRow {
                client_id: client.to_owned(),
                path: row.get(0)?,
                code: row.get(1)?,
                calls: row.get(2)?,
                last_at: row.get(3)?,
                ..CallRow::default()
            })
        },
    )
}

/// When each client was last heard.
pub fn last(session: &mut Session) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows("SELECT client_id, MAX(last_at) FROM client_call GROUP BY client_id", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}
