//! `deliver_record`, `deliver_activation`, `deliver_contact`, `deliver_feed`: a certificate on its way to its holder.

mod code;
mod message;

pub use code::{Asked, CodeRow, asked, forget_codes, insert_code, take_try, use_code};
pub use message::{
    Counts, MessageRow, counts, dead, forget_messages, insert_message, lease, put_back, revive, sent, settle,
    wake, wake_known,
};

use crate::rows::within::Within;
use crate::{Row, Session, StoreError, Value, params};

/// The delivery of one version. Instants are microseconds UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordRow {
    /// Its certificate.
    pub certificate_id: String,
    /// 1 to 999.
    pub version: i64,
    /// 证照标识.
    pub identifier: String,
    /// 制作.
    pub made_at: i64,
    /// 告知.
    pub told_at: Option<i64>,
    /// How.
    pub told_channel: Option<String>,
    /// 送达.
    pub received_at: Option<i64>,
    /// How.
    pub received_channel: Option<String>,
    /// 激活.
    pub activated_at: Option<i64>,
    /// How.
    pub activated_channel: Option<String>,
}

/// When and how a certificate was activated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivationRow {
    /// The certificate.
    pub certificate_id: String,
    /// Blind index of the holder's number then.
    pub holder: String,
    /// Blind index of the holder's name then.
    pub name: String,
    /// Microseconds UTC.
    pub activated_at: i64,
    /// `web`, `window`, `mini-program` ….
    pub channel: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

/// Writes the delivery record of a new version.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert_record(session: &mut Session, one: &RecordRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO deliver_record (certificate_id, version, identifier, made_at, activated_at, activated_channel) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            &one.certificate_id,
            one.version,
            &one.identifier,
            one.made_at,
            one.activated_at,
            one.activated_channel.as_deref(),
        ],
    )?;
    Ok(())
}

/// The delivery records of a certificate, newest version first.
pub fn records(session: &mut Session, certificate: &str) -> Result<Vec<RecordRow>, StoreError> {
    session.rows(
        "SELECT certificate_id, version, identifier, made_at, told_at, told_channel, received_at, received_channel, \
         activated_at, activated_channel FROM deliver_record WHERE certificate_id = $1 ORDER BY version DESC",
        params![certificate],
        |row| {
            Ok(RecordRow {
                certificate_id: row.get(0)?,
                version: row.get(1)?,
                identifier: row.get(2)?,
                made_at: row.get(3)?,
                told_at: row.get(4)?,
                told_channel: row.get(5)?,
                received_at: row.get(6)?,
                received_channel: row.get(7)?,
                activated_at: row.get(8)?,
                activated_channel: row.get(9)?,
            })
        },
    )
}

/// A version was told of; the first time stays.
pub fn told(
    session: &mut Session,
    (certificate, identifier): (&str, &str),
    channel: &str,
    at: i64,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE deliver_record SET told_at = $3, told_channel = $4 \
         WHERE certificate_id = $1 AND identifier = $2 AND told_at IS NULL",
        params![certificate, identifier, at, channel],
    )?;
    Ok(())
}

/// All versions of a certificate have reached the holder; the first time of each stays.
pub fn received(session: &mut Session, certificate: &str, channel: &str, at: i64) -> Result<(), StoreError> {
    session.execute(
        "UPDATE deliver_record SET received_at = $2, received_channel = $3 \
         WHERE certificate_id = $1 AND received_at IS NULL",
        params![certificate, at, channel],
    )?;
    Ok(())
}

/// The activation of a certificate.
pub fn activation(session: &mut Session, certificate: &str) -> Result<Option<ActivationRow>, StoreError> {
    session.row(
        "SELECT certificate_id, holder, name, activated_at, channel, recorded_at FROM deliver_activation \
         WHERE certificate_id = $1",
        params![certificate],
        |row| {
            Ok(ActivationRow {
                certificate_id: row.get(0)?,
                holder: row.get(1)?,
                name: row.get(2)?,
                activated_at: row.get(3)?,
                channel: row.get(4)?,
                recorded_at: row.get(5)?,
            })
        },
    )
}

/// Activates a certificate and its versions; false when it was activated before, and nothing changes.
pub fn activate(session: &mut Session, one: &ActivationRow) -> Result<bool, StoreError> {
    let new = session.execute(
        "INSERT INTO deliver_activation (certificate_id, holder, name, activated_at, channel, recorded_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (certificate_id) DO NOTHING",
        params![&one.certificate_id, &one.holder, &one.name, one.activated_at, &one.channel, one.recorded_at],
    )?;
    if new == 0 {
        return Ok(false);
    }
    session.execute(
        "UPDATE deliver_record SET activated_at = $2, activated_channel = $3 WHERE certificate_id = $1 AND activated_at IS NULL",
        params![&one.certificate_id, one.activated_at, &one.channel],
    )?;
    received(session, &one.certificate_id, &one.channel, one.activated_at)?;
    Ok(true)
}

/// The activation of a certificate goes on under this holder.
pub fn carry_on(
    session: &mut Session,
    certificate: &str,
    holder: &str,
    name: &str,
) -> Result<(), StoreError> {
    session.execute(
        "UPDATE deliver_activation SET holder = $2, name = $3 WHERE certificate_id = $1 AND (holder <> $2 OR name <> $3)",
        params![certificate, holder, name],
    )?;
    Ok(())
}

/// Takes the activation off a certificate whose holder is another one now.
pub fn deactivate(session: &mut Session, certificate: &str) -> Result<(), StoreError> {
    session.execute("DELETE FROM deliver_activation WHERE certificate_id = $1", params![certificate])?;
    Ok(())
}

/// The phone of a holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactRow {
    /// Blind index of the number.
    pub holder: String,
    /// Sealed for [`ContactRow::phone_place`].
    pub phone_sealed: String,
    /// Sealed for [`ContactRow::proof_place`].
    pub proof_sealed: Option<String>,
    /// `window`, or the system that sent it.
    pub source: String,
    /// When the source knew it, microseconds UTC.
    pub as_of: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

impl ContactRow {
    /// The place for which a phone is encrypted.
    pub fn phone_place(holder: &str) -> String {
        format!("deliver_contact.phone/{holder}")
    }

    /// The place for which the proof of a change is encrypted.
    pub fn proof_place(holder: &str) -> String {
        format!("deliver_contact.proof/{holder}")
    }
}

/// The phone of a holder.
pub fn contact(session: &mut Session, holder: &str) -> Result<Option<ContactRow>, StoreError> {
    session.row(
        "SELECT holder, phone_sealed, proof_sealed, source, as_of, updated_at FROM deliver_contact WHERE holder = $1",
        params![holder],
        |row| {
            Ok(ContactRow {
                holder: row.get(0)?,
                phone_sealed: row.get(1)?,
                proof_sealed: row.get(2)?,
                source: row.get(3)?,
                as_of: row.get(4)?,
                updated_at: row.get(5)?,
            })
        },
    )
}

/// Sets the phone of a holder unless a newer one is known; true when it was set.
pub fn put_contact(session: &mut Session, one: &ContactRow) -> Result<bool, StoreError> {
    let set = session.execute(
        "INSERT INTO deliver_contact (holder, phone_sealed, proof_sealed, source, as_of, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (holder) DO UPDATE SET phone_sealed = excluded.phone_sealed, \
         proof_sealed = excluded.proof_sealed, source = excluded.source, as_of = excluded.as_of, \
         updated_at = excluded.updated_at WHERE deliver_contact.as_of <= excluded.as_of",
        params![
            &one.holder,
            &one.phone_sealed,
            one.proof_sealed.as_deref(),
            &one.source,
            one.as_of,
            one.updated_at
        ],
    )?;
    Ok(set == 1)
}

/// Is there a certificate that has both blind indexes alive: this number and this name?
pub fn is_held(session: &mut Session, number: &str, name: &str) -> Result<bool, StoreError> {
    let found = session.row(
        "SELECT n.certificate_id FROM search_key n JOIN search_key h ON h.certificate_id = n.certificate_id \
         WHERE n.blind = $1 AND n.live AND h.blind = $2 AND h.live LIMIT 1",
        params![number, name],
        |row| row.get::<String>(0),
    )?;
    Ok(found.is_some())
}

/// The same, of a certificate within areas and kinds.
pub fn is_held_within(
    session: &mut Session,
    number: &str,
    name: &str,
    within: &Within,
) -> Result<bool, StoreError> {
    let mut values: Vec<Value<'static>> = vec![number.to_owned().into(), name.to_owned().into()];
    let scope = within.sql("c.area", Some("c.kind"), &mut values);
    let sql = format!(
        "SELECT c.id FROM search_key n JOIN search_key h ON h.certificate_id = n.certificate_id \
         JOIN lifecycle_certificate c ON c.id = n.certificate_id \
         WHERE n.blind = $1 AND n.live AND h.blind = $2 AND h.live{scope} LIMIT 1"
    );
    Ok(session.row(&sql, &values, |row| row.get::<String>(0))?.is_some())
}

/// Has this certificate this blind index alive?
pub fn is_holder(session: &mut Session, certificate: &str, number: &str) -> Result<bool, StoreError> {
    let found = session.row(
        "SELECT certificate_id FROM search_key WHERE blind = $1 AND certificate_id = $2 AND live",
        params![number, certificate],
        |row| row.get::<String>(0),
    )?;
    Ok(found.is_some())
}

/// Row keys of the certificates that have this blind index alive, those of base `normal` first, then the newest; at most `most`.
pub fn held_by(
    session: &mut Session,
    number: &str,
    normal: &str,
    most: u32,
) -> Result<Vec<String>, StoreError> {
    session.rows(
        "SELECT c.id FROM search_key k JOIN lifecycle_certificate c ON c.id = k.certificate_id \
         WHERE k.blind = $1 AND k.live ORDER BY CASE WHEN c.base = $2 THEN 0 ELSE 1 END, c.id DESC LIMIT $3",
        params![number, normal, most],
        |row| row.get(0),
    )
}

/// What an item of the feed was answered: digest of its content, answer JSON.
pub fn fed(session: &mut Session, source: &str, item: &str) -> Result<Option<(String, String)>, StoreError> {
    session.row(
        "SELECT content_sm3, answer FROM deliver_feed WHERE source = $1 AND item_id = $2",
        params![source, item],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Keeps the answer to an item of the feed; the first one stays.
pub fn insert_fed(
    session: &mut Session,
    (source, item): (&str, &str),
    (digest, answer): (&str, &str),
    at: i64,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO deliver_feed (source, item_id, content_sm3, answer, recorded_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
        params![source, item, digest, answer, at],
    )?;
    Ok(())
}

/// Made and activated certificates of one area and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateRow {
    /// Area code.
    pub area: String,
    /// Slug of the kind.
    pub kind: String,
    /// Certificates with a version.
    pub made: i64,
    /// Of these, activated.
    pub activated: i64,
}

/// Counts by area and kind; `area` is a beginning of the code, both empty for all.
pub fn rates(session: &mut Session, area: &str, kind: &str) -> Result<Vec<RateRow>, StoreError> {
    session.rows(
        "SELECT c.area, c.kind, CAST(COUNT(*) AS BIGINT), CAST(COUNT(a.certificate_id) AS BIGINT) \
         FROM lifecycle_certificate c LEFT JOIN deliver_activation a ON a.certificate_id = c.id \
         WHERE c.version > 0 AND SUBSTR(c.area, 1, LENGTH($1)) = $1 AND ($2 = '' OR c.kind = $2) \
         GROUP BY c.area, c.kind ORDER BY c.area, c.kind",
        params![area, kind],
        read_rate,
    )
}

fn read_rate(row: &Row<'_>) -> Result<RateRow, StoreError> {
    Ok(RateRow { area: row.get(0)?, kind: row.get(1)?, made: row.get(2)?, activated: row.get(3)? })
}
