//! `lifecycle_work` as the people see it who do the work: what is open, and closing it.

use super::certificate::Work;
use super::overview::Reach;
use super::within::Within;
use crate::{Row, Session, StoreError, Value, params};

macro_rules! columns {
    () => {
        "w.id, w.certificate_id, w.event_row, w.area, w.code, w.why, w.opened_at"
    };
}

fn read(row: &Row<'_>) -> Result<Work, StoreError> {
    Ok(Work {
        id: row.get(0)?,
        certificate_id: row.get(1)?,
        event_row: row.get(2)?,
        area: row.get(3)?,
        code: row.get(4)?,
        why: row.get(5)?,
        opened_at: row.get(6)?,
    })
}

/// The open items of areas, oldest first, behind (opened at, key), without those of a code that is others' to see. The kind of a
/// certificate does not hide work about it.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn open(
    session: &mut Session,
    within: &Within,
    (after, not): ((i64, &str), [&str; 2]),
    most: u32,
) -> Result<Vec<Work>, StoreError> {
    let mut values: Vec<Value<'static>> =
        vec![after.0.into(), after.1.to_owned().into(), not[0].to_owned().into(), not[1].to_owned().into()];
    let scope = within.sql("w.area", None, &mut values);
    values.push(most.into());
    let sql = format!(
        "SELECT {} FROM lifecycle_work w WHERE w.state = 'open' AND (w.opened_at > $1 OR (w.opened_at = $1 AND w.id > $2)) \
         AND w.code NOT IN ($3, $4){scope} \
         ORDER BY w.opened_at, w.id LIMIT ${}",
        columns!(),
        values.len()
    );
    session.rows(&sql, &values, read)
}

/// Which open items somebody asks for who watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkFilter {
    /// Whose.
    pub reach: Reach,
    /// Beginning of the area code; empty for all.
    pub area: String,
    /// Stable code; empty for all.
    pub code: String,
    /// Opened at this instant or before, microseconds UTC; `None` for any.
    pub opened_by: Option<i64>,
}

impl WorkFilter {
    fn clause(&self, values: &mut Vec<Value<'static>>) -> String {
        let mut all = vec!["w.state = 'open'".to_owned(), self.reach.clause(("w.area", ""), values)];
        if !self.area.is_empty() {
            let area = Reach { areas: vec![self.area.clone()], kinds: Vec::new() };
            all.push(area.clause(("w.area", ""), values));
        }
        if !self.code.is_empty() {
            values.push(self.code.clone().into());
            all.push(format!("w.code = ${}", values.len()));
        }
        if let Some(by) = self.opened_by {
            values.push(by.into());
            all.push(format!("w.opened_at <= ${}", values.len()));
        }
        all.join(" AND ")
    }
}

/// The open items that somebody watches, oldest first, behind (opened at, key): all that [`super::overview::work`] counts.
pub fn watched(
    session: &mut Session,
    filter: &WorkFilter,
    after: (i64, &str),
    most: u32,
) -> Result<Vec<Work>, StoreError> {
    let mut values: Vec<Value<'static>> = vec![after.0.into(), after.1.to_owned().into(), most.into()];
    let clause = filter.clause(&mut values);
    let sql = format!(
        "SELECT {} FROM lifecycle_work w WHERE {clause} AND (w.opened_at > $1 OR (w.opened_at = $1 AND w.id > $2)) \
         ORDER BY w.opened_at, w.id LIMIT $3",
        columns!()
    );
    session.rows(&sql, &values, read)
}

/// How many of them there are, up to `most`.
pub fn count(session: &mut Session, filter: &WorkFilter, most: u32) -> Result<i64, StoreError> {
    let mut values: Vec<Value<'static>> = vec![most.into()];
    let clause = filter.clause(&mut values);
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT w.id FROM lifecycle_work w WHERE {clause} LIMIT $1) o"
    );
    Ok(session.row(&sql, &values, |row| row.get(0))?.unwrap_or(0))
}

/// The open items of a certificate.
pub fn of(session: &mut Session, certificate: &str) -> Result<Vec<Work>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_work w WHERE w.certificate_id = $1 AND w.state = 'open' ORDER BY w.opened_at, w.id"
        ),
        params![certificate],
        read,
    )
}

/// An open item.
pub fn get(session: &mut Session, id: &str) -> Result<Option<Work>, StoreError> {
    session.row(
        concat!("SELECT ", columns!(), " FROM lifecycle_work w WHERE w.id = $1 AND w.state = 'open'"),
        params![id],
        read,
    )
}

/// Closes an open item; false when it was closed meanwhile.
pub fn close(
    session: &mut Session,
    id: &str,
    (by, reason): (&str, &str),
    at: i64,
) -> Result<bool, StoreError> {
    let closed = session.execute(
        "UPDATE lifecycle_work SET state = 'closed', closed_at = $2, closed_by = $3, reason = $4 \
         WHERE id = $1 AND state = 'open'",
        params![id, at, by, reason],
    )?;
    Ok(closed == 1)
}
