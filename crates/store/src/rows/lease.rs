//! `lease`: work that one process at a time may do. A lease is not a state: it runs out by itself.

use crate::{Session, StoreError, params};

/// Takes or keeps a lease until an instant (microseconds UTC); false while somebody else holds it.
///
/// # Errors
/// As [`Session::execute`].
pub fn take(
    session: &mut Session,
    name: &str,
    owner: &str,
    now: i64,
    until: i64,
) -> Result<bool, StoreError> {
    // One statement, so that of two who come at once one is told no.
    let taken = session.execute(
        "INSERT INTO lease (name, owner, until) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until \
         WHERE lease.owner = excluded.owner OR lease.until <= $4",
        params![name, owner, until, now],
    )?;
    Ok(taken == 1)
}

/// Gives a lease back. One that ran out and went to somebody else stays theirs.
///
/// # Errors
/// As [`Session::execute`].
pub fn release(session: &mut Session, name: &str, owner: &str) -> Result<(), StoreError> {
    session.execute("DELETE FROM lease WHERE name = $1 AND owner = $2", params![name, owner])?;
    Ok(())
}

/// Does somebody hold it?
///
/// # Errors
/// As [`Session::row`].
pub fn is_held(session: &mut Session, name: &str, now: i64) -> Result<bool, StoreError> {
    let until = session.row("SELECT until FROM lease WHERE name = $1", params![name], |row| row.get(0))?;
    Ok(until.is_some_and(|until: i64| until > now))
}
