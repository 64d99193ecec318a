//! `reconcile_run`, `reconcile_difference`, `maintain_request`, and what the outbox says of a difference.

use super::by_keys;
use crate::{Row, Session, StoreError, Value, params};

/// One comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRow {
    /// Row key.
    pub id: String,
    /// Lane of the outbox whose destination it was compared with.
    pub lane: String,
    /// `tree`, `list` or `items`.
    pub form: String,
    /// `running`, `done`, `interrupted`.
    pub state: String,
    /// Watermark: microseconds UTC.
    pub started_at: i64,
    /// Microseconds UTC.
    pub ended_at: Option<i64>,
    /// JSON.
    pub summary: String,
}

macro_rules! run {
    () => {
        "id, lane, form, state, started_at, ended_at, summary"
    };
}

pub(super) fn read_run(row: &Row<'_>) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: row.get(0)?,
        lane: row.get(1)?,
        form: row.get(2)?,
        state: row.get(3)?,
        started_at: row.get(4)?,
        ended_at: row.get(5)?,
        summary: row.get(6)?,
    })
}

/// Begins a run; one of the same lane that was never ended is interrupted.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn begin(session: &mut Session, one: &RunRow) -> Result<(), StoreError> {
    session.execute(
        "UPDATE reconcile_run SET state = 'interrupted', ended_at = $2 WHERE lane = $1 AND state = 'running'",
        params![&one.lane, one.started_at],
    )?;
    session.execute(
        concat!("INSERT INTO reconcile_run (", run!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7)"),
        params![&one.id, &one.lane, &one.form, &one.state, one.started_at, one.ended_at, &one.summary],
    )?;
    Ok(())
}

/// Ends a run; false when it was ended by somebody else.
pub fn end(session: &mut Session, id: &str, state: &str, summary: &str, at: i64) -> Result<bool, StoreError> {
    let ended = session.execute(
        "UPDATE reconcile_run SET state = $2, summary = $3, ended_at = $4 WHERE id = $1 AND state = 'running'",
        params![id, state, summary, at],
    )?;
    Ok(ended == 1)
}

/// A run.
pub fn by_id(session: &mut Session, id: &str) -> Result<Option<RunRow>, StoreError> {
    session.row(concat!("SELECT ", run!(), " FROM reconcile_run WHERE id = $1"), params![id], read_run)
}

/// The same, locked for this transaction: one repair at a time.
pub fn lock(session: &mut Session, id: &str) -> Result<Option<RunRow>, StoreError> {
    session.row_for_update(
        concat!("SELECT ", run!(), " FROM reconcile_run WHERE id = $1"),
        params![id],
        read_run,
    )
}

/// The newest runs, newest first, at most `most`.
pub fn newest(session: &mut Session, most: u32) -> Result<Vec<RunRow>, StoreError> {
    session.rows(
        concat!("SELECT ", run!(), " FROM reconcile_run ORDER BY started_at DESC, id DESC LIMIT $1"),
        params![most],
        read_run,
    )
}

/// One difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DifferenceRow {
    /// Its run.
    pub run_id: String,
    /// Key of the certificate; `list:` and the line for what only a list names.
    pub certificate_id: String,
    /// `missing`, `extra`, `different`.
    pub class: String,
    /// What differs, a comma between.
    pub fields: String,
    /// Our values, JSON.
    pub ours: Option<String>,
    /// Theirs, JSON.
    pub theirs: Option<String>,
    /// More for the reader, Chinese.
    pub note: String,
    /// `open`, `resent`, `drafted`, `settled`.
    pub state: String,
    /// Its 数据维护申请.
    pub request_id: Option<String>,
    /// Area code, as far as either side says.
    pub area: String,
    /// Slug of the kind, as far as either side says.
    pub kind: String,
}

macro_rules! difference {
    () => {
        "run_id, certificate_id, class, fields, ours, theirs, note, state, request_id, area, kind"
    };
}

pub(super) fn read_difference(row: &Row<'_>) -> Result<DifferenceRow, StoreError> {
    Ok(DifferenceRow {
        run_id: row.get(0)?,
        certificate_id: row.get(1)?,
        class: row.get(2)?,
        fields: row.get(3)?,
        ours: row.get(4)?,
        theirs: row.get(5)?,
        note: row.get(6)?,
        state: row.get(7)?,
        request_id: row.get(8)?,
        area: row.get(9)?,
        kind: row.get(10)?,
    })
}

/// What was sent again for these differences did not get through: they are open as before.
///
/// # Errors
/// As [`Session::execute`].
pub fn reopen(session: &mut Session, lane: &str, certificate: &str) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE reconcile_difference SET state = 'open' WHERE certificate_id = $2 AND state = 'resent' \
         AND run_id IN (SELECT id FROM reconcile_run WHERE lane = $1)",
        params![lane, certificate],
    )
}

/// Writes differences. Both sides may hold a certificate in different cells: then it comes once as missing and once as
/// extra, and is one `different` whose field is `cell`.
pub fn put_differences(session: &mut Session, rows: &[DifferenceRow]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = rows
        .iter()
        .flat_map(|one| {
            [
                (&one.run_id).into(),
                (&one.certificate_id).into(),
                (&one.class).into(),
                (&one.fields).into(),
                one.ours.as_deref().into(),
                one.theirs.as_deref().into(),
                (&one.note).into(),
                (&one.state).into(),
                one.request_id.as_deref().into(),
                (&one.area).into(),
                (&one.kind).into(),
            ]
        })
        .collect();
    session.insert(
        concat!("INSERT INTO reconcile_difference (", difference!(), ")"),
        11,
        "ON CONFLICT (run_id, certificate_id) DO UPDATE SET class = 'different', fields = 'cell', \
         ours = COALESCE(reconcile_difference.ours, excluded.ours), \
         theirs = COALESCE(reconcile_difference.theirs, excluded.theirs), \
         area = CASE WHEN reconcile_difference.ours IS NULL THEN excluded.area ELSE reconcile_difference.area END, \
         kind = CASE WHEN reconcile_difference.kind = '' THEN excluded.kind ELSE reconcile_difference.kind END",
        &values,
    )?;
    Ok(())
}

/// The differences of a run after a key, in the order of their keys, at most `most`.
pub fn differences(
    session: &mut Session,
    run: &str,
    after: &str,
    most: u32,
) -> Result<Vec<DifferenceRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            difference!(),
            " FROM reconcile_difference WHERE run_id = $1 AND certificate_id > $2 ORDER BY certificate_id LIMIT $3"
        ),
        params![run, after, most],
        read_difference,
    )
}

/// The open differences of a run, at most `most`.
pub fn open_differences(
    session: &mut Session,
    run: &str,
    most: u32,
) -> Result<Vec<DifferenceRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            difference!(),
            " FROM reconcile_difference WHERE run_id = $1 AND state = 'open' ORDER BY certificate_id LIMIT $2"
        ),
        params![run, most],
        read_difference,
    )
}

/// How many differences of each class a run has.
pub fn counts(session: &mut Session, run: &str) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows(
        "SELECT class, CAST(COUNT(*) AS BIGINT) FROM reconcile_difference WHERE run_id = $1 GROUP BY class",
        params![run],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes an open difference to another state; false when it is not open any more.
pub fn settle(
    session: &mut Session,
    run: &str,
    certificate: &str,
    state: &str,
    request: Option<&str>,
) -> Result<bool, StoreError> {
    let settled = session.execute(
        "UPDATE reconcile_difference SET state = $3, request_id = $4 \
         WHERE run_id = $1 AND certificate_id = $2 AND state = 'open'",
        params![run, certificate, state, request],
    )?;
    Ok(settled == 1)
}

/// One act of a certificate in the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentRow {
    /// The certificate.
    pub certificate_id: String,
    /// The act.
    pub state_seq: i64,
    /// `pending`, `done`, `dead`.
    pub state: String,
    /// Microseconds UTC.
    pub done_at: Option<i64>,
    /// Why it is dead.
    pub error: Option<String>,
}

/// What the outbox of a lane holds of some certificates.
pub fn sent(session: &mut Session, lane: &str, keys: &[String]) -> Result<Vec<SentRow>, StoreError> {
    let sql = "SELECT certificate_id, state_seq, state, done_at, error FROM collect_item WHERE lane = $1 AND certificate_id IN ";
    by_keys(session, sql, lane, keys, |row| {
        Ok(SentRow {
            certificate_id: row.get(0)?,
            state_seq: row.get(1)?,
            state: row.get(2)?,
            done_at: row.get(3)?,
            error: row.get(4)?,
        })
    })
}

/// Sends a certificate to a lane again, as it stands: its newest act, and before it whatever of it lies dead there.
pub fn send_again(
    session: &mut Session,
    id: &str,
    lane: &str,
    certificate: &str,
    state_seq: i64,
    at: i64,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE collect_item SET state = 'pending', run_at = $3, lease_until = 0, lease_owner = NULL, attempts = 0, \
         origin = NULL, error = NULL WHERE lane = $1 AND certificate_id = $2 AND state = 'dead'",
        params![lane, certificate, at],
    )?;
    session.execute(
        "INSERT INTO collect_item (id, lane, certificate_id, state_seq, state, run_at, lease_until, attempts, created_at) \
         VALUES ($1, $2, $3, $4, 'pending', $5, 0, 0, $5) \
         ON CONFLICT (lane, certificate_id, state_seq) DO UPDATE SET state = 'pending', run_at = excluded.run_at, \
         lease_until = 0, lease_owner = NULL, attempts = 0, origin = NULL, error = NULL, receipt = NULL, done_at = NULL \
         WHERE collect_item.state <> 'pending'",
        params![id, lane, certificate, state_seq, at],
    )?;
    Ok(())
}

/// One 数据维护申请.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRow {
    /// Row key.
    pub id: String,
    /// The certificate that it is about, if we hold one.
    pub certificate_id: Option<String>,
    /// The run that found it.
    pub run_id: Option<String>,
    /// Area of whoever completes it.
    pub area: String,
    /// `draft` ….
    pub state: String,
    /// The form, sealed for [`RequestRow::place`].
    pub body_sealed: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

impl RequestRow {
    /// The place for which the form of a request is encrypted.
    pub fn place(id: &str) -> String {
        format!("maintain_request.body/{id}")
    }
}

macro_rules! request {
    () => {
        "id, certificate_id, run_id, area, state, body_sealed, created_at, updated_at"
    };
}

pub(super) fn read_request(row: &Row<'_>) -> Result<RequestRow, StoreError> {
    Ok(RequestRow {
        id: row.get(0)?,
        certificate_id: row.get(1)?,
        run_id: row.get(2)?,
        area: row.get(3)?,
        state: row.get(4)?,
        body_sealed: row.get(5)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
    })
}

/// A new request.
pub fn insert_request(session: &mut Session, one: &RequestRow) -> Result<(), StoreError> {
    session.execute(
        concat!("INSERT INTO maintain_request (", request!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
        params![
            &one.id,
            one.certificate_id.as_deref(),
            one.run_id.as_deref(),
            &one.area,
            &one.state,
            &one.body_sealed,
            one.created_at,
            one.updated_at,
        ],
    )?;
    Ok(())
}

/// Brings a draft up to date.
pub fn update_request(
    session: &mut Session,
    id: &str,
    body_sealed: &str,
    run: &str,
    at: i64,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE maintain_request SET body_sealed = $2, run_id = $3, updated_at = $4 WHERE id = $1 AND state = 'draft'",
        params![id, body_sealed, run, at],
    )?;
    Ok(())
}

/// A request.
pub fn request(session: &mut Session, id: &str) -> Result<Option<RequestRow>, StoreError> {
    session.row(
        concat!("SELECT ", request!(), " FROM maintain_request WHERE id = $1"),
        params![id],
        read_request,
    )
}

/// The draft about a certificate, if there is one.
pub fn draft_of(session: &mut Session, certificate: &str) -> Result<Option<RequestRow>, StoreError> {
    session.row(
        concat!(
            "SELECT ",
            request!(),
            " FROM maintain_request WHERE certificate_id = $1 AND state = 'draft' ORDER BY id"
        ),
        params![certificate],
        read_request,
    )
}
