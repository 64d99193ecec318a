//! `setting`: small facts of the node.

use crate::{Session, StoreError, params};

/// A setting's value.
///
/// # Errors
/// As [`Session::rows`].
pub fn get(session: &mut Session, name: &str) -> Result<Option<String>, StoreError> {
    session.row("SELECT value FROM setting WHERE name = $1", params![name], |row| row.get(0))
}

/// A setting's value, which no other transaction changes before this one ends.
///
/// # Errors
/// As [`Session::row_for_update`].
pub fn lock(session: &mut Session, name: &str) -> Result<Option<String>, StoreError> {
    session.row_for_update("SELECT value FROM setting WHERE name = $1", params![name], |row| row.get(0))
}

/// Sets it.
///
/// # Errors
/// As [`Session::execute`].
pub fn put(session: &mut Session, name: &str, value: &str) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )?;
    Ok(())
}
