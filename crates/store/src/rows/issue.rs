//! `issue_counter`, `issue_intent`, `issue_file`.

use crate::{Session, StoreError, params};

/// Counts on in a series and gives the first of `count` new numbers.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn count(session: &mut Session, series: &str, count: i64) -> Result<i64, StoreError> {
    let last: Option<i64> = session.row(
        "INSERT INTO issue_counter (series, last) VALUES ($1, $2) \
         ON CONFLICT (series) DO UPDATE SET last = issue_counter.last + excluded.last RETURNING last",
        params![series, count],
        |row| row.get(0),
    )?;
    Ok(last.unwrap_or(count) - count + 1)
}

/// What is about to be signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntentRow {
    /// 证照标识.
    pub identifier: String,
    /// Its certificate.
    pub certificate_id: String,
    /// The event that asked for it.
    pub event_row: String,
    /// JSON: everything that a redo needs but the record, which stands in the event.
    pub body: String,
    /// Microseconds UTC.
    pub opened_at: i64,
}

/// Opens an intent. A second open one for the same certificate is refused by its unique index.
pub fn open_intent(session: &mut Session, one: &IntentRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO issue_intent (identifier, certificate_id, event_row, state, body, opened_at) \
         VALUES ($1, $2, $3, 'open', $4, $5)",
        params![&one.identifier, &one.certificate_id, &one.event_row, &one.body, one.opened_at],
    )?;
    Ok(())
}

/// Closes an intent as `done` or `abandoned`; false when it was not open.
pub fn close_intent(
    session: &mut Session,
    identifier: &str,
    state: &str,
    reason: Option<&str>,
    at: i64,
) -> Result<bool, StoreError> {
    let closed = session.execute(
        "UPDATE issue_intent SET state = $2, reason = $3, closed_at = $4 WHERE identifier = $1 AND state = 'open'",
        params![identifier, state, reason, at],
    )?;
    Ok(closed == 1)
}

/// The open intents up to an instant, oldest first, at most `most`.
pub fn open_intents(session: &mut Session, until: i64, most: u32) -> Result<Vec<IntentRow>, StoreError> {
    session.rows(
        "SELECT identifier, certificate_id, event_row, body, opened_at FROM issue_intent \
         WHERE state = 'open' AND opened_at <= $1 ORDER BY opened_at, identifier LIMIT $2",
        params![until, most],
        |row| {
            Ok(IntentRow {
                identifier: row.get(0)?,
                certificate_id: row.get(1)?,
                event_row: row.get(2)?,
                body: row.get(3)?,
                opened_at: row.get(4)?,
            })
        },
    )
}

/// Is an intent open for this certificate?
pub fn is_busy(session: &mut Session, certificate: &str) -> Result<bool, StoreError> {
    let found = session.row(
        "SELECT identifier FROM issue_intent WHERE certificate_id = $1 AND state = 'open'",
        params![certificate],
        |row| row.get::<String>(0),
    )?;
    Ok(found.is_some())
}

/// A sealed file of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRow {
    /// 证照标识.
    pub identifier: String,
    /// 0 正本, 1 副本 ….
    pub part: i64,
    /// Name of the part.
    pub name: String,
    /// SM3 of the plain bytes, hex.
    pub sm3: String,
    /// The seal's signed data hash, hex.
    pub data_hash: String,
    /// Length of the plain bytes.
    pub bytes: i64,
    /// Where the file store keeps it.
    pub place: String,
}

/// The files of a version in the order of its parts.
pub fn files(session: &mut Session, identifier: &str) -> Result<Vec<FileRow>, StoreError> {
    session.rows(
        "SELECT identifier, part, name, sm3, data_hash, bytes, place FROM issue_file WHERE identifier = $1 ORDER BY part",
        params![identifier],
        read_file,
    )
}

/// The files with these plain bytes.
pub fn files_by_sm3(session: &mut Session, sm3: &str) -> Result<Vec<FileRow>, StoreError> {
    session.rows(
        "SELECT identifier, part, name, sm3, data_hash, bytes, place FROM issue_file WHERE sm3 = $1 ORDER BY identifier, part",
        params![sm3],
        read_file,
    )
}

fn read_file(row: &crate::Row<'_>) -> Result<FileRow, StoreError> {
    Ok(FileRow {
        identifier: row.get(0)?,
        part: row.get(1)?,
        name: row.get(2)?,
        sm3: row.get(3)?,
        data_hash: row.get(4)?,
        bytes: row.get(5)?,
        place: row.get(6)?,
    })
}

/// Writes the files of versions.
pub fn insert_files(session: &mut Session, files: &[FileRow]) -> Result<(), StoreError> {
    let values: Vec<crate::Value<'_>> = files
        .iter()
        .flat_map(|one| {
            [
                (&one.identifier).into(),
                one.part.into(),
                (&one.name).into(),
                (&one.sm3).into(),
                (&one.data_hash).into(),
                one.bytes.into(),
                (&one.place).into(),
            ]
        })
        .collect();
    session.insert(
        "INSERT INTO issue_file (identifier, part, name, sm3, data_hash, bytes, place)",
        7,
        "",
        &values,
    )?;
    Ok(())
}
