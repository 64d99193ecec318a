//! `collect_holding`: what the provinces have delivered to the ministry's node.

use crate::{Row, Session, StoreError, params};

/// A certificate of a province as it was delivered last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// The province's node.
    pub province: String,
    /// The province's key of the certificate.
    pub certificate_id: String,
    /// Slug of the kind.
    pub kind: String,
    /// USCC of the issuer.
    pub issuer: String,
    /// Area code.
    pub area: String,
    /// Month of first issue, `2026-11`.
    pub month: String,
    /// The certificate's count.
    pub state_seq: i64,
    /// Newest version.
    pub version: i64,
    /// 证照标识 of the newest version.
    pub identifier: Option<String>,
    /// Base of the status.
    pub base: String,
    /// Last day of validity, ISO.
    pub last_day: Option<String>,
    /// SM3 of the files of the version in the order of its parts, hex, with commas between.
    pub file_sm3: String,
    /// Status, state and face, sealed for [`Holding::place`].
    pub body_sealed: String,
    /// JSON: part, name, SM3, length and place of each file.
    pub files: String,
    /// Microseconds UTC.
    pub received_at: i64,
}

impl Holding {
    /// The place for which the body is encrypted.
    pub fn place(province: &str, certificate: &str) -> String {
        format!("collect_holding.body/{province}/{certificate}")
    }
}

macro_rules! columns {
    () => {
        "province, certificate_id, kind, issuer, area, month, state_seq, version, identifier, base, last_day, file_sm3, \
         body_sealed, files, received_at"
    };
}

fn read(row: &Row<'_>) -> Result<Holding, StoreError> {
    Ok(Holding {
        province: row.get(0)?,
        certificate_id: row.get(1)?,
        kind: row.get(2)?,
        issuer: row.get(3)?,
        area: row.get(4)?,
        month: row.get(5)?,
        state_seq: row.get(6)?,
        version: row.get(7)?,
        identifier: row.get(8)?,
        base: row.get(9)?,
        last_day: row.get(10)?,
        file_sm3: row.get(11)?,
        body_sealed: row.get(12)?,
        files: row.get(13)?,
        received_at: row.get(14)?,
    })
}

/// What is held of a certificate.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn by_key(
    session: &mut Session,
    province: &str,
    certificate: &str,
) -> Result<Option<Holding>, StoreError> {
    session.row(
        concat!("SELECT ", columns!(), " FROM collect_holding WHERE province = $1 AND certificate_id = $2"),
        params![province, certificate],
        read,
    )
}

/// What is held under a 证照标识: normally one.
pub fn by_identifier(session: &mut Session, identifier: &str) -> Result<Vec<Holding>, StoreError> {
    session.rows(
        concat!("SELECT ", columns!(), " FROM collect_holding WHERE identifier = $1 ORDER BY province"),
        params![identifier],
        read,
    )
}

/// The holdings of a province after a certificate key, at most `most`.
pub fn page(
    session: &mut Session,
    province: &str,
    after: &str,
    most: u32,
) -> Result<Vec<Holding>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM collect_holding WHERE province = $1 AND certificate_id > $2 ORDER BY certificate_id LIMIT $3"
        ),
        params![province, after, most],
        read,
    )
}

/// Stores a newer delivery; false when this count or a higher one is held already.
pub fn put(session: &mut Session, one: &Holding) -> Result<bool, StoreError> {
    let changed = session.execute(
        "INSERT INTO collect_holding (province, certificate_id, kind, issuer, area, month, state_seq, version, identifier, \
         base, last_day, file_sm3, body_sealed, files, received_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (province, certificate_id) DO UPDATE SET kind = excluded.kind, issuer = excluded.issuer, \
         area = excluded.area, month = excluded.month, state_seq = excluded.state_seq, version = excluded.version, \
         identifier = excluded.identifier, base = excluded.base, last_day = excluded.last_day, \
         file_sm3 = excluded.file_sm3, body_sealed = excluded.body_sealed, files = excluded.files, \
         received_at = excluded.received_at WHERE collect_holding.state_seq < excluded.state_seq",
        params![
            &one.province, &one.certificate_id, &one.kind, &one.issuer, &one.area, &one.month, one.state_seq, one.version,
            one.identifier.as_deref(), &one.base, one.last_day.as_deref(), &one.file_sm3, &one.body_sealed, &one.files,
            one.received_at,
        ],
    )?;
    Ok(changed == 1)
}
