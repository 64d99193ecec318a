//! Our certificates as a plain list sees them, and which of them a list has named.

use super::by_keys;
use crate::{Row, Session, StoreError, Value, params};

/// What a plain list may say of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnRow {
    /// Row key.
    pub id: String,
    /// What it was found by: an identifier or a blind index; the row key where nothing was looked for.
    pub found_by: String,
    /// Slug of the kind.
    pub kind: String,
    /// Area code of the act.
    pub area: String,
    /// 证照编号.
    pub certificate_no: Option<String>,
    /// Newest version.
    pub version: i64,
    /// Its 证照标识.
    pub identifier: Option<String>,
    /// Acts recorded.
    pub state_seq: i64,
    /// Base of the status.
    pub base: String,
    /// Last day of validity.
    pub last_day: Option<String>,
    /// Last changed, microseconds UTC.
    pub updated_at: i64,
}

macro_rules! own {
    () => {
        "c.kind, c.area, c.certificate_no, c.version, c.identifier, c.state_seq, c.base, c.last_day, c.updated_at"
    };
}

fn read(row: &Row<'_>) -> Result<OwnRow, StoreError> {
    Ok(OwnRow {
        id: row.get(0)?,
        found_by: row.get(1)?,
        kind: row.get(2)?,
        area: row.get(3)?,
        certificate_no: row.get(4)?,
        version: row.get(5)?,
        identifier: row.get(6)?,
        state_seq: row.get(7)?,
        base: row.get(8)?,
        last_day: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

/// The certificates of some identifiers, of any version of theirs.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn by_identifiers(session: &mut Session, identifiers: &[String]) -> Result<Vec<OwnRow>, StoreError> {
    let sql = concat!(
        "SELECT c.id, v.identifier, ",
        own!(),
        " FROM lifecycle_version v JOIN lifecycle_certificate c ON c.id = v.certificate_id \
          WHERE CAST($1 AS TEXT) = '' AND c.version > 0 AND v.identifier IN "
    );
    by_keys(session, sql, "", identifiers, read)
}

/// The certificates of some blind indexes.
pub fn by_blinds(session: &mut Session, blinds: &[String]) -> Result<Vec<OwnRow>, StoreError> {
    let sql = concat!(
        "SELECT c.id, k.blind, ",
        own!(),
        " FROM search_key k JOIN lifecycle_certificate c ON c.id = k.certificate_id \
          WHERE CAST($1 AS TEXT) = '' AND c.version > 0 AND k.blind IN "
    );
    by_keys(session, sql, "", blinds, read)
}

/// Some certificates by their row keys.
pub fn by_ids(session: &mut Session, keys: &[String]) -> Result<Vec<OwnRow>, StoreError> {
    let sql = concat!(
        "SELECT c.id, c.id, ",
        own!(),
        " FROM lifecycle_certificate c WHERE CAST($1 AS TEXT) = '' AND c.id IN "
    );
    by_keys(session, sql, "", keys, read)
}

/// Issued certificates after a key, in the order of their keys, at most `most`.
pub fn issued_after(session: &mut Session, after: &str, most: u32) -> Result<Vec<OwnRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT c.id, c.id, ",
            own!(),
            " FROM lifecycle_certificate c WHERE c.id > $1 AND c.version > 0 ORDER BY c.id LIMIT $2"
        ),
        params![after, most],
        read,
    )
}

/// The leaf that each issued certificate should have: key, month, area, act, version, base, files, time; after a key, in
/// the order of keys, at most `most` certificates. One row a file; a certificate without files has one, with an empty SM3.
pub fn facts_after(session: &mut Session, after: &str, most: u32) -> Result<Vec<FactRow>, StoreError> {
    session.rows(
        "SELECT c.id, c.month, c.area, c.state_seq, c.version, c.base, c.updated_at, COALESCE(f.sm3, '') \
         FROM (SELECT id, month, area, state_seq, version, base, updated_at, identifier FROM lifecycle_certificate \
               WHERE id > $1 AND version > 0 ORDER BY id LIMIT $2) c \
         LEFT JOIN issue_file f ON f.identifier = c.identifier ORDER BY c.id, f.part",
        params![after, most],
        read_fact,
    )
}

/// The same of the ministry's holdings of a province; `files` is JSON.
pub fn holdings_after(
    session: &mut Session,
    province: &str,
    after: &str,
    most: u32,
) -> Result<Vec<FactRow>, StoreError> {
    session.rows(
        "SELECT certificate_id, month, area, state_seq, version, base, received_at, file_sm3 FROM collect_holding \
         WHERE province = $1 AND certificate_id > $2 ORDER BY certificate_id LIMIT $3",
        params![province, after, most],
        read_fact,
    )
}

/// Which of these are issued certificates.
pub fn issued_of(session: &mut Session, keys: &[String]) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT id FROM lifecycle_certificate WHERE CAST($1 AS TEXT) = '' AND version > 0 AND id IN ";
    by_keys(session, sql, "", keys, |row| row.get(0))
}

/// Which of these are holdings of a province.
pub fn holdings_of(
    session: &mut Session,
    province: &str,
    keys: &[String],
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT certificate_id FROM collect_holding WHERE province = $1 AND certificate_id IN ";
    by_keys(session, sql, province, keys, |row| row.get(0))
}

/// One certificate, or one file of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactRow {
    /// Row key.
    pub id: String,
    /// Month of first issue.
    pub month: String,
    /// Area of the issuer.
    pub area: String,
    /// Acts recorded.
    pub state_seq: i64,
    /// Newest version.
    pub version: i64,
    /// Base of the status.
    pub base: String,
    /// Last changed.
    pub changed_at: i64,
    /// SM3 of its file or files, hex.
    pub sm3: String,
}

fn read_fact(row: &Row<'_>) -> Result<FactRow, StoreError> {
    Ok(FactRow {
        id: row.get(0)?,
        month: row.get(1)?,
        area: row.get(2)?,
        state_seq: row.get(3)?,
        version: row.get(4)?,
        base: row.get(5)?,
        changed_at: row.get(6)?,
        sm3: row.get(7)?,
    })
}

/// Notes that a list has named certificates; those that it had named before.
pub fn see(session: &mut Session, run: &str, keys: &[String]) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT certificate_id FROM reconcile_seen WHERE run_id = $1 AND certificate_id IN ";
    let before = by_keys(session, sql, run, keys, |row| row.get(0))?;
    let values: Vec<Value<'_>> = keys.iter().flat_map(|key| [run.into(), key.into()]).collect();
    session.insert(
        "INSERT INTO reconcile_seen (run_id, certificate_id)",
        2,
        "ON CONFLICT DO NOTHING",
        &values,
    )?;
    Ok(before)
}

/// Which of these certificates a list has named.
pub fn seen(session: &mut Session, run: &str, keys: &[String]) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT certificate_id FROM reconcile_seen WHERE run_id = $1 AND certificate_id IN ";
    by_keys(session, sql, run, keys, |row| row.get(0))
}

/// Forgets what a list has named.
pub fn forget(session: &mut Session, run: &str) -> Result<(), StoreError> {
    session.execute("DELETE FROM reconcile_seen WHERE run_id = $1", params![run])?;
    Ok(())
}
