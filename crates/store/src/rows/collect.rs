//! `collect_item`: the outbox, one lane a destination.

use super::overview::Reach;
use crate::{Engine, Row, Session, StoreError, Value, params};

/// Puts an act of a certificate into lanes: (row key, lane) each. An act that is there already stays as it is.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn enqueue(
    session: &mut Session,
    certificate: &str,
    state_seq: i64,
    lanes: &[(String, String)],
    at: i64,
) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = lanes
        .iter()
        .flat_map(|(id, lane)| {
            [
                id.into(),
                lane.into(),
                certificate.into(),
                state_seq.into(),
                "pending".into(),
                at.into(),
                0_i64.into(),
                0_i64.into(),
                at.into(),
            ]
        })
        .collect();
    session.insert(
        "INSERT INTO collect_item (id, lane, certificate_id, state_seq, state, run_at, lease_until, attempts, created_at)",
        9,
        "ON CONFLICT DO NOTHING",
        &values,
    )?;
    Ok(())
}

/// One act of one certificate on its way to one destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Row key (UUIDv7).
    pub id: String,
    /// The destination.
    pub lane: String,
    /// The certificate.
    pub certificate_id: String,
    /// Its count after the act.
    pub state_seq: i64,
    /// `pending`, `done` or `dead`.
    pub state: String,
    /// Not before this instant, microseconds UTC.
    pub run_at: i64,
    /// Failed attempts since it was last sent by hand.
    pub attempts: i64,
    /// Failed attempts before that.
    pub tried_before: i64,
    /// The last failed attempt, microseconds UTC.
    pub tried_at: Option<i64>,
    /// On whose side the last failure lies: 0 own, 1 ministry, 2 province, 3 network.
    pub origin: Option<i64>,
    /// Stable code of the last failure.
    pub code: Option<String>,
    /// The last failure in words.
    pub error: Option<String>,
    /// The destination's last receipt, JSON.
    pub receipt: Option<String>,
    /// Microseconds UTC.
    pub created_at: i64,
}

macro_rules! columns {
    () => {
        "i.id, i.lane, i.certificate_id, i.state_seq, i.state, i.run_at, i.attempts, i.origin, i.code, i.error, i.receipt, \
         i.created_at, i.tried_before, i.tried_at"
    };
}

fn read(row: &Row<'_>) -> Result<Item, StoreError> {
    Ok(Item {
        id: row.get(0)?,
        lane: row.get(1)?,
        certificate_id: row.get(2)?,
        state_seq: row.get(3)?,
        state: row.get(4)?,
        run_at: row.get(5)?,
        attempts: row.get(6)?,
        origin: row.get(7)?,
        code: row.get(8)?,
        error: row.get(9)?,
        receipt: row.get(10)?,
        created_at: row.get(11)?,
        tried_before: row.get(12)?,
        tried_at: row.get(13)?,
    })
}

/// Leases what may go now: the first unsettled act of each certificate, where it is due and nobody's, at most `most`.
/// An act behind a pending or dead one of its certificate is not given out.
pub fn lease(
    session: &mut Session,
    lane: &str,
    owner: &str,
    (now, until): (i64, i64),
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    // Several writers on PostgreSQL: who finds a row locked passes on to the next.
    let tail = if session.engine() == Engine::Postgres { " FOR UPDATE OF i SKIP LOCKED" } else { "" };
    let sql = format!(
        "{}{tail}",
        concat!(
            "SELECT ",
            columns!(),
            " FROM collect_item i WHERE i.lane = $1 AND i.state = 'pending' AND i.run_at <= $2 AND i.lease_until <= $2 \
             AND NOT EXISTS (SELECT 1 FROM collect_item e WHERE e.certificate_id = i.certificate_id AND e.lane = i.lane \
             AND e.state_seq < i.state_seq AND e.state <> 'done') ORDER BY i.run_at, i.id LIMIT $3"
        )
    );
    let items = session.rows(&sql, params![lane, now, most], read)?;
    for item in &items {
        session.execute(
            "UPDATE collect_item SET lease_until = $2, lease_owner = $3 WHERE id = $1",
            params![&item.id, until, owner],
        )?;
    }
    Ok(items)
}

/// What the destination said last about an earlier act of a certificate: receipt JSON.
pub fn last_receipt(
    session: &mut Session,
    lane: &str,
    certificate: &str,
) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> = session.row(
        "SELECT receipt FROM collect_item WHERE certificate_id = $1 AND lane = $2 AND state = 'done' \
         ORDER BY state_seq DESC LIMIT 1",
        params![certificate, lane],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// Settles every act of a certificate up to a count; the counts that were settled now, each with when it was put in.
pub fn settle(
    session: &mut Session,
    (lane, certificate): (&str, &str),
    up_to: i64,
    receipt: &str,
    at: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    session.rows(
        "UPDATE collect_item SET state = 'done', receipt = $4, done_at = $5, lease_until = 0, lease_owner = NULL, \
         origin = NULL, code = NULL, error = NULL \
         WHERE certificate_id = $1 AND lane = $2 AND state_seq <= $3 AND state <> 'done' RETURNING state_seq, created_at",
        params![certificate, lane, up_to, receipt, at],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// How an attempt failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Row key of the item.
    pub id: String,
    /// `pending` (again later) or `dead`.
    pub state: &'static str,
    /// When again.
    pub run_at: i64,
    /// Failed attempts, this one included.
    pub attempts: i64,
    /// When this one was, microseconds UTC.
    pub tried_at: i64,
    /// On whose side.
    pub origin: i64,
    /// Stable code.
    pub code: String,
    /// In words.
    pub error: String,
    /// What the destination said, JSON.
    pub receipt: Option<String>,
}

/// Gives a leased item back after a failure; false when the lease has gone to somebody else meanwhile.
pub fn fail(session: &mut Session, owner: &str, one: &Failure) -> Result<bool, StoreError> {
    let changed = session.execute(
        "UPDATE collect_item SET state = $3, run_at = $4, attempts = $5, origin = $6, code = $7, error = $8, \
         receipt = $9, tried_at = $10, lease_until = 0, lease_owner = NULL WHERE id = $1 AND lease_owner = $2 AND state = 'pending'",
        params![
            &one.id, owner, one.state, one.run_at, one.attempts, one.origin, &one.code, &one.error,
            one.receipt.as_deref(), one.tried_at,
        ],
    )?;
    Ok(changed == 1)
}

/// The events behind the acts of a certificate: (source, event id, count).
pub fn events(
    session: &mut Session,
    certificate: &str,
    (from, to): (i64, i64),
) -> Result<Vec<(String, String, i64)>, StoreError> {
    session.rows(
        "SELECT source, event_id, state_seq FROM lifecycle_event WHERE certificate_id = $1 AND status = 'applied' \
         AND answered IS NOT NULL AND state_seq >= $2 AND state_seq <= $3 ORDER BY state_seq",
        params![certificate, from, to],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Counts of a lane: pending, due, created at of the oldest pending one, done since an instant.
pub fn counts(
    session: &mut Session,
    lane: &str,
    (now, since): (i64, i64),
) -> Result<(i64, i64, Option<i64>, i64), StoreError> {
    let pending = session.row(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN run_at <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
         CAST(MIN(created_at) AS BIGINT) FROM collect_item WHERE lane = $1 AND state = 'pending'",
        params![lane, now],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let done = session.row(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM collect_item WHERE lane = $1 AND state = 'done' AND done_at >= $2",
        params![lane, since],
        |row| row.get(0),
    )?;
    let (pending, due, oldest) = pending.unwrap_or((0, 0, None));
    Ok((pending, due, oldest, done.unwrap_or(0)))
}

/// Items of a lane that failed and are not done, by state, origin and code: (state, origin, code, how many).
pub fn causes(session: &mut Session, lane: &str) -> Result<Vec<(String, i64, String, i64)>, StoreError> {
    session.rows(
        "SELECT state, origin, code, CAST(COUNT(*) AS BIGINT) FROM collect_item WHERE lane = $1 AND state <> 'done' \
         AND origin IS NOT NULL AND code IS NOT NULL GROUP BY state, origin, code ORDER BY state, origin, code",
        params![lane],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// Dead letters of a lane after a row key, at most `most`.
pub fn dead(session: &mut Session, lane: &str, after: &str, most: u32) -> Result<Vec<Item>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM collect_item i WHERE i.lane = $1 AND i.state = 'dead' AND i.id > $2 ORDER BY i.id LIMIT $3"
        ),
        params![lane, after, most],
        read,
    )
}

/// Brings one dead letter back to life; its certificate when it was one.
pub fn revive(
    session: &mut Session,
    lane: &str,
    id: &str,
    at: i64,
) -> Result<Option<(String, i64)>, StoreError> {
    session.row(
        "UPDATE collect_item SET state = 'pending', run_at = $3, tried_before = tried_before + attempts, \
         attempts = 0, lease_until = 0, lease_owner = NULL \
         WHERE id = $2 AND lane = $1 AND state = 'dead' RETURNING certificate_id, state_seq",
        params![lane, id, at],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Brings all dead letters of a lane back to life; how many.
pub fn revive_all(session: &mut Session, lane: &str, at: i64) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE collect_item SET state = 'pending', run_at = $2, tried_before = tried_before + attempts, \
         attempts = 0, lease_until = 0, lease_owner = NULL \
         WHERE lane = $1 AND state = 'dead'",
        params![lane, at],
    )
}

/// Why dead letters of a lane are dead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadCause {
    /// The destination.
    pub lane: String,
    /// On whose side: 0 own, 1 ministry, 2 province, 3 network.
    pub origin: i64,
    /// Stable code.
    pub code: String,
    /// How many.
    pub n: i64,
}

/// A dead letter with its certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLine {
    /// The letter.
    pub item: Item,
    /// 证照标识.
    pub identifier: Option<String>,
    /// Area code.
    pub area: String,
}

/// Dead letters of a lane within a reach by side and code.
pub fn dead_causes(session: &mut Session, lane: &str, reach: &Reach) -> Result<Vec<DeadCause>, StoreError> {
    let mut values = vec![Value::Text(lane.to_owned().into())];
    let clause = reach.clause(("c.area", "c.kind"), &mut values);
    let sql = format!(
        "SELECT COALESCE(i.origin, 0), COALESCE(i.code, ''), CAST(COUNT(*) AS BIGINT) FROM collect_item i \
         JOIN lifecycle_certificate c ON c.id = i.certificate_id WHERE i.lane = $1 AND i.state = 'dead' AND {clause} \
         GROUP BY 1, 2 ORDER BY 3 DESC, 2"
    );
    session.rows(&sql, &values, |row| {
        Ok(DeadCause { lane: lane.to_owned(), origin: row.get(0)?, code: row.get(1)?, n: row.get(2)? })
    })
}

/// Dead letters of a lane within a reach after a row key, of one code or of all, at most `most`.
pub fn dead_within(
    session: &mut Session,
    lane: &str,
    reach: &Reach,
    code: &str,
    after: &str,
    most: u32,
) -> Result<Vec<DeadLine>, StoreError> {
    dead_lines(session, (lane, reach), ("i.id > $2 AND ($3 = '' OR i.code = $3)", after, code), most)
}

/// One dead letter of a lane, if it lies within a reach.
pub fn dead_one(
    session: &mut Session,
    lane: &str,
    reach: &Reach,
    id: &str,
) -> Result<Option<DeadLine>, StoreError> {
    Ok(dead_lines(session, (lane, reach), ("i.id = $2 AND $3 = ''", id, ""), 1)?.into_iter().next())
}

fn dead_lines(
    session: &mut Session,
    (lane, reach): (&str, &Reach),
    (which, id, code): (&str, &str, &str),
    most: u32,
) -> Result<Vec<DeadLine>, StoreError> {
    let mut values: Vec<Value<'static>> =
        [lane, id, code].into_iter().map(|text| Value::Text(text.to_owned().into())).collect();
    values.push(most.into());
    let clause = reach.clause(("c.area", "c.kind"), &mut values);
    let sql = format!(
        concat!(
            "SELECT ",
            columns!(),
            ", c.identifier, c.area FROM collect_item i JOIN lifecycle_certificate c ON c.id = i.certificate_id \
             WHERE i.lane = $1 AND i.state = 'dead' AND {} AND {} ORDER BY i.id LIMIT $4"
        ),
        which, clause
    );
    session.rows(&sql, &values, |row| {
        Ok(DeadLine { item: read(row)?, identifier: row.get(14)?, area: row.get(15)? })
    })
}
