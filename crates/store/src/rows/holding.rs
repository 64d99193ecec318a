//! `collect_holding`: what the provinces have delivered to the ministry's node.

pub mod answer;

use crate::{Row, Session, StoreError, Value, params};

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

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// This count or a higher one is held already.
    Overtaken,
    /// The first one of its certificate.
    First,
    /// In the place of one of this kind and base.
    Newer(String, String),
}

/// Stores a newer delivery. What stood there is known exactly, also when two come at once: the counts depend on it.
pub fn put(session: &mut Session, one: &Holding) -> Result<Put, StoreError> {
    let inserted = session.execute(
        concat!(
            "INSERT INTO collect_holding (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING"
        ),
        &values(one),
    )?;
    if inserted == 1 {
        return Ok(Put::First);
    }
    let before = session.row_for_update(
        "SELECT kind, base, state_seq FROM collect_holding WHERE province = $1 AND certificate_id = $2",
        params![&one.province, &one.certificate_id],
        |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?)),
    )?;
    let Some((kind, base, _)) = before.filter(|(.., seq)| *seq < one.state_seq) else {
        return Ok(Put::Overtaken);
    };
    session.execute(
        "UPDATE collect_holding SET kind = $3, issuer = $4, area = $5, month = $6, state_seq = $7, version = $8, \
         identifier = $9, base = $10, last_day = $11, file_sm3 = $12, body_sealed = $13, files = $14, received_at = $15 \
         WHERE province = $1 AND certificate_id = $2",
        &values(one),
    )?;
    Ok(Put::Newer(kind, base))
}

fn values(one: &Holding) -> [Value<'_>; 15] {
    [
        (&one.province).into(),
        (&one.certificate_id).into(),
        (&one.kind).into(),
        (&one.issuer).into(),
        (&one.area).into(),
        (&one.month).into(),
        one.state_seq.into(),
        one.version.into(),
        one.identifier.as_deref().into(),
        (&one.base).into(),
        one.last_day.as_deref().into(),
        (&one.file_sm3).into(),
        (&one.body_sealed).into(),
        (&one.files).into(),
        one.received_at.into(),
    ]
}

/// Holdings of a province received within a span, newest first, before a key (instant, certificate), at most `most`.
pub fn received(
    session: &mut Session,
    province: &str,
    (from, to): (i64, i64),
    before: (i64, &str),
    most: u32,
) -> Result<Vec<Holding>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM collect_holding WHERE province = $1 AND received_at >= $2 AND received_at < $3 \
             AND (received_at, certificate_id) < ($4, $5) ORDER BY received_at DESC, certificate_id DESC LIMIT $6"
        ),
        params![province, from, to, before.0, before.1, most],
        read,
    )
}
