//! `outage_record`, `outage_held`, `outage_pulse`.

use crate::{Row, Session, StoreError, params};

/// One outage of one leg.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Row key (UUIDv7).
    pub id: String,
    /// `in` (business system to us) or `out` (us to a destination).
    pub leg: String,
    /// The sender, or the lane.
    pub party: String,
    /// `detected`, `planned` or `manual`.
    pub kind: String,
    /// `open`, `ended` or `completed`.
    pub state: String,
    /// Microseconds UTC; so are all instants here.
    pub started_at: i64,
    /// The end; of an open planned one the end that is planned.
    pub ended_at: Option<i64>,
    /// The instant at which the deadline has passed.
    pub deadline_at: Option<i64>,
    /// 暂估.
    pub provisional: bool,
    /// Alarms raised so far.
    pub alarm: i64,
    /// Cause, as far as known.
    pub cause: String,
    /// Emergency measures.
    pub measures: String,
    /// When everything held back had been sent.
    pub completed_at: Option<i64>,
    /// Who opened or closed it by hand.
    pub operator: Option<String>,
}

macro_rules! columns {
    () => {
        "id, leg, party, kind, state, started_at, ended_at, deadline_at, provisional, alarm, cause, measures, completed_at, \
         operator"
    };
}

fn read(row: &Row<'_>) -> Result<Record, StoreError> {
    Ok(Record {
        id: row.get(0)?,
        leg: row.get(1)?,
        party: row.get(2)?,
        kind: row.get(3)?,
        state: row.get(4)?,
        started_at: row.get(5)?,
        ended_at: row.get(6)?,
        deadline_at: row.get(7)?,
        provisional: row.get(8)?,
        alarm: row.get(9)?,
        cause: row.get(10)?,
        measures: row.get(11)?,
        completed_at: row.get(12)?,
        operator: row.get(13)?,
    })
}

/// Writes a record, new or changed.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn put(session: &mut Session, one: &Record) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO outage_record (id, leg, party, kind, state, started_at, ended_at, deadline_at, provisional, alarm, \
         cause, measures, completed_at, operator) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, \
         deadline_at = excluded.deadline_at, provisional = excluded.provisional, alarm = excluded.alarm, \
         cause = excluded.cause, measures = excluded.measures, completed_at = excluded.completed_at, \
         operator = excluded.operator",
        params![
            &one.id, &one.leg, &one.party, &one.kind, &one.state, one.started_at, one.ended_at, one.deadline_at,
            one.provisional, one.alarm, &one.cause, &one.measures, one.completed_at, one.operator.as_deref(),
        ],
    )?;
    Ok(())
}

/// A record.
pub fn by_id(session: &mut Session, id: &str) -> Result<Option<Record>, StoreError> {
    session.row(concat!("SELECT ", columns!(), " FROM outage_record WHERE id = $1"), params![id], read)
}

/// The same, locked for this transaction.
pub fn lock(session: &mut Session, id: &str) -> Result<Option<Record>, StoreError> {
    session.row_for_update(
        concat!("SELECT ", columns!(), " FROM outage_record WHERE id = $1"),
        params![id],
        read,
    )
}

/// The open record of a leg and party that has begun, locked for this transaction.
pub fn open_of(
    session: &mut Session,
    leg: &str,
    party: &str,
    now: i64,
) -> Result<Option<Record>, StoreError> {
    session.row_for_update(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outage_record WHERE leg = $1 AND party = $2 AND state <> 'completed' AND state = 'open' \
             AND started_at <= $3 ORDER BY started_at LIMIT 1"
        ),
        params![leg, party, now],
        read,
    )
}

/// Row keys of everything that is not completed, oldest first.
pub fn unfinished(session: &mut Session) -> Result<Vec<String>, StoreError> {
    session.rows(
        "SELECT id FROM outage_record WHERE state <> 'completed' ORDER BY started_at, id",
        &[],
        |row| row.get(0),
    )
}

/// The senders that are away at an instant.
pub fn away(session: &mut Session, now: i64) -> Result<Vec<String>, StoreError> {
    session.rows(
        "SELECT party FROM outage_record WHERE leg = 'in' AND state = 'open' AND started_at <= $1 ORDER BY party",
        params![now],
        |row| row.get(0),
    )
}

/// The newest records below a place (begin and row key), at most `most`: planned windows of several parties share an instant.
pub fn list(session: &mut Session, (before, id): (i64, &str), most: u32) -> Result<Vec<Record>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM outage_record WHERE started_at < $1 OR (started_at = $1 AND id < $2) \
             ORDER BY started_at DESC, id DESC LIMIT $3"
        ),
        params![before, id, most],
        read,
    )
}

/// Lists what a destination's outage held back: created while it lasted, or not done at its end.
pub fn hold_items(
    session: &mut Session,
    id: &str,
    lane: &str,
    (from, to): (i64, i64),
) -> Result<u64, StoreError> {
    session.execute(
        "INSERT INTO outage_held (outage_id, item) SELECT $1, i.id FROM collect_item i WHERE i.lane = $2 \
         AND i.created_at <= $4 AND (i.state <> 'done' OR i.created_at >= $3) ON CONFLICT DO NOTHING",
        params![id, lane, from, to],
    )
}

/// Notes which of them have been done since.
pub fn follow_items(session: &mut Session, id: &str) -> Result<u64, StoreError> {
    let done = session.rows(
        "SELECT h.item, i.done_at, i.receipt FROM outage_held h JOIN collect_item i ON i.id = h.item \
         WHERE h.outage_id = $1 AND h.sent_at IS NULL AND i.state = 'done'",
        params![id],
        |row| Ok((row.get::<String>(0)?, row.get::<Option<i64>>(1)?, row.get::<Option<String>>(2)?)),
    )?;
    for (item, at, receipt) in &done {
        let digest: Option<String> = receipt
            .as_ref()
            .map(|text| gm::sm3::sm3(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect());
        session.execute(
            "UPDATE outage_held SET sent_at = $3, receipt_sm3 = $4 WHERE outage_id = $1 AND item = $2",
            params![id, item, *at, digest],
        )?;
    }
    Ok(done.len() as u64)
}

/// Lists the events of a sender that happened while it was silent and came later.
pub fn hold_events(
    session: &mut Session,
    id: &str,
    source: &str,
    (from, to): (i64, i64),
) -> Result<u64, StoreError> {
    session.execute(
        "INSERT INTO outage_held (outage_id, item, sent_at, receipt_sm3) SELECT $1, e.id, e.recorded_at, e.content_sm3 \
         FROM lifecycle_event e WHERE e.recorded_at >= $3 AND e.source = $2 AND e.occurred_at >= $3 \
         AND e.occurred_at <= $4 AND e.status <> 'unfit' ON CONFLICT DO NOTHING",
        params![id, source, from, to],
    )
}

/// One thing that an outage held back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Row key of the outbox item or the event.
    pub item: String,
    /// When it was through.
    pub sent_at: Option<i64>,
    /// SM3 of the destination's receipt, or of the event's content; hex.
    pub receipt_sm3: Option<String>,
}

/// What was held back, by row key.
pub fn held(session: &mut Session, id: &str) -> Result<Vec<Held>, StoreError> {
    session.rows(
        "SELECT item, sent_at, receipt_sm3 FROM outage_held WHERE outage_id = $1 ORDER BY item",
        params![id],
        |row| Ok(Held { item: row.get(0)?, sent_at: row.get(1)?, receipt_sm3: row.get(2)? }),
    )
}

/// How much was held back, how much of it is through, and when the last of it was.
pub fn held_counts(session: &mut Session, id: &str) -> Result<(i64, i64, Option<i64>), StoreError> {
    let found = session.row(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(sent_at) AS BIGINT), CAST(MAX(sent_at) AS BIGINT) FROM outage_held \
         WHERE outage_id = $1",
        params![id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(found.unwrap_or((0, 0, None)))
}

/// When a party was last heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// `in` or `out`.
    pub leg: String,
    /// The sender, or the lane.
    pub party: String,
    /// Microseconds UTC.
    pub last_at: i64,
    /// Weighted mean of its gaps, microseconds; 0 while unknown.
    pub usual_gap: i64,
    /// How often it was heard.
    pub heard: i64,
    /// 48 digits: hours of working days, hours of days off.
    pub hours: String,
    /// First failure since it was heard.
    pub silent_since: Option<i64>,
}

fn read_pulse(row: &Row<'_>) -> Result<Pulse, StoreError> {
    Ok(Pulse {
        leg: row.get(0)?,
        party: row.get(1)?,
        last_at: row.get(2)?,
        usual_gap: row.get(3)?,
        heard: row.get(4)?,
        hours: row.get(5)?,
        silent_since: row.get(6)?,
    })
}

/// The pulse of a party, locked for this transaction.
pub fn pulse(session: &mut Session, leg: &str, party: &str) -> Result<Option<Pulse>, StoreError> {
    session.row_for_update(
        "SELECT leg, party, last_at, usual_gap, heard, hours, silent_since FROM outage_pulse WHERE leg = $1 AND party = $2",
        params![leg, party],
        read_pulse,
    )
}

/// All pulses.
pub fn pulses(session: &mut Session) -> Result<Vec<Pulse>, StoreError> {
    session.rows(
        "SELECT leg, party, last_at, usual_gap, heard, hours, silent_since FROM outage_pulse ORDER BY leg, party",
        &[],
        read_pulse,
    )
}

/// Writes a pulse.
pub fn put_pulse(session: &mut Session, one: &Pulse) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO outage_pulse (leg, party, last_at, usual_gap, heard, hours, silent_since) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (leg, party) DO UPDATE SET last_at = excluded.last_at, \
         usual_gap = excluded.usual_gap, heard = excluded.heard, hours = excluded.hours, \
         silent_since = excluded.silent_since",
        params![&one.leg, &one.party, one.last_at, one.usual_gap, one.heard, &one.hours, one.silent_since],
    )?;
    Ok(())
}
