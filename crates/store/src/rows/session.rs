//! `session_web`: who is signed in on pages.

use crate::{Row, Session, StoreError, params};

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRow {
    /// SM3 of the cookie, hex.
    pub id: String,
    /// `operator:NAME` or `holder:BLIND`.
    pub subject: String,
    /// Role, as `data/rights.toml` names it.
    pub role: String,
    /// Who it is, sealed for [`SessionRow::place`].
    pub who_sealed: String,
    /// Browser, in a few words.
    pub device: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// It ends when unused for so long, microseconds.
    pub idle: i64,
    /// It ends then in any case.
    pub ends_at: i64,
    /// The second factor was given.
    pub factor: bool,
    /// The code of the first sign-in was given.
    pub enabled: bool,
    /// When password and factor were last given, microseconds UTC; 0 while one of them is outstanding.
    pub fresh_at: i64,
    /// When it was ended.
    pub ended_at: Option<i64>,
}

impl SessionRow {
    /// The place for which `who` is encrypted.
    pub fn place(id: &str) -> String {
        format!("session.who/{id}")
    }
}

const COLUMNS: &str = "id, subject, role, who_sealed, device, created_at, seen_at, idle, ends_at, factor, enabled, fresh_at, ended_at";

fn read(row: &Row<'_>) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: row.get(0)?,
        subject: row.get(1)?,
        role: row.get(2)?,
        who_sealed: row.get(3)?,
        device: row.get(4)?,
        created_at: row.get(5)?,
        seen_at: row.get(6)?,
        idle: row.get(7)?,
        ends_at: row.get(8)?,
        factor: row.get(9)?,
        enabled: row.get(10)?,
        fresh_at: row.get(11)?,
        ended_at: row.get(12)?,
    })
}

/// A session, ended or not.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn get(session: &mut Session, id: &str) -> Result<Option<SessionRow>, StoreError> {
    session.row(&format!("SELECT {COLUMNS} FROM session_web WHERE id = $1"), params![id], read)
}

/// The sessions of a subject that were not ended, newest first.
pub fn of(session: &mut Session, subject: &str) -> Result<Vec<SessionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM session_web WHERE subject = $1 AND ended_at IS NULL ORDER BY created_at DESC, id"
    );
    session.rows(&sql, params![subject], read)
}

/// A new session.
pub fn insert(session: &mut Session, one: &SessionRow) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO session_web ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)"
    );
    session.execute(
        &sql,
        params![
            &one.id,
            &one.subject,
            &one.role,
            &one.who_sealed,
            &one.device,
            one.created_at,
            one.seen_at,
            one.idle,
            one.ends_at,
            one.factor,
            one.enabled,
            one.fresh_at,
        ],
    )?;
    Ok(())
}

/// Notes a use.
pub fn seen(session: &mut Session, id: &str, now: i64) -> Result<(), StoreError> {
    session.execute("UPDATE session_web SET seen_at = $2 WHERE id = $1", params![id, now])?;
    Ok(())
}

/// Notes that password and second factor were given.
pub fn freshen(session: &mut Session, id: &str, factor: bool, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE session_web SET factor = $2, fresh_at = $3 WHERE id = $1";
    session.execute(sql, params![id, factor, now])?;
    Ok(())
}

/// Notes that the code of the first sign-in was given; `fresh_at` as far as nothing else is outstanding.
pub fn enable(session: &mut Session, id: &str, fresh_at: i64) -> Result<(), StoreError> {
    let sql = "UPDATE session_web SET enabled = $2, fresh_at = $3 WHERE id = $1";
    session.execute(sql, params![id, true, fresh_at])?;
    Ok(())
}

/// Ends all sessions of a subject but one.
pub fn end_others(session: &mut Session, subject: &str, id: &str, now: i64) -> Result<u64, StoreError> {
    let sql = "UPDATE session_web SET ended_at = $3 WHERE subject = $1 AND id <> $2 AND ended_at IS NULL";
    session.execute(sql, params![subject, id, now])
}

/// Ends a session of a subject; false if it has none of this id that is open.
pub fn end(session: &mut Session, subject: &str, id: &str, now: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE session_web SET ended_at = $3 WHERE id = $1 AND subject = $2 AND ended_at IS NULL";
    Ok(session.execute(sql, params![id, subject, now])? == 1)
}

/// Ends all sessions of a subject; how many.
pub fn end_all(session: &mut Session, subject: &str, now: i64) -> Result<u64, StoreError> {
    let sql = "UPDATE session_web SET ended_at = $2 WHERE subject = $1 AND ended_at IS NULL";
    session.execute(sql, params![subject, now])
}

/// Drops what ended before an instant.
pub fn drop_before(session: &mut Session, before: i64) -> Result<u64, StoreError> {
    session.execute("DELETE FROM session_web WHERE ends_at < $1", params![before])
}
