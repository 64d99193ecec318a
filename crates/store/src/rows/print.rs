//! `share_print`: sheets that a window has printed together.

use crate::{Session, StoreError, params};

/// One printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printing {
    /// Row key (UUIDv7).
    pub id: String,
    /// Account.
    pub owner: String,
    /// Certificates with their sheets, or why there is none: JSON.
    pub body: String,
    /// How many sheets.
    pub sheets: i64,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// A new one.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert(session: &mut Session, one: &Printing) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO share_print (id, owner, body, sheets, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![&one.id, &one.owner, &one.body, one.sheets, one.created_at],
    )?;
    Ok(())
}

/// The printings of an account, newest first; with `id`, that one alone.
pub fn of(
    session: &mut Session,
    owner: &str,
    id: Option<&str>,
    most: u32,
) -> Result<Vec<Printing>, StoreError> {
    session.rows(
        "SELECT id, owner, body, sheets, created_at FROM share_print WHERE owner = $1 AND ($2 = '' OR id = $2) \
         ORDER BY id DESC LIMIT $3",
        params![owner, id.unwrap_or_default(), most],
        |row| {
            Ok(Printing {
                id: row.get(0)?,
                owner: row.get(1)?,
                body: row.get(2)?,
                sheets: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}
