//! What the pages show of runs, differences and requests: one page of rows at a time, within the areas of whoever looks.

use super::run::{DifferenceRow, RequestRow, RunRow, read_difference, read_request, read_run};
use crate::rows::within::Within;
use crate::rows::{begins, one_of};
use crate::{Session, StoreError, Value, params};

/// Which differences of a run; an empty text stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `missing`, `extra`, `different`.
    pub class: String,
    /// `open`, `resent`, `drafted`, `settled`.
    pub state: String,
    /// Slug of a kind.
    pub kind: String,
    /// Beginnings of area codes; one empty text for all areas.
    pub areas: Vec<String>,
    /// Slugs of kinds; one empty text for all kinds.
    pub kinds: Vec<String>,
}

/// Differences of a run after a key, in the order of their keys, at most `most`.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn differences(
    session: &mut Session,
    run: &str,
    filter: &Filter,
    after: &str,
    most: u32,
) -> Result<Vec<DifferenceRow>, StoreError> {
    let sql = format!(
        "SELECT run_id, certificate_id, class, fields, ours, theirs, note, state, request_id, area, kind \
         FROM reconcile_difference WHERE run_id = $1 AND certificate_id > $2 AND ($3 = '' OR class = $3) \
         AND ($4 = '' OR state = $4) AND ($5 = '' OR kind = $5) AND {} AND {} ORDER BY certificate_id LIMIT $6",
        begins("area", &filter.areas, 7),
        one_of("kind", &filter.kinds, 7 + filter.areas.len())
    );
    let mut values: Vec<Value<'_>> = vec![
        run.into(),
        after.into(),
        (&filter.class).into(),
        (&filter.state).into(),
        (&filter.kind).into(),
        most.into(),
    ];
    values.extend(filter.areas.iter().chain(&filter.kinds).map(Value::from));
    session.rows(&sql, &values, read_difference)
}

/// One difference.
pub fn difference(
    session: &mut Session,
    run: &str,
    certificate: &str,
) -> Result<Option<DifferenceRow>, StoreError> {
    session.row(
        "SELECT run_id, certificate_id, class, fields, ours, theirs, note, state, request_id, area, kind \
         FROM reconcile_difference WHERE run_id = $1 AND certificate_id = $2",
        params![run, certificate],
        read_difference,
    )
}

/// Differences of a run within the areas and kinds of a filter, by class and state, of the first `most` ones: (class, state, how many).
pub fn counts(
    session: &mut Session,
    run: &str,
    filter: &Filter,
    most: u32,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    let sql = format!(
        "SELECT class, state, CAST(COUNT(*) AS BIGINT) FROM (SELECT class, state FROM reconcile_difference \
         WHERE run_id = $1 AND {} AND {} LIMIT $2) AS few GROUP BY class, state",
        begins("area", &filter.areas, 3),
        one_of("kind", &filter.kinds, 3 + filter.areas.len())
    );
    let mut values: Vec<Value<'_>> = vec![run.into(), most.into()];
    values.extend(filter.areas.iter().chain(&filter.kinds).map(Value::from));
    session.rows(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// The newest differences of a certificate, newest first, at most `most`.
pub fn of_certificate(
    session: &mut Session,
    certificate: &str,
    most: u32,
) -> Result<Vec<DifferenceRow>, StoreError> {
    session.rows(
        "SELECT run_id, certificate_id, class, fields, ours, theirs, note, state, request_id, area, kind \
         FROM reconcile_difference WHERE certificate_id = $1 ORDER BY run_id DESC LIMIT $2",
        params![certificate, most],
        read_difference,
    )
}

/// The first finished run of a lane after an instant.
pub fn done_after(session: &mut Session, lane: &str, after: i64) -> Result<Option<RunRow>, StoreError> {
    session.row(
        "SELECT id, lane, form, state, started_at, ended_at, summary FROM reconcile_run \
         WHERE lane = $1 AND state = 'done' AND started_at > $2 ORDER BY started_at, id LIMIT 1",
        params![lane, after],
        read_run,
    )
}

/// Runs before a key, newest first, at most `most`; the empty text for the newest.
pub fn runs(session: &mut Session, before: &str, most: u32) -> Result<Vec<RunRow>, StoreError> {
    session.rows(
        "SELECT id, lane, form, state, started_at, ended_at, summary FROM reconcile_run \
         WHERE $1 = '' OR id < $1 ORDER BY id DESC LIMIT $2",
        params![before, most],
        read_run,
    )
}

/// Requests within areas and kinds, before a key, newest first, at most `most`; the empty text for the newest. One whose certificate is not
/// on record has no kind: it is for those who see every kind.
pub fn requests(
    session: &mut Session,
    within: &Within,
    before: &str,
    most: u32,
) -> Result<Vec<RequestRow>, StoreError> {
    let mut values: Vec<Value<'static>> = vec![before.to_owned().into(), most.into()];
    let scope = within.sql("r.area", Some("c.kind"), &mut values);
    let sql = format!(
        "SELECT r.id, r.certificate_id, r.run_id, r.area, r.state, r.body_sealed, r.created_at, r.updated_at \
         FROM maintain_request r LEFT JOIN lifecycle_certificate c ON c.id = r.certificate_id \
         WHERE ($1 = '' OR r.id < $1){scope} ORDER BY r.id DESC LIMIT $2"
    );
    session.rows(&sql, &values, read_request)
}
