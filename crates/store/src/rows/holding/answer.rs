//! `collect_count`, `collect_day`, `collect_refused`: what the ministry's node answered its provinces, and what a page may count.

use crate::{Row, Session, StoreError, params};

/// Changes the number of holdings of a province by kind and base.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn count(
    session: &mut Session,
    province: &str,
    (kind, base): (&str, &str),
    more: i64,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO collect_count (province, kind, base, holdings) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (province, kind, base) DO UPDATE SET holdings = collect_count.holdings + excluded.holdings",
        params![province, kind, base, more],
    )?;
    Ok(())
}

/// Holdings by province, kind and base.
pub fn counts(session: &mut Session) -> Result<Vec<(String, String, String, i64)>, StoreError> {
    session.rows(
        "SELECT province, kind, base, holdings FROM collect_count WHERE holdings <> 0 ORDER BY province, kind, base",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// Counts answers of a day (ISO, Asia/Shanghai).
pub fn answered(
    session: &mut Session,
    province: &str,
    (day, outcome): (&str, &str),
    more: i64,
    at: i64,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO collect_day (province, day, outcome, answers, last_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (province, day, outcome) DO UPDATE SET answers = collect_day.answers + excluded.answers, \
         last_at = excluded.last_at",
        params![province, day, outcome, more, at],
    )?;
    Ok(())
}

/// One day of a province.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayRow {
    /// The province's node.
    pub province: String,
    /// ISO.
    pub day: String,
    /// `applied`, `already`, `need_file`, `out_of_order`, `refused`.
    pub outcome: String,
    /// How many.
    pub answers: i64,
    /// The newest of them, microseconds UTC.
    pub last_at: i64,
}

/// Answers from a day on, in the order of days; of all provinces where none is named.
pub fn days(session: &mut Session, province: &str, from: &str) -> Result<Vec<DayRow>, StoreError> {
    session.rows(
        "SELECT province, day, outcome, answers, last_at FROM collect_day WHERE ($1 = '' OR province = $1) AND day >= $2 \
         ORDER BY day, province, outcome",
        params![province, from],
        |row| {
            Ok(DayRow {
                province: row.get(0)?,
                day: row.get(1)?,
                outcome: row.get(2)?,
                answers: row.get(3)?,
                last_at: row.get(4)?,
            })
        },
    )
}

/// When each province's newest delivery was taken, microseconds UTC.
pub fn last_taken(session: &mut Session) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows(
        "SELECT province, CAST(MAX(last_at) AS BIGINT) FROM collect_day WHERE outcome = 'applied' GROUP BY province",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A delivery that was not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedRow {
    /// The province's node.
    pub province: String,
    /// The province's key of the certificate.
    pub certificate_id: String,
    /// The count that was delivered.
    pub state_seq: i64,
    /// Slug of the kind.
    pub kind: String,
    /// Area code.
    pub area: String,
    /// 证照标识, where it has one.
    pub identifier: Option<String>,
    /// The receipt that was given last, JSON.
    pub receipt: String,
    /// Its code.
    pub code: String,
    /// How often it came.
    pub times: i64,
    /// When it came last, microseconds UTC.
    pub at: i64,
    /// Is this count, or a higher one, held by now?
    pub settled: bool,
}

macro_rules! refused {
    () => {
        "r.province, r.certificate_id, r.state_seq, r.kind, r.area, r.identifier, r.receipt, r.code, r.times, r.at, \
         COALESCE(h.state_seq, 0) >= r.state_seq FROM collect_refused r LEFT JOIN collect_holding h \
         ON h.province = r.province AND h.certificate_id = r.certificate_id"
    };
}

fn read(row: &Row<'_>) -> Result<RefusedRow, StoreError> {
    Ok(RefusedRow {
        province: row.get(0)?,
        certificate_id: row.get(1)?,
        state_seq: row.get(2)?,
        kind: row.get(3)?,
        area: row.get(4)?,
        identifier: row.get(5)?,
        receipt: row.get(6)?,
        code: row.get(7)?,
        times: row.get(8)?,
        at: row.get(9)?,
        settled: row.get(10)?,
    })
}

/// Keeps a refusal; of one that comes again, the newest receipt.
pub fn refuse(session: &mut Session, one: &RefusedRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO collect_refused (province, certificate_id, state_seq, kind, area, identifier, receipt, code, times, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) ON CONFLICT (province, certificate_id, state_seq) DO UPDATE SET \
         receipt = excluded.receipt, code = excluded.code, times = collect_refused.times + 1, at = excluded.at",
        params![
            &one.province, &one.certificate_id, one.state_seq, &one.kind, &one.area, one.identifier.as_deref(),
            &one.receipt, &one.code, one.at,
        ],
    )?;
    Ok(())
}

/// Refusals of a province within a span, newest first, before a key (instant, certificate), at most `most`.
pub fn refusals(
    session: &mut Session,
    province: &str,
    (from, to): (i64, i64),
    before: (i64, &str),
    most: u32,
) -> Result<Vec<RefusedRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            refused!(),
            " WHERE r.province = $1 AND r.at >= $2 AND r.at < $3 AND (r.at, r.certificate_id) < ($4, $5) \
             ORDER BY r.at DESC, r.certificate_id DESC LIMIT $6"
        ),
        params![province, from, to, before.0, before.1, most],
        read,
    )
}

/// One refusal.
pub fn refusal(
    session: &mut Session,
    (province, certificate, seq): (&str, &str, i64),
) -> Result<Option<RefusedRow>, StoreError> {
    session.row(
        concat!(
            "SELECT ",
            refused!(),
            " WHERE r.province = $1 AND r.certificate_id = $2 AND r.state_seq = $3"
        ),
        params![province, certificate, seq],
        read,
    )
}

/// Refusals that are not settled by province and code, of the newest `most` of all: (province, code, how many).
pub fn unsettled_causes(session: &mut Session, most: u32) -> Result<Vec<(String, String, i64)>, StoreError> {
    session.rows(
        "SELECT province, code, CAST(COUNT(*) AS BIGINT) FROM (SELECT r.province, r.code FROM collect_refused r \
         LEFT JOIN collect_holding h ON h.province = r.province AND h.certificate_id = r.certificate_id \
         WHERE COALESCE(h.state_seq, 0) < r.state_seq LIMIT $1) AS few GROUP BY province, code ORDER BY 1, 3 DESC, 2",
        params![most],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// How many refusals of each province are not settled, of the newest `most` of all.
pub fn unsettled(session: &mut Session, most: u32) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows(
        "SELECT province, CAST(COUNT(*) AS BIGINT) FROM (SELECT r.province FROM collect_refused r \
         LEFT JOIN collect_holding h ON h.province = r.province AND h.certificate_id = r.certificate_id \
         WHERE COALESCE(h.state_seq, 0) < r.state_seq LIMIT $1) AS few GROUP BY province",
        params![most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
