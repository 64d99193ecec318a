//! `lifecycle_manual`: emergency acts that one person asked for and another one decides on.

use super::within::Within;
use crate::{Row, Session, StoreError, Value, params};

/// An act that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manual {
    /// Row key (UUIDv7).
    pub id: String,
    /// Its certificate.
    pub certificate_id: String,
    /// Area of it.
    pub area: String,
    /// Kind of it.
    pub kind: String,
    /// Kind of event (Chinese name).
    pub event: String,
    /// `pending`, `confirmed`, `rejected` or `failed`.
    pub state: String,
    /// Event, grounds and who asks, sealed for [`Manual::place`].
    pub body_sealed: String,
    /// Account that asks.
    pub maker: String,
    /// Microseconds UTC.
    pub made_at: i64,
    /// After this nobody can confirm it.
    pub expires_at: i64,
    /// Account that decided.
    pub decider: Option<String>,
    /// Microseconds UTC.
    pub decided_at: Option<i64>,
    /// Why it was rejected, or what the rules said.
    pub reason: Option<String>,
}

impl Manual {
    /// The place for which it is encrypted.
    #[must_use]
    pub fn place(id: &str) -> String {
        format!("lifecycle_manual.body/{id}")
    }
}

macro_rules! columns {
    () => {
        "m.id, m.certificate_id, m.area, m.kind, m.event, m.state, m.body_sealed, m.maker, m.made_at, m.expires_at, m.decider, \
         m.decided_at, m.reason"
    };
}

fn read(row: &Row<'_>) -> Result<Manual, StoreError> {
    Ok(Manual {
        id: row.get(0)?,
        certificate_id: row.get(1)?,
        area: row.get(2)?,
        kind: row.get(3)?,
        event: row.get(4)?,
        state: row.get(5)?,
        body_sealed: row.get(6)?,
        maker: row.get(7)?,
        made_at: row.get(8)?,
        expires_at: row.get(9)?,
        decider: row.get(10)?,
        decided_at: row.get(11)?,
        reason: row.get(12)?,
    })
}

/// A new one.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert(session: &mut Session, one: &Manual) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_manual (id, certificate_id, area, kind, event, state, body_sealed, maker, made_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            &one.id, &one.certificate_id, &one.area, &one.kind, &one.event, &one.state, &one.body_sealed, &one.maker,
            one.made_at, one.expires_at,
        ],
    )?;
    Ok(())
}

/// One within what may be seen.
pub fn get(session: &mut Session, id: &str, within: &Within) -> Result<Option<Manual>, StoreError> {
    let found = session.row(
        concat!("SELECT ", columns!(), " FROM lifecycle_manual m WHERE m.id = $1"),
        params![id],
        read,
    )?;
    Ok(found.filter(|one| within.has(&one.area, &one.kind)))
}

/// Those of an account (`maker`) or, without one, of everybody within what may be seen; below a key, newest first; pending ones only
/// where `pending`.
pub fn list(
    session: &mut Session,
    (maker, pending): (Option<&str>, bool),
    within: &Within,
    below: &str,
    most: u32,
) -> Result<Vec<Manual>, StoreError> {
    let mut values: Vec<Value<'static>> = vec![below.to_owned().into()];
    let mut scope = within.sql("m.area", Some("m.kind"), &mut values);
    if let Some(maker) = maker {
        values.push(maker.to_owned().into());
        scope.push_str(&format!(" AND m.maker = ${}", values.len()));
    }
    if pending {
        scope.push_str(" AND m.state = 'pending'");
    }
    values.push(most.into());
    let sql = format!(
        "SELECT {} FROM lifecycle_manual m WHERE m.id < $1{scope} ORDER BY m.id DESC LIMIT ${}",
        columns!(),
        values.len()
    );
    session.rows(&sql, &values, read)
}

/// Decides on a pending one; false when somebody has meanwhile.
pub fn decide(
    session: &mut Session,
    id: &str,
    state: &str,
    (decider, reason): (&str, Option<&str>),
    at: i64,
) -> Result<bool, StoreError> {
    let decided = session.execute(
        "UPDATE lifecycle_manual SET state = $2, decider = $3, reason = $4, decided_at = $5 \
         WHERE id = $1 AND state = 'pending'",
        params![id, state, decider, reason, at],
    )?;
    Ok(decided == 1)
}
