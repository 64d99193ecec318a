//! `result_item`: what the senders are told after the answer.

use crate::rows::issue;
use crate::{Row, Session, StoreError, params};

/// One line of the feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultRow {
    /// Gapless number; given by [`insert`].
    pub seq: i64,
    /// The system it is for.
    pub source: String,
    /// The event it is about.
    pub event_id: String,
    /// The certificate it is about.
    pub certificate_id: Option<String>,
    /// `issued`, `collected`, `refused` ….
    pub what: String,
    /// JSON without personal data.
    pub body: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

/// The series whose number is the feed's.
const SERIES: &str = "result";

/// Appends lines; their numbers have no gaps and become visible in order.
///
/// # Errors
/// As [`Session::execute`].
pub fn insert(session: &mut Session, lines: &[ResultRow]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let first = issue::count(session, SERIES, lines.len() as i64)?;
    let values: Vec<crate::Value<'_>> = (first..)
        .zip(lines)
        .flat_map(|(seq, one)| {
            [
                seq.into(),
                (&one.source).into(),
                (&one.event_id).into(),
                one.certificate_id.as_deref().into(),
                (&one.what).into(),
                (&one.body).into(),
                one.recorded_at.into(),
            ]
        })
        .collect();
    session.insert(
        "INSERT INTO result_item (seq, source, event_id, certificate_id, what, body, recorded_at)",
        7,
        "",
        &values,
    )?;
    Ok(())
}

/// The lines of a source after a number, at most `most`.
///
/// # Errors
/// As [`Session::rows`].
pub fn since(
    session: &mut Session,
    source: &str,
    after: i64,
    most: u32,
) -> Result<Vec<ResultRow>, StoreError> {
    session.rows(
        "SELECT seq, source, event_id, certificate_id, what, body, recorded_at FROM result_item \
         WHERE source = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        params![source, after, most],
        read,
    )
}

/// The same, newest first: the lines before a number.
///
/// # Errors
/// As [`Session::rows`].
pub fn back(
    session: &mut Session,
    source: &str,
    before: i64,
    most: u32,
) -> Result<Vec<ResultRow>, StoreError> {
    session.rows(
        "SELECT seq, source, event_id, certificate_id, what, body, recorded_at FROM result_item \
         WHERE source = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
        params![source, before, most],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<ResultRow, StoreError> {
    Ok(ResultRow {
        seq: row.get(0)?,
        source: row.get(1)?,
        event_id: row.get(2)?,
        certificate_id: row.get(3)?,
        what: row.get(4)?,
        body: row.get(5)?,
        recorded_at: row.get(6)?,
    })
}
