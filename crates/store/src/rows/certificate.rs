//! `lifecycle_certificate`, `lifecycle_version`, `lifecycle_link`, `lifecycle_work`.

use super::overview::Tally;
use super::within::Within;
use crate::{Row, Session, StoreError, Value, params};

/// One certificate, a record without a version included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Row key (UUIDv7).
    pub id: String,
    /// Slug of the kind.
    pub kind: String,
    /// USCC of the record's own authority.
    pub issuer: String,
    /// Area code of the act.
    pub area: String,
    /// Month of first issue or recording, `2026-11`; never changes.
    pub month: String,
    /// Serial in the identifier, once minted.
    pub serial: Option<String>,
    /// 证照编号 as it stands on the face.
    pub certificate_no: Option<String>,
    /// The system that sent its first event.
    pub source: String,
    /// That system's own key.
    pub subject_ref: String,
    /// Dense number within the province, from the first issue on.
    pub status_index: Option<i64>,
    /// Newest version; 0 for an unconverted record.
    pub version: i64,
    /// Identifier of the newest version.
    pub identifier: Option<String>,
    /// Acts recorded.
    pub state_seq: i64,
    /// Base of the status (Chinese name).
    pub base: String,
    /// Last day of validity, ISO; `None` for 长期 or unknown.
    pub last_day: Option<String>,
    /// First day on which something recorded ahead comes into force, ISO.
    pub turns_on: Option<String>,
    /// Slugs of the holds on the whole certificate, in order, a comma between; `None` without one.
    pub held: Option<String>,
    /// `lifecycle::State` before the first event, JSON.
    pub origin: String,
    /// `lifecycle::State` now, JSON.
    pub state: String,
    /// First recorded, microseconds UTC.
    pub recorded_at: i64,
    /// Last changed, microseconds UTC.
    pub updated_at: i64,
}

impl Certificate {
    /// The counter that it stands in as it is: with a version or on paper, area, kind, base.
    pub fn tally(&self, n: i64) -> Tally {
        Tally {
            what: if self.version > 0 { "certificate" } else { "paper" },
            day: String::new(),
            area: self.area.clone(),
            kind: self.kind.clone(),
            value: self.base.clone(),
            n,
        }
    }
}

macro_rules! columns {
    () => {
        "c.id, c.kind, c.issuer, c.area, c.month, c.serial, c.certificate_no, c.source, c.subject_ref, c.status_index, \
         c.version, c.identifier, c.state_seq, c.base, c.last_day, c.origin, c.state, c.recorded_at, c.updated_at, c.turns_on, \
         c.held"
    };
}

fn read(row: &Row<'_>) -> Result<Certificate, StoreError> {
    Ok(Certificate {
        id: row.get(0)?,
        kind: row.get(1)?,
        issuer: row.get(2)?,
        area: row.get(3)?,
        month: row.get(4)?,
        serial: row.get(5)?,
        certificate_no: row.get(6)?,
        source: row.get(7)?,
        subject_ref: row.get(8)?,
        status_index: row.get(9)?,
        version: row.get(10)?,
        identifier: row.get(11)?,
        state_seq: row.get(12)?,
        base: row.get(13)?,
        last_day: row.get(14)?,
        origin: row.get(15)?,
        state: row.get(16)?,
        recorded_at: row.get(17)?,
        updated_at: row.get(18)?,
        turns_on: row.get(19)?,
        held: row.get(20)?,
    })
}

/// The certificate of a row key.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn by_id(session: &mut Session, id: &str) -> Result<Option<Certificate>, StoreError> {
    session.row(
        concat!("SELECT ", columns!(), " FROM lifecycle_certificate c WHERE c.id = $1"),
        params![id],
        read,
    )
}

/// The same, locked for this transaction.
pub fn lock(session: &mut Session, id: &str) -> Result<Option<Certificate>, StoreError> {
    session.row_for_update(
        concat!("SELECT ", columns!(), " FROM lifecycle_certificate c WHERE c.id = $1"),
        params![id],
        read,
    )
}

/// The certificate that a source calls by its own key.
pub fn by_subject(
    session: &mut Session,
    source: &str,
    subject: &str,
) -> Result<Option<Certificate>, StoreError> {
    session.row(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_certificate c WHERE c.source = $1 AND c.subject_ref = $2"
        ),
        params![source, subject],
        read,
    )
}

/// The certificate of a 证照标识, of any version.
pub fn by_identifier(session: &mut Session, identifier: &str) -> Result<Option<Certificate>, StoreError> {
    session.row(
        concat!(
            "SELECT ",
            columns!(),
            " FROM lifecycle_version v JOIN lifecycle_certificate c ON c.id = v.certificate_id WHERE v.identifier = $1"
        ),
        params![identifier],
        read,
    )
}

/// The certificates that stand under a blind index, live ones first, at most `most`.
pub fn by_blind(session: &mut Session, blind: &str, most: u32) -> Result<Vec<Certificate>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM search_key k JOIN lifecycle_certificate c ON c.id = k.certificate_id WHERE k.blind = $1 \
              ORDER BY k.live DESC, c.id LIMIT $2"
        ),
        params![blind, most],
        read,
    )
}

/// A certificate that a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// It.
    pub certificate: Certificate,
    /// Is it called so now? Else it was before.
    pub live: bool,
    /// Its record, sealed for [`record_place`].
    pub record_sealed: Option<String>,
}

/// The certificates that stand under any of these blind indexes within what may be seen, newest first, with keys below `below`.
pub fn search(
    session: &mut Session,
    blinds: &[String],
    within: &Within,
    below: &str,
    most: u32,
) -> Result<Vec<FoundRow>, StoreError> {
    let mut values: Vec<Value<'static>> = blinds.iter().map(|blind| blind.clone().into()).collect();
    let places: Vec<String> = (1..=values.len()).map(|place| format!("${place}")).collect();
    values.push(below.to_owned().into());
    let bound = values.len();
    let scope = within.sql("c.area", Some("c.kind"), &mut values);
    values.push(most.into());
    // The index is read first whatever the planner knows: a handful of keys, then their certificates.
    let sql = format!(
        "SELECT {}, f.live, r.record_sealed FROM (SELECT k.certificate_id AS id, \
         CAST(MAX(CASE WHEN k.live THEN 1 ELSE 0 END) AS BIGINT) AS live FROM search_key k WHERE k.blind IN ({}) \
         AND k.certificate_id < ${bound} GROUP BY k.certificate_id) f JOIN lifecycle_certificate c ON c.id = f.id \
         LEFT JOIN lifecycle_record r ON r.certificate_id = c.id WHERE 1 = 1{scope} ORDER BY c.id DESC LIMIT ${}",
        columns!(),
        places.join(", "),
        values.len()
    );
    session.rows(&sql, &values, |row| {
        Ok(FoundRow { certificate: read(row)?, live: row.get::<i64>(21)? == 1, record_sealed: row.get(22)? })
    })
}

/// A new certificate, counted.
pub fn insert(session: &mut Session, one: &Certificate) -> Result<(), StoreError> {
    session.tally(one.tally(1));
    session.execute(
        "INSERT INTO lifecycle_certificate (id, kind, issuer, area, month, serial, certificate_no, source, subject_ref, \
         status_index, version, identifier, state_seq, base, last_day, origin, state, recorded_at, updated_at, turns_on, held) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        params![
            &one.id, &one.kind, &one.issuer, &one.area, &one.month, one.serial.as_deref(), one.certificate_no.as_deref(),
            &one.source, &one.subject_ref, one.status_index, one.version, one.identifier.as_deref(), one.state_seq,
            &one.base, one.last_day.as_deref(), &one.origin, &one.state, one.recorded_at, one.updated_at,
            one.turns_on.as_deref(), one.held.as_deref(),
        ],
    )?;
    Ok(())
}

/// What may change of a certificate.
pub fn update(session: &mut Session, one: &Certificate) -> Result<(), StoreError> {
    session.execute(
        "UPDATE lifecycle_certificate SET serial = $2, certificate_no = $3, status_index = $4, version = $5, \
         identifier = $6, state_seq = $7, base = $8, last_day = $9, state = $10, updated_at = $11, turns_on = $12, held = $13 WHERE id = $1",
        params![
            &one.id, one.serial.as_deref(), one.certificate_no.as_deref(), one.status_index, one.version,
            one.identifier.as_deref(), one.state_seq, &one.base, one.last_day.as_deref(), &one.state, one.updated_at,
            one.turns_on.as_deref(), one.held.as_deref(),
        ],
    )?;
    Ok(())
}

/// The certificates of which something comes into force by a day, after (day, row key), in that order, at most `most`.
pub fn turning(
    session: &mut Session,
    today: &str,
    (day, id): (&str, &str),
    most: u32,
) -> Result<Vec<(String, String)>, StoreError> {
    session.rows(
        "SELECT turns_on, id FROM lifecycle_certificate WHERE turns_on IS NOT NULL AND turns_on <= $1 \
         AND (turns_on > $2 OR (turns_on = $2 AND id > $3)) ORDER BY turns_on, id LIMIT $4",
        params![today, day, id, most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// One version: an identifier, the record it stands on, what sealed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// 证照标识.
    pub identifier: String,
    /// Its certificate.
    pub certificate_id: String,
    /// 1 to 999.
    pub version: i64,
    /// The record's id and SM3 (R3).
    pub record_id: String,
    /// Hex.
    pub record_sm3: String,
    /// The record, sealed for [`Version::place`].
    pub record_sealed: String,
    /// Photo in the file store, `SM3@place`.
    pub photo: Option<String>,
    /// Templates used.
    pub templates: String,
    /// Version of the kind.
    pub catalogue: String,
    /// Key of the seal.
    pub key_id: String,
    /// Key of the 2D code.
    pub code_key_id: String,
    /// Unix seconds.
    pub signed_at: i64,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

impl Version {
    /// The place for which the record of an identifier is encrypted.
    pub fn place(identifier: &str) -> String {
        format!("lifecycle_version.record/{identifier}")
    }
}

/// The version of an identifier.
pub fn version(session: &mut Session, identifier: &str) -> Result<Option<Version>, StoreError> {
    session.row(
        "SELECT identifier, certificate_id, version, record_id, record_sm3, record_sealed, photo, templates, catalogue, \
         key_id, code_key_id, signed_at, recorded_at FROM lifecycle_version WHERE identifier = $1",
        params![identifier],
        |row| {
            Ok(Version {
                identifier: row.get(0)?,
                certificate_id: row.get(1)?,
                version: row.get(2)?,
                record_id: row.get(3)?,
                record_sm3: row.get(4)?,
                record_sealed: row.get(5)?,
                photo: row.get(6)?,
                templates: row.get(7)?,
                catalogue: row.get(8)?,
                key_id: row.get(9)?,
                code_key_id: row.get(10)?,
                signed_at: row.get(11)?,
                recorded_at: row.get(12)?,
            })
        },
    )
}

/// A new version.
pub fn insert_version(session: &mut Session, one: &Version) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_version (identifier, certificate_id, version, record_id, record_sm3, record_sealed, photo, \
         templates, catalogue, key_id, code_key_id, signed_at, recorded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params![
            &one.identifier, &one.certificate_id, one.version, &one.record_id, &one.record_sm3, &one.record_sealed,
            one.photo.as_deref(), &one.templates, &one.catalogue, &one.key_id, &one.code_key_id, one.signed_at,
            one.recorded_at,
        ],
    )?;
    Ok(())
}

/// A tie between two certificates; the same tie twice is one.
pub fn link(session: &mut Session, from: &str, link: &str, to: &str) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_link (from_id, link, to_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![from, link, to],
    )?;
    Ok(())
}

/// The certificates that name this one by a relation.
pub fn linked_to(session: &mut Session, to: &str, link: &str) -> Result<Vec<String>, StoreError> {
    session.rows(
        "SELECT from_id FROM lifecycle_link WHERE to_id = $1 AND link = $2 ORDER BY from_id",
        params![to, link],
        |row| row.get(0),
    )
}

/// The ties of a certificate in both directions: from, link, to.
pub fn links(session: &mut Session, id: &str) -> Result<Vec<(String, String, String)>, StoreError> {
    session.rows(
        "SELECT from_id, link, to_id FROM lifecycle_link WHERE from_id = $1 \
         UNION SELECT from_id, link, to_id FROM lifecycle_link WHERE to_id = $1 ORDER BY 2, 1, 3 LIMIT 200",
        params![id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Something that a person has to decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Row key.
    pub id: String,
    /// The certificate that it is about.
    pub certificate_id: Option<String>,
    /// The event that it is about.
    pub event_row: Option<String>,
    /// Area of whoever decides.
    pub area: String,
    /// Stable code.
    pub code: String,
    /// Chinese sentence.
    pub why: String,
    /// Microseconds UTC.
    pub opened_at: i64,
}

/// Opens a work item.
pub fn insert_work(session: &mut Session, one: &Work) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_work (id, certificate_id, event_row, area, code, why, state, opened_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)",
        params![
            &one.id,
            one.certificate_id.as_deref(),
            one.event_row.as_deref(),
            &one.area,
            &one.code,
            &one.why,
            one.opened_at,
        ],
    )?;
    Ok(())
}

/// Does the newest face lack something: is a work item of this code open that no version has come after?
pub fn lacks_version(session: &mut Session, certificate: &str, code: &str) -> Result<bool, StoreError> {
    let found = session.row(
        "SELECT w.id FROM lifecycle_work w WHERE w.certificate_id = $1 AND w.state = 'open' AND w.code = $2 \
         AND NOT EXISTS (SELECT 1 FROM lifecycle_version v WHERE v.certificate_id = $1 AND v.recorded_at > w.opened_at) \
         LIMIT 1",
        params![certificate, code],
        |row| row.get::<String>(0),
    )?;
    Ok(found.is_some())
}

/// The place for which the record of a certificate is encrypted.
pub fn record_place(certificate: &str) -> String {
    format!("lifecycle_record.record/{certificate}")
}

/// The record that a certificate stands on now: sealed, with its photo.
pub fn record(
    session: &mut Session,
    certificate: &str,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    session.row(
        "SELECT record_sealed, photo FROM lifecycle_record WHERE certificate_id = $1",
        params![certificate],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Sets the record that a certificate stands on.
pub fn put_record(
    session: &mut Session,
    certificate: &str,
    record_sealed: &str,
    photo: Option<&str>,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_record (certificate_id, record_sealed, photo) VALUES ($1, $2, $3) \
         ON CONFLICT (certificate_id) DO UPDATE SET record_sealed = excluded.record_sealed, photo = excluded.photo",
        params![certificate, record_sealed, photo],
    )?;
    Ok(())
}

/// Leaves a hint on a certificate; the same cause leaves one.
pub fn put_hint(
    session: &mut Session,
    certificate: &str,
    code: &str,
    cause: &str,
    text: &str,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO lifecycle_hint (certificate_id, code, cause_id, text) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        params![certificate, code, cause, text],
    )?;
    Ok(())
}

/// Takes the hints of a cause off a certificate.
pub fn clear_hints(session: &mut Session, certificate: &str, cause: &str) -> Result<(), StoreError> {
    session.execute(
        "DELETE FROM lifecycle_hint WHERE certificate_id = $1 AND cause_id = $2",
        params![certificate, cause],
    )?;
    Ok(())
}

/// The hints on a certificate: code and text.
pub fn hints(session: &mut Session, certificate: &str) -> Result<Vec<(String, String)>, StoreError> {
    session.rows(
        "SELECT code, text FROM lifecycle_hint WHERE certificate_id = $1 ORDER BY code, cause_id",
        params![certificate],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
