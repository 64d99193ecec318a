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
    /// `pending`, `confirming` (claimed, its act under way), `confirmed`, `rejected` or `failed`.
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
/// where `pending` gives the instant at which they must not be void.
pub fn list(
    session: &mut Session,
    (maker, pending): (Option<&str>, Option<i64>),
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
    if let Some(now) = pending {
        values.push(now.into());
        scope.push_str(&format!(" AND m.state = 'pending' AND m.expires_at > ${}", values.len()));
    }
    values.push(most.into());
    let sql = format!(
        "SELECT {} FROM lifecycle_manual m WHERE m.id < $1{scope} ORDER BY m.id DESC LIMIT ${}",
        columns!(),
        values.len()
    );
    session.rows(&sql, &values, read)
}

/// Rejects a pending one; false when somebody has meanwhile decided.
pub fn reject(
    session: &mut Session,
    id: &str,
    (decider, reason): (&str, &str),
    at: i64,
) -> Result<bool, StoreError> {
    let decided = session.execute(
        "UPDATE lifecycle_manual SET state = 'rejected', decider = $2, reason = $3, decided_at = $4 \
         WHERE id = $1 AND state = 'pending'",
        params![id, decider, reason, at],
    )?;
    Ok(decided == 1)
}

/// Claims a pending one that is not void, for its act to be done: nobody rejects it any more, nor does it expire. `None` when somebody
/// has meanwhile decided.
pub fn claim(session: &mut Session, id: &str, decider: &str, at: i64) -> Result<Option<Manual>, StoreError> {
    let claimed = session.execute(
        "UPDATE lifecycle_manual SET state = 'confirming', decider = $2, decided_at = $3 \
         WHERE id = $1 AND state = 'pending' AND expires_at > $3",
        params![id, decider, at],
    )?;
    if claimed == 0 {
        return Ok(None);
    }
    session.row(concat!("SELECT ", columns!(), " FROM lifecycle_manual m WHERE m.id = $1"), params![id], read)
}

/// What was claimed before an instant and is not settled, oldest first.
pub fn claimed(session: &mut Session, until: i64, most: u32) -> Result<Vec<Manual>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_manual m WHERE m.state = 'confirming' AND m.decided_at <= $1 ORDER BY m.decided_at, m.id LIMIT $2"
        ),
        params![until, most],
        read,
    )
}

/// Settles a claimed one; false when it is settled already.
pub fn settle(session: &mut Session, id: &str, state: &str, reason: &str) -> Result<bool, StoreError> {
    let settled = session.execute(
        "UPDATE lifecycle_manual SET state = $2, reason = $3 WHERE id = $1 AND state = 'confirming'",
        params![id, state, reason],
    )?;
    Ok(settled == 1)
}
