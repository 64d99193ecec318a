//! `audit_pending`: acts wait here, committed with their act, until the sequencer gives them a leaf number.

use crate::{Session, StoreError, Value};

/// Appends batches of entries: (row key, entries as JSON text, one a line).
///
/// # Errors
/// As [`Session::execute`].
pub fn append(session: &mut Session, rows: &[(String, String)]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = rows.iter().flat_map(|(id, entries)| [id.into(), entries.into()]).collect();
    session.insert("INSERT INTO audit_pending (id, entries)", 2, "", &values)?;
    Ok(())
}
