//! `lifecycle_event`.

use super::within::Within;
use crate::{Row, Session, StoreError, Value, params};

/// One business event and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRow {
    /// Row key (UUIDv7).
    pub id: String,
    /// The system that sent it.
    pub source: String,
    /// Its id there.
    pub event_id: String,
    /// SM3 of the canonical message, hex.
    pub content_sm3: String,
    /// Its certificate, once known.
    pub certificate_id: Option<String>,
    /// The source's own key of the certificate.
    pub subject_ref: String,
    /// Kind of event (Chinese name).
    pub kind: String,
    /// Area of its certificate, or of its record, or the province.
    pub area: String,
    /// The source's count, if it counts.
    pub sequence: Option<i64>,
    /// Microseconds UTC.
    pub occurred_at: i64,
    /// ISO date.
    pub effective_on: String,
    /// `open`, `applied`, `waiting`, `refused`, `work` or `unfit`.
    pub status: String,
    /// The certificate's count after it, once applied.
    pub state_seq: Option<i64>,
    /// Its place among the answered events of its certificate.
    pub answered: Option<i64>,
    /// Last day of a wait.
    pub wait_until: Option<String>,
    /// Message, decided event and deltas, sealed for [`EventRow::event_place`].
    pub event_sealed: String,
    /// The answer, sealed for [`EventRow::answer_place`].
    pub answer_sealed: String,
    /// Photo in the file store, `SM3@place`.
    pub photo: Option<String>,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

impl EventRow {
    /// Names the certificate that it is about, where that is known.
    pub fn set_certificate(&mut self, certificate: Option<&super::certificate::Certificate>) {
        self.certificate_id = certificate.map(|one| one.id.clone());
        if let Some(one) = certificate {
            self.area.clone_from(&one.area);
        }
    }

    /// The place for which an event is encrypted.
    pub fn event_place(id: &str) -> String {
        format!("lifecycle_event.event/{id}")
    }

    /// The place for which its answer is encrypted.
    pub fn answer_place(id: &str) -> String {
        format!("lifecycle_event.answer/{id}")
    }
}

macro_rules! columns {
    () => {
        "id, source, event_id, content_sm3, certificate_id, subject_ref, kind, sequence, occurred_at, effective_on, status, \
         state_seq, answered, wait_until, event_sealed, answer_sealed, photo, recorded_at, area"
    };
}

fn read(row: &Row<'_>) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id: row.get(0)?,
        source: row.get(1)?,
        event_id: row.get(2)?,
        content_sm3: row.get(3)?,
        certificate_id: row.get(4)?,
        subject_ref: row.get(5)?,
        kind: row.get(6)?,
        sequence: row.get(7)?,
        occurred_at: row.get(8)?,
        effective_on: row.get(9)?,
        status: row.get(10)?,
        state_seq: row.get(11)?,
        answered: row.get(12)?,
        wait_until: row.get(13)?,
        event_sealed: row.get(14)?,
        answer_sealed: row.get(15)?,
        photo: row.get(16)?,
        recorded_at: row.get(17)?,
        area: row.get(18)?,
    })
}

/// The event that a source calls by this id.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn find(session: &mut Session, source: &str, event_id: &str) -> Result<Option<EventRow>, StoreError> {
    session.row(
        concat!("SELECT ", columns!(), " FROM lifecycle_event WHERE source = $1 AND event_id = $2"),
        params![source, event_id],
        read,
    )
}

/// The event of a row key.
pub fn by_id(session: &mut Session, id: &str) -> Result<Option<EventRow>, StoreError> {
    session.row(concat!("SELECT ", columns!(), " FROM lifecycle_event WHERE id = $1"), params![id], read)
}

/// The answered events of a certificate, in the order of their answers.
pub fn answered(session: &mut Session, certificate: &str) -> Result<Vec<EventRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_event WHERE certificate_id = $1 AND answered IS NOT NULL ORDER BY answered"
        ),
        params![certificate],
        read,
    )
}

/// The events of a source and subject that wait.
pub fn waiting(session: &mut Session, source: &str, subject: &str) -> Result<Vec<EventRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_event WHERE source = $1 AND subject_ref = $2 AND status = 'waiting' ORDER BY id"
        ),
        params![source, subject],
        read,
    )
}

/// Subjects whose waits are over on a day, at most `most`: (source, subject).
pub fn overdue(session: &mut Session, today: &str, most: u32) -> Result<Vec<(String, String)>, StoreError> {
    session.rows(
        "SELECT DISTINCT source, subject_ref FROM lifecycle_event WHERE status = 'waiting' AND wait_until < $1 LIMIT $2",
        params![today, most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Writes an event, new or answered anew (a waiting or unfit one).
pub fn put(session: &mut Session, one: &EventRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_event (id, source, event_id, content_sm3, certificate_id, subject_ref, kind, sequence, \
         occurred_at, effective_on, status, state_seq, answered, wait_until, event_sealed, answer_sealed, photo, recorded_at, area) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         ON CONFLICT (id) DO UPDATE SET content_sm3 = excluded.content_sm3, certificate_id = excluded.certificate_id, \
         subject_ref = excluded.subject_ref, kind = excluded.kind, sequence = excluded.sequence, \
         occurred_at = excluded.occurred_at, effective_on = excluded.effective_on, status = excluded.status, \
         state_seq = excluded.state_seq, answered = excluded.answered, wait_until = excluded.wait_until, \
         event_sealed = excluded.event_sealed, answer_sealed = excluded.answer_sealed, photo = excluded.photo, \
         recorded_at = excluded.recorded_at, area = excluded.area",
        params![
            &one.id, &one.source, &one.event_id, &one.content_sm3, one.certificate_id.as_deref(), &one.subject_ref,
            &one.kind, one.sequence, one.occurred_at, &one.effective_on, &one.status, one.state_seq, one.answered,
            one.wait_until.as_deref(), &one.event_sealed, &one.answer_sealed, one.photo.as_deref(), one.recorded_at, &one.area,
        ],
    )?;
    Ok(())
}

/// The events of a certificate that wait, whichever source sent them.
pub fn waiting_on(session: &mut Session, certificate: &str) -> Result<Vec<EventRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_event WHERE certificate_id = $1 AND answered IS NULL AND status = 'waiting' ORDER BY id"
        ),
        params![certificate],
        read,
    )
}

/// The events of a certificate without a final answer: waiting, unfit, under way.
pub fn unanswered(session: &mut Session, certificate: &str) -> Result<Vec<EventRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_event WHERE certificate_id = $1 AND answered IS NULL ORDER BY id LIMIT 100"
        ),
        params![certificate],
        read,
    )
}

/// The events of a status that a person may have to look at (`unfit`, `waiting`, `refused`) in areas, newest first, below (recorded at,
/// key).
pub fn open_to_people(
    session: &mut Session,
    status: &str,
    within: &Within,
    below: (i64, &str),
    most: u32,
) -> Result<Vec<EventRow>, StoreError> {
    let mut values: Vec<Value<'static>> =
        vec![status.to_owned().into(), below.0.into(), below.1.to_owned().into()];
    let scope = within.sql("area", None, &mut values);
    values.push(most.into());
    // The first condition is the index's own, word for word: else it is not used.
    let sql = format!(
        "SELECT {} FROM lifecycle_event WHERE status IN ('refused', 'unfit', 'waiting') AND status = $1 \
         AND (recorded_at < $2 OR (recorded_at = $2 AND id < $3)){scope} ORDER BY recorded_at DESC, id DESC LIMIT ${}",
        columns!(),
        values.len()
    );
    session.rows(&sql, &values, read)
}

/// How many events of a certificate have been answered.
pub fn count_answered(session: &mut Session, certificate: &str) -> Result<i64, StoreError> {
    let count = session.row(
        "SELECT COUNT(*) FROM lifecycle_event WHERE certificate_id = $1 AND answered IS NOT NULL",
        params![certificate],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// A version that is to be issued on a later day.
pub fn put_due(session: &mut Session, event: &str, certificate: &str, day: &str) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO issue_due (event_row, certificate_id, issue_on) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![event, certificate, day],
    )?;
    Ok(())
}

/// A version that is to be issued.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Row key of its event.
    pub event_row: String,
    /// Its certificate.
    pub certificate_id: String,
    /// Its day, ISO.
    pub issue_on: String,
}

fn read_due(row: &Row<'_>) -> Result<Due, StoreError> {
    Ok(Due { event_row: row.get(0)?, certificate_id: row.get(1)?, issue_on: row.get(2)? })
}

/// The versions that are due on a day, after (day, event row), in that order, at most `most`.
pub fn due(
    session: &mut Session,
    today: &str,
    (day, event): (&str, &str),
    most: u32,
) -> Result<Vec<Due>, StoreError> {
    session.rows(
        "SELECT event_row, certificate_id, issue_on FROM issue_due \
         WHERE issue_on <= $1 AND (issue_on > $2 OR (issue_on = $2 AND event_row > $3)) \
         ORDER BY issue_on, event_row LIMIT $4",
        params![today, day, event, most],
        read_due,
    )
}

/// The versions of a certificate that are due on a day, in order.
pub fn due_of(session: &mut Session, certificate: &str, today: &str) -> Result<Vec<Due>, StoreError> {
    session.rows(
        "SELECT event_row, certificate_id, issue_on FROM issue_due WHERE certificate_id = $1 AND issue_on <= $2 \
         ORDER BY issue_on, event_row",
        params![certificate, today],
        read_due,
    )
}

/// A due version is dealt with; false when somebody has done so before.
pub fn clear_due(session: &mut Session, event: &str) -> Result<bool, StoreError> {
    Ok(session.execute("DELETE FROM issue_due WHERE event_row = $1", params![event])? == 1)
}
