//! `pack_file`, `pack_delta`, and the one pass over certificates that a pack is made of.

use crate::{Row, Session, StoreError, params};

/// What a pack says of one certificate, before it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Status index.
    pub index: i64,
    /// Newest version.
    pub version: i64,
    /// `lifecycle::State`, JSON.
    pub state: String,
}

/// Every certificate with a status index, in the order of the indexes; one statement, so one moment.
///
/// # Errors
/// As [`Session::rows`], and whatever `each` says; so for all that follow.
pub fn stream(
    session: &mut Session,
    mut each: impl FnMut(Indexed) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    session.rows(
        "SELECT status_index, version, state FROM lifecycle_certificate WHERE status_index IS NOT NULL \
         ORDER BY status_index",
        &[],
        |row| each(Indexed { index: row.get(0)?, version: row.get(1)?, state: row.get(2)? }),
    )?;
    Ok(())
}

/// A stored pack without its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackRow {
    /// First two digits of its area codes.
    pub province: String,
    /// 1, 2, 3 ….
    pub number: i64,
    /// Unix seconds.
    pub made_at: i64,
    /// Status indexes covered.
    pub count: i64,
    /// Digest of the content, hex.
    pub digest: String,
    /// SM3 of the file, hex.
    pub sm3: String,
    /// Size of the file.
    pub bytes: i64,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

const COLUMNS: &str = "province, number, made_at, count, digest, sm3, bytes, recorded_at";

fn read(row: &Row<'_>) -> Result<PackRow, StoreError> {
    Ok(PackRow {
        province: row.get(0)?,
        number: row.get(1)?,
        made_at: row.get(2)?,
        count: row.get(3)?,
        digest: row.get(4)?,
        sm3: row.get(5)?,
        bytes: row.get(6)?,
        recorded_at: row.get(7)?,
    })
}

/// Stores a pack; a number that is taken is refused as a duplicate.
pub fn insert(session: &mut Session, one: &PackRow, file: &str) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO pack_file (province, number, made_at, count, digest, sm3, bytes, file, recorded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.province,
            one.number,
            one.made_at,
            one.count,
            &one.digest,
            &one.sm3,
            one.bytes,
            file,
            one.recorded_at,
        ],
    )?;
    Ok(())
}

/// The newest pack of a province.
pub fn newest(session: &mut Session, province: &str) -> Result<Option<PackRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM pack_file WHERE province = $1 ORDER BY number DESC LIMIT 1");
    session.row(&sql, params![province], read)
}

/// All stored packs, by province and number.
pub fn all(session: &mut Session) -> Result<Vec<PackRow>, StoreError> {
    session.rows(&format!("SELECT {COLUMNS} FROM pack_file ORDER BY province, number"), &[], read)
}

/// The file of a pack, Base64.
pub fn file(session: &mut Session, province: &str, number: i64) -> Result<Option<String>, StoreError> {
    session.row(
        "SELECT file FROM pack_file WHERE province = $1 AND number = $2",
        params![province, number],
        |row| row.get(0),
    )
}

/// Drops packs up to a number, and every delta that does not lead to the newest one.
pub fn drop_up_to(session: &mut Session, province: &str, number: i64, newest: i64) -> Result<(), StoreError> {
    session
        .execute("DELETE FROM pack_file WHERE province = $1 AND number <= $2", params![province, number])?;
    session
        .execute("DELETE FROM pack_delta WHERE province = $1 AND number <> $2", params![province, newest])?;
    Ok(())
}

/// A delta that was made: SM3 of the file, file in Base64.
pub fn delta(
    session: &mut Session,
    province: &str,
    number: i64,
    base: i64,
) -> Result<Option<(String, String)>, StoreError> {
    session.row(
        "SELECT sm3, file FROM pack_delta WHERE province = $1 AND number = $2 AND base = $3",
        params![province, number, base],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The kept delta that leads on from a pack: number that it leads to, file in Base64.
pub fn delta_after(
    session: &mut Session,
    province: &str,
    base: i64,
) -> Result<Option<(i64, String)>, StoreError> {
    session.row(
        "SELECT number, file FROM pack_delta WHERE province = $1 AND base = $2 ORDER BY number DESC LIMIT 1",
        params![province, base],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Keeps a delta; the same one twice is one.
pub fn put_delta(
    session: &mut Session,
    province: &str,
    (number, base): (i64, i64),
    sm3: &str,
    file: &str,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO pack_delta (province, number, base, sm3, file) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        params![province, number, base, sm3, file],
    )?;
    Ok(())
}
