//! The versions of a certificate, without their records.

use crate::{Session, StoreError, params};

/// What may be told of a version without any personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionLine {
    /// 1 to 999.
    pub version: i64,
    /// 证照标识.
    pub identifier: String,
    /// SM3 of the record that it stands on, hex.
    pub record_sm3: String,
    /// Version of the kind.
    pub catalogue: String,
    /// Unix seconds.
    pub signed_at: i64,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

/// All versions of a certificate, oldest first.
///
/// # Errors
/// As [`Session::rows`].
pub fn of(session: &mut Session, certificate: &str) -> Result<Vec<VersionLine>, StoreError> {
    session.rows(
        "SELECT version, identifier, record_sm3, catalogue, signed_at, recorded_at FROM lifecycle_version \
         WHERE certificate_id = $1 ORDER BY version",
        params![certificate],
        |row| {
            Ok(VersionLine {
                version: row.get(0)?,
                identifier: row.get(1)?,
                record_sm3: row.get(2)?,
                catalogue: row.get(3)?,
                signed_at: row.get(4)?,
                recorded_at: row.get(5)?,
            })
        },
    )
}

/// How many versions each seal key has signed; it reads every version.
///
/// # Errors
/// As [`Session::rows`].
pub fn by_key(session: &mut Session) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT key_id, COUNT(*) FROM lifecycle_version GROUP BY key_id";
    session.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The same of code keys.
///
/// # Errors
/// As [`Session::rows`].
pub fn by_code_key(session: &mut Session) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT code_key_id, COUNT(*) FROM lifecycle_version GROUP BY code_key_id";
    session.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}
