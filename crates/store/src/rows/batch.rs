//! `issue_batch`, `issue_batch_item`: record files that clerks have uploaded, checked and handed in.

use crate::{Row, Session, StoreError, Value, params};

/// An uploaded file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Row key (UUIDv7).
    pub id: String,
    /// Account that uploaded it.
    pub owner: String,
    /// Name of the file.
    pub name: String,
    /// Kind of event (Chinese name).
    pub event: String,
    /// `checked`, `running`, `done` or `dropped`.
    pub state: String,
    /// Who hands it in, as the audit log names an actor: JSON.
    pub actor: String,
    /// Its records, and those that were left out when it was handed in are not among the counts of states.
    pub total: i64,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// One record of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its file.
    pub batch_id: String,
    /// Place in it, from 1.
    pub n: i64,
    /// Line or row in the file.
    pub line: i64,
    /// The record's id.
    pub record_id: String,
    /// Name of the kind, as far as known.
    pub kind: String,
    /// `ready`, `wrong`, `done`, `waiting`, `work`, `refused`, `unfit` or `failed`.
    pub state: String,
    /// The record, sealed for [`Item::place`]; `None` for a line that could not be read.
    pub record_sealed: Option<String>,
    /// Findings, sealed for the same place.
    pub findings_sealed: Option<String>,
    /// Photo in the file store, `SM3@place`.
    pub photo: Option<String>,
    /// What became of it, where it was not done.
    pub why: String,
    /// Row key of its certificate.
    pub certificate_id: Option<String>,
    /// Its 证照标识.
    pub identifier: Option<String>,
}

impl Item {
    /// The place for which record and findings are encrypted.
    #[must_use]
    pub fn place(batch: &str, n: i64) -> String {
        format!("issue_batch_item/{batch}/{n}")
    }
}

macro_rules! batch_columns {
    () => {
        "id, owner, name, event, state, actor, total, created_at, updated_at"
    };
}

macro_rules! item_columns {
    () => {
        "batch_id, n, line, record_id, kind, state, record_sealed, findings_sealed, photo, why, certificate_id, identifier"
    };
}

fn read_batch(row: &Row<'_>) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        event: row.get(3)?,
        state: row.get(4)?,
        actor: row.get(5)?,
        total: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
    })
}

fn read_item(row: &Row<'_>) -> Result<Item, StoreError> {
    Ok(Item {
        batch_id: row.get(0)?,
        n: row.get(1)?,
        line: row.get(2)?,
        record_id: row.get(3)?,
        kind: row.get(4)?,
        state: row.get(5)?,
        record_sealed: row.get(6)?,
        findings_sealed: row.get(7)?,
        photo: row.get(8)?,
        why: row.get(9)?,
        certificate_id: row.get(10)?,
        identifier: row.get(11)?,
    })
}

/// A new file.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert(session: &mut Session, one: &Batch) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO issue_batch (id, owner, name, event, state, actor, total, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.id,
            &one.owner,
            &one.name,
            &one.event,
            &one.state,
            &one.actor,
            one.total,
            one.created_at,
            one.updated_at,
        ],
    )?;
    Ok(())
}

/// Its records.
pub fn insert_items(session: &mut Session, items: &[Item]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = items
        .iter()
        .flat_map(|one| {
            [
                (&one.batch_id).into(),
                one.n.into(),
                one.line.into(),
                (&one.record_id).into(),
                (&one.kind).into(),
                (&one.state).into(),
                one.record_sealed.as_deref().into(),
                one.findings_sealed.as_deref().into(),
                one.photo.as_deref().into(),
                (&one.why).into(),
                one.certificate_id.as_deref().into(),
                one.identifier.as_deref().into(),
            ]
        })
        .collect();
    session.insert(concat!("INSERT INTO issue_batch_item (", item_columns!(), ")"), 12, "", &values)?;
    Ok(())
}

/// A file of an account that was not taken off the list.
pub fn get(session: &mut Session, owner: &str, id: &str) -> Result<Option<Batch>, StoreError> {
    session.row(
        concat!(
            "SELECT ",
            batch_columns!(),
            " FROM issue_batch WHERE id = $1 AND owner = $2 AND state <> 'dropped'"
        ),
        params![id, owner],
        read_batch,
    )
}

/// The files of an account below a key, newest first.
pub fn of(session: &mut Session, owner: &str, below: &str, most: u32) -> Result<Vec<Batch>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            batch_columns!(),
            " FROM issue_batch WHERE owner = $1 AND id < $2 AND state <> 'dropped' ORDER BY id DESC LIMIT $3"
        ),
        params![owner, below, most],
        read_batch,
    )
}

/// A file, whoever uploaded it.
pub fn by_id(session: &mut Session, id: &str) -> Result<Option<Batch>, StoreError> {
    session.row(
        concat!("SELECT ", batch_columns!(), " FROM issue_batch WHERE id = $1"),
        params![id],
        read_batch,
    )
}

/// Records behind a place, of a state or (`""`) of all.
pub fn items(
    session: &mut Session,
    id: &str,
    state: &str,
    after: i64,
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            item_columns!(),
            " FROM issue_batch_item WHERE batch_id = $1 AND ($2 = '' OR state = $2) AND n > $3 ORDER BY n LIMIT $4"
        ),
        params![id, state, after, most],
        read_item,
    )
}

/// One record.
pub fn item(session: &mut Session, id: &str, n: i64) -> Result<Option<Item>, StoreError> {
    session.row(
        concat!("SELECT ", item_columns!(), " FROM issue_batch_item WHERE batch_id = $1 AND n = $2"),
        params![id, n],
        read_item,
    )
}

/// Records that failed for a reason of our own are ready again; how many.
pub fn again(session: &mut Session, id: &str) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE issue_batch_item SET state = 'ready', why = '' WHERE batch_id = $1 AND state = 'failed'",
        params![id],
    )
}

/// Writes what was mended or what became of a record that is still in the state in which it was read; false when it is not.
pub fn put_item(session: &mut Session, one: &Item, was: &str) -> Result<bool, StoreError> {
    let written = session.execute(
        "UPDATE issue_batch_item SET record_id = $3, kind = $4, state = $5, record_sealed = $6, findings_sealed = $7, \
         why = $8, certificate_id = $9, identifier = $10, photo = $11 WHERE batch_id = $1 AND n = $2 AND state = $12",
        params![
            &one.batch_id, one.n, &one.record_id, &one.kind, &one.state, one.record_sealed.as_deref(),
            one.findings_sealed.as_deref(), &one.why, one.certificate_id.as_deref(), one.identifier.as_deref(),
            one.photo.as_deref(), was,
        ],
    )?;
    Ok(written == 1)
}

/// Nothing more of a file is handed in; its records that were left say why.
pub fn stop(session: &mut Session, id: &str, why: &str) -> Result<(), StoreError> {
    session.execute(
        "UPDATE issue_batch_item SET state = 'failed', why = $2 WHERE batch_id = $1 AND state = 'ready'",
        params![id, why],
    )?;
    Ok(())
}

/// Line of another record of the file with this id: an earlier one, or one that is not wrong itself.
pub fn twin(session: &mut Session, id: &str, record_id: &str, n: i64) -> Result<Option<i64>, StoreError> {
    session.row(
        "SELECT line FROM issue_batch_item WHERE batch_id = $1 AND record_id = $2 AND n <> $3 \
         AND (n < $3 OR state <> 'wrong') ORDER BY n LIMIT 1",
        params![id, record_id, n],
        |row| row.get(0),
    )
}

/// Deletes the records of a file.
pub fn clear(session: &mut Session, id: &str) -> Result<(), StoreError> {
    session.execute("DELETE FROM issue_batch_item WHERE batch_id = $1", params![id])?;
    Ok(())
}
