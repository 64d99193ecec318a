//! `reconcile_told`: what the provinces found when they compared themselves with this node.

use crate::{Row, Session, StoreError, params};

/// The newest result of a province.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldRow {
    /// The province's node.
    pub province: String,
    /// Watermark of its run, microseconds UTC.
    pub at: i64,
    /// What the province holds.
    pub ours: i64,
    /// What it was told that this node holds.
    pub theirs: i64,
    /// The province's that this node lacks.
    pub missing: i64,
    /// This node's that the province lacks.
    pub extra: i64,
    /// Held differently.
    pub different: i64,
    /// On their way.
    pub in_flight: i64,
}

fn read(row: &Row<'_>) -> Result<ToldRow, StoreError> {
    Ok(ToldRow {
        province: row.get(0)?,
        at: row.get(1)?,
        ours: row.get(2)?,
        theirs: row.get(3)?,
        missing: row.get(4)?,
        extra: row.get(5)?,
        different: row.get(6)?,
        in_flight: row.get(7)?,
    })
}

/// Keeps a result unless a newer one is kept.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn put(session: &mut Session, one: &ToldRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO reconcile_told (province, at, ours, theirs, missing, extra, different, in_flight) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (province) DO UPDATE SET at = excluded.at, \
         ours = excluded.ours, theirs = excluded.theirs, missing = excluded.missing, extra = excluded.extra, \
         different = excluded.different, in_flight = excluded.in_flight WHERE reconcile_told.at <= excluded.at",
        params![
            &one.province, one.at, one.ours, one.theirs, one.missing, one.extra, one.different, one.in_flight,
        ],
    )?;
    Ok(())
}

/// All of them.
pub fn all(session: &mut Session) -> Result<Vec<ToldRow>, StoreError> {
    session.rows(
        "SELECT province, at, ours, theirs, missing, extra, different, in_flight FROM reconcile_told ORDER BY province",
        &[],
        read,
    )
}
