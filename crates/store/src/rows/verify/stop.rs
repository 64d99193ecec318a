//! `verify_group`, `verify_complaint`.

use crate::{Row, Session, StoreError, params};

/// The checks of one stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRow {
    /// Eight random bytes, hex.
    pub id: String,
    /// The officer who began it.
    pub staff_no: String,
    /// Unit.
    pub unit: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// What was done, or 未记录.
    pub outcome: String,
    /// More about it.
    pub note: String,
    /// When the outcome was recorded.
    pub closed_at: Option<i64>,
}

fn read_group(row: &Row<'_>) -> Result<GroupRow, StoreError> {
    Ok(GroupRow {
        id: row.get(0)?,
        staff_no: row.get(1)?,
        unit: row.get(2)?,
        opened_at: row.get(3)?,
        outcome: row.get(4)?,
        note: row.get(5)?,
        closed_at: row.get(6)?,
    })
}

macro_rules! columns {
    () => {
        "id, staff_no, unit, opened_at, outcome, note, closed_at"
    };
}

/// Inserts a group; nothing happens when it is there.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert_group(session: &mut Session, one: &GroupRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO verify_group (id, staff_no, unit, opened_at, outcome, note, closed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        params![&one.id, &one.staff_no, &one.unit, one.opened_at, &one.outcome, &one.note, one.closed_at],
    )?;
    Ok(())
}

/// A group.
pub fn group(session: &mut Session, id: &str) -> Result<Option<GroupRow>, StoreError> {
    session.row(concat!("SELECT ", columns!(), " FROM verify_group WHERE id = $1"), params![id], read_group)
}

/// The groups of an officer (unit and number) that began before an instant, newest first, at most `most`.
pub fn groups(
    session: &mut Session,
    (unit, staff_no): (&str, &str),
    before: i64,
    most: u32,
) -> Result<Vec<GroupRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM verify_group WHERE staff_no = $1 AND opened_at < $2 AND unit = $4 \
             ORDER BY opened_at DESC, id DESC LIMIT $3"
        ),
        params![staff_no, before, most, unit],
        read_group,
    )
}

/// Records the outcome of a group; false when there is no such group of this officer.
pub fn close_group(
    session: &mut Session,
    id: &str,
    (unit, staff_no): (&str, &str),
    (outcome, note): (&str, &str),
    now: i64,
) -> Result<bool, StoreError> {
    let changed = session.execute(
        "UPDATE verify_group SET outcome = $3, note = $4, closed_at = $5 WHERE id = $1 AND staff_no = $2 AND unit = $6",
        params![id, staff_no, outcome, note, now, unit],
    )?;
    Ok(changed == 1)
}

/// A holder's report that paper was demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComplaintRow {
    /// Digest of the receipt of the check.
    pub receipt: String,
    /// The certificate.
    pub certificate_id: String,
    /// Unit that checked.
    pub unit: String,
    /// Month of the check, `2026-11`.
    pub month: String,
    /// The holder's words, sealed for [`ComplaintRow::place`].
    pub note_sealed: Option<String>,
    /// Microseconds UTC.
    pub made_at: i64,
}

impl ComplaintRow {
    /// The place for which the note is encrypted.
    pub fn place(receipt: &str) -> String {
        format!("verify_complaint.note/{receipt}")
    }
}

/// Inserts a complaint; false when this check has one.
pub fn insert_complaint(session: &mut Session, one: &ComplaintRow) -> Result<bool, StoreError> {
    let inserted = session.execute(
        "INSERT INTO verify_complaint (receipt, certificate_id, unit, month, note_sealed, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (receipt) DO NOTHING",
        params![
            &one.receipt,
            &one.certificate_id,
            &one.unit,
            &one.month,
            one.note_sealed.as_deref(),
            one.made_at,
        ],
    )?;
    Ok(inserted == 1)
}

/// Which of the receipts of a certificate have a complaint.
pub fn complaints_of(session: &mut Session, certificate: &str) -> Result<Vec<String>, StoreError> {
    session.rows(
        "SELECT c.receipt FROM verify_receipt r JOIN verify_complaint c ON c.receipt = r.digest \
         WHERE r.certificate_id = $1",
        params![certificate],
        |row| row.get(0),
    )
}

/// Complaints by month and unit, from one month to another, both included.
pub fn complaint_counts(
    session: &mut Session,
    from: &str,
    to: &str,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    session.rows(
        "SELECT month, unit, CAST(COUNT(*) AS BIGINT) FROM verify_complaint WHERE month >= $1 AND month <= $2 \
         GROUP BY month, unit ORDER BY month, unit",
        params![from, to],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Checks by unit within a span of time (microseconds UTC, the end not included).
pub fn check_counts(
    session: &mut Session,
    (from, until): (i64, i64),
) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows(
        "SELECT unit, CAST(COUNT(*) AS BIGINT) FROM verify_receipt WHERE checked_at >= $1 AND checked_at < $2 \
         GROUP BY unit ORDER BY unit",
        params![from, until],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
