//! `share_use`, `share_sheet`, `share_grant`: codes that were checked, printed sheets, drivers who may show.

use crate::{Row, Session, StoreError, params};

/// Notes that a code was checked; of two who come at once one is first. `None` for the first, else who was and when.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn note_use(
    session: &mut Session,
    (code, checker): (&str, &str),
    at: i64,
    over_at: i64,
) -> Result<Option<(String, i64)>, StoreError> {
    let new = session.execute(
        "INSERT INTO share_use (code, checker, at, over_at) VALUES ($1, $2, $3, $4) ON CONFLICT (code) DO NOTHING",
        params![code, checker, at, over_at],
    )?;
    if new == 1 {
        return Ok(None);
    }
    session.row("SELECT checker, at FROM share_use WHERE code = $1", params![code], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Drops notes of codes that were over before an instant; how many.
pub fn drop_uses(session: &mut Session, before: i64) -> Result<u64, StoreError> {
    session.execute("DELETE FROM share_use WHERE over_at < $1", params![before])
}

/// A printed sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// The certificate.
    pub certificate_id: String,
    /// 1, 2, 3 ….
    pub n: i64,
    /// Dense number of the certificate.
    pub status_index: i64,
    /// 证照标识 that its code names.
    pub identifier: String,
    /// Its code.
    pub code: String,
    /// `first`, `lost`, `renewed`.
    pub reason: String,
    /// Blind index of the holder, or the operator.
    pub maker: String,
    /// Microseconds UTC.
    pub made_at: i64,
}

/// The newest sheet of a certificate.
pub fn newest_sheet(session: &mut Session, certificate: &str) -> Result<Option<SheetRow>, StoreError> {
    session.row(
        "SELECT certificate_id, n, status_index, identifier, code, reason, maker, made_at FROM share_sheet \
         WHERE certificate_id = $1 ORDER BY n DESC LIMIT 1",
        params![certificate],
        |row| {
            Ok(SheetRow {
                certificate_id: row.get(0)?,
                n: row.get(1)?,
                status_index: row.get(2)?,
                identifier: row.get(3)?,
                code: row.get(4)?,
                reason: row.get(5)?,
                maker: row.get(6)?,
                made_at: row.get(7)?,
            })
        },
    )
}

/// A new sheet; a number that is taken is refused as a duplicate.
pub fn insert_sheet(session: &mut Session, one: &SheetRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO share_sheet (certificate_id, n, status_index, identifier, code, reason, maker, made_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            &one.certificate_id,
            one.n,
            one.status_index,
            &one.identifier,
            &one.code,
            &one.reason,
            &one.maker,
            one.made_at,
        ],
    )?;
    Ok(())
}

/// Status index and newest sheet of every certificate that has replaced ones, by index.
pub fn replaced_sheets(session: &mut Session) -> Result<Vec<(i64, i64)>, StoreError> {
    session.rows(
        "SELECT status_index, CAST(MAX(n) AS BIGINT) FROM share_sheet GROUP BY status_index HAVING MAX(n) > 1 \
         ORDER BY status_index",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A driver may show a vehicle's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantRow {
    /// Row key.
    pub id: String,
    /// The certificate.
    pub certificate_id: String,
    /// 1, 2, 3 … among those of the certificate: codes shown by it carry it.
    pub number: i64,
    /// Blind index of the holder who grants.
    pub holder: String,
    /// Blind index of the driver's number.
    pub driver: String,
    /// Blind index of the driver's name.
    pub driver_name: String,
    /// JSON (name, number), sealed for [`GrantRow::place`].
    pub driver_sealed: String,
    /// Microseconds UTC.
    pub begins_at: i64,
    /// Microseconds UTC.
    pub ends_at: i64,
    /// Microseconds UTC.
    pub withdrawn_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
}

impl GrantRow {
    /// The place for which the driver of a grant is encrypted.
    pub fn place(id: &str) -> String {
        format!("share_grant.driver/{id}")
    }
}

macro_rules! columns {
    () => {
        "id, certificate_id, holder, driver, driver_name, driver_sealed, begins_at, ends_at, withdrawn_at, created_at, number"
    };
}

fn read(row: &Row<'_>) -> Result<GrantRow, StoreError> {
    Ok(GrantRow {
        id: row.get(0)?,
        certificate_id: row.get(1)?,
        holder: row.get(2)?,
        driver: row.get(3)?,
        driver_name: row.get(4)?,
        driver_sealed: row.get(5)?,
        begins_at: row.get(6)?,
        ends_at: row.get(7)?,
        withdrawn_at: row.get(8)?,
        created_at: row.get(9)?,
        number: row.get(10)?,
    })
}

/// A new grant.
pub fn insert_grant(session: &mut Session, one: &GrantRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO share_grant (id, certificate_id, holder, driver, driver_name, driver_sealed, begins_at, ends_at, \
         created_at, number) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            &one.id,
            &one.certificate_id,
            &one.holder,
            &one.driver,
            &one.driver_name,
            &one.driver_sealed,
            one.begins_at,
            one.ends_at,
            one.created_at,
            one.number,
        ],
    )?;
    Ok(())
}

/// The number of a certificate's next grant.
pub fn next_grant(session: &mut Session, certificate: &str) -> Result<i64, StoreError> {
    let sql =
        "SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM share_grant WHERE certificate_id = $1";
    Ok(session.row(sql, params![certificate], |row| row.get(0))?.unwrap_or(1))
}

/// The grant of a certificate with that number.
pub fn grant_numbered(
    session: &mut Session,
    certificate: &str,
    number: i64,
) -> Result<Option<GrantRow>, StoreError> {
    session.row(
        concat!("SELECT ", columns!(), " FROM share_grant WHERE certificate_id = $1 AND number = $2"),
        params![certificate, number],
        read,
    )
}

/// One grant.
pub fn grant(session: &mut Session, id: &str) -> Result<Option<GrantRow>, StoreError> {
    session.row(concat!("SELECT ", columns!(), " FROM share_grant WHERE id = $1"), params![id], read)
}

/// The grants of a holder, newest first, at most `most`.
pub fn grants_of(session: &mut Session, holder: &str, most: u32) -> Result<Vec<GrantRow>, StoreError> {
    session.rows(
        concat!("SELECT ", columns!(), " FROM share_grant WHERE holder = $1 ORDER BY id DESC LIMIT $2"),
        params![holder, most],
        read,
    )
}

/// The grants that a driver has now, newest first, at most `most`.
pub fn grants_to(
    session: &mut Session,
    driver: &str,
    now: i64,
    most: u32,
) -> Result<Vec<GrantRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM share_grant WHERE driver = $1 AND withdrawn_at IS NULL AND begins_at <= $2 AND ends_at > $2 \
             ORDER BY id DESC LIMIT $3"
        ),
        params![driver, now, most],
        read,
    )
}

/// Takes a grant back; false when it was taken back before, and its time stays.
pub fn withdraw(session: &mut Session, id: &str, at: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE share_grant SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
    Ok(session.execute(sql, params![id, at])? == 1)
}

/// Takes back the grants of a certificate to a driver that are not over; how many.
pub fn withdraw_overlapping(
    session: &mut Session,
    (certificate, driver): (&str, &str),
    (begins_at, ends_at): (i64, i64),
    at: i64,
) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE share_grant SET withdrawn_at = $5 WHERE certificate_id = $1 AND driver = $2 AND withdrawn_at IS NULL \
         AND begins_at < $4 AND ends_at > $3",
        params![certificate, driver, begins_at, ends_at, at],
    )
}
