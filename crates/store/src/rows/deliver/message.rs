//! `deliver_message`: what holders are told, until they are.

use crate::{Engine, Row, Session, StoreError, params};

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageRow {
    /// Row key.
    pub id: String,
    /// Blind index of the holder's number.
    pub holder: String,
    /// `issued`, `code`, `contact`.
    pub what: String,
    /// The certificate that it is about.
    pub certificate_id: Option<String>,
    /// The identifier or the code request that it is about.
    pub about: Option<String>,
    /// Another phone than the one on record, sealed for [`super::ContactRow::phone_place`] of the holder.
    pub phone_sealed: Option<String>,
    /// `pending`, `waiting`, `dead`, `over`, `none`.
    pub state: String,
    /// Not before, microseconds UTC.
    pub run_at: i64,
    /// Failed attempts.
    pub attempts: i64,
    /// The last failure, Chinese.
    pub error: Option<String>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Worthless after, microseconds UTC.
    pub expires_at: Option<i64>,
}

macro_rules! columns {
    () => {
        "id, holder, what, certificate_id, about, phone_sealed, state, run_at, attempts, error, created_at, expires_at"
    };
}

fn read(row: &Row<'_>) -> Result<MessageRow, StoreError> {
    Ok(MessageRow {
        id: row.get(0)?,
        holder: row.get(1)?,
        what: row.get(2)?,
        certificate_id: row.get(3)?,
        about: row.get(4)?,
        phone_sealed: row.get(5)?,
        state: row.get(6)?,
        run_at: row.get(7)?,
        attempts: row.get(8)?,
        error: row.get(9)?,
        created_at: row.get(10)?,
        expires_at: row.get(11)?,
    })
}

/// Keeps a message.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert_message(session: &mut Session, one: &MessageRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO deliver_message (id, holder, what, certificate_id, about, phone_sealed, state, run_at, lease_until, \
         attempts, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)",
        params![
            &one.id,
            &one.holder,
            &one.what,
            one.certificate_id.as_deref(),
            one.about.as_deref(),
            one.phone_sealed.as_deref(),
            &one.state,
            one.run_at,
            0_i64,
            one.created_at,
            one.expires_at,
        ],
    )?;
    Ok(())
}

/// Leases messages that are due and nobody's, those that pass soonest first, at most `most`.
pub fn lease(
    session: &mut Session,
    owner: &str,
    (now, until): (i64, i64),
    most: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    // Several writers on PostgreSQL: who finds a row locked passes on to the next.
    let tail = if session.engine() == Engine::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "{}{tail}",
        concat!(
            "SELECT ",
            columns!(),
            " FROM deliver_message WHERE state = 'pending' AND run_at <= $1 AND lease_until <= $1 \
             ORDER BY CASE WHEN expires_at IS NULL THEN 1 ELSE 0 END, run_at, id LIMIT $2"
        )
    );
    let found = session.rows(&sql, params![now, most], read)?;
    for one in &found {
        session.execute(
            "UPDATE deliver_message SET lease_until = $2, lease_owner = $3 WHERE id = $1",
            params![&one.id, until, owner],
        )?;
    }
    Ok(found)
}

/// Ends a leased message as `dead`, `waiting` or `over`; nothing when it is not the owner's any more.
pub fn settle(
    session: &mut Session,
    (owner, id): (&str, &str),
    state: &str,
    error: Option<&str>,
    at: i64,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE deliver_message SET state = $3, error = $4, done_at = $5, lease_until = 0, lease_owner = NULL \
         WHERE id = $1 AND lease_owner = $2 AND state = 'pending'",
        params![id, owner, state, error, at],
    )?;
    Ok(())
}

/// A message was taken: its row goes, for what it told of stands elsewhere.
pub fn sent(session: &mut Session, id: &str) -> Result<(), StoreError> {
    session.execute("DELETE FROM deliver_message WHERE id = $1", params![id])?;
    Ok(())
}

/// Puts a leased message back for another attempt.
pub fn put_back(
    session: &mut Session,
    (owner, id): (&str, &str),
    attempts: i64,
    run_at: i64,
    error: &str,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE deliver_message SET attempts = $3, run_at = $4, error = $5, lease_until = 0, lease_owner = NULL \
         WHERE id = $1 AND lease_owner = $2 AND state = 'pending'",
        params![id, owner, attempts, run_at, error],
    )?;
    Ok(())
}

/// Wakes the messages of a holder that waited for a phone.
pub fn wake(session: &mut Session, holder: &str, at: i64) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE deliver_message SET state = 'pending', run_at = $2 WHERE holder = $1 AND state = 'waiting'",
        params![holder, at],
    )
}

/// Wakes every message that waits for a phone which is known.
pub fn wake_known(session: &mut Session, at: i64) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE deliver_message SET state = 'pending', run_at = $1 WHERE state = 'waiting' \
         AND holder IN (SELECT holder FROM deliver_contact)",
        params![at],
    )
}

/// Messages that were given up, oldest first, at most `most`.
pub fn dead(session: &mut Session, most: u32) -> Result<Vec<MessageRow>, StoreError> {
    session.rows(
        concat!("SELECT ", columns!(), " FROM deliver_message WHERE state = 'dead' ORDER BY id LIMIT $1"),
        params![most],
        read,
    )
}

/// Tries everything again that was given up; how many.
pub fn revive(session: &mut Session, at: i64) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE deliver_message SET state = 'pending', run_at = $1, attempts = 0 WHERE state = 'dead'",
        params![at],
    )
}

/// How many messages are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be sent.
    pub pending: i64,
    /// Created at of the oldest of these, microseconds UTC.
    pub oldest: Option<i64>,
    /// Of the pending ones, failed at least once.
    pub failing: i64,
    /// Their holder has no phone on record.
    pub waiting: i64,
    /// Given up.
    pub dead: i64,
}

/// Counts the messages.
pub fn counts(session: &mut Session) -> Result<Counts, StoreError> {
    let pending = session.row(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(MIN(created_at) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM deliver_message WHERE state = 'pending'",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut of = |sql: &str| session.row(sql, &[], |row| row.get::<i64>(0));
    let waiting = of("SELECT CAST(COUNT(*) AS BIGINT) FROM deliver_message WHERE state = 'waiting'")?;
    let dead = of("SELECT CAST(COUNT(*) AS BIGINT) FROM deliver_message WHERE state = 'dead'")?;
    let (pending, oldest, failing) = pending.unwrap_or((0, None, 0));
    Ok(Counts { pending, oldest, failing, waiting: waiting.unwrap_or(0), dead: dead.unwrap_or(0) })
}

/// Forgets messages that were worthless before an instant; how many.
pub fn forget_messages(session: &mut Session, before: i64) -> Result<u64, StoreError> {
    session.execute(
        "DELETE FROM deliver_message WHERE expires_at IS NOT NULL AND expires_at < $1",
        params![before],
    )
}
