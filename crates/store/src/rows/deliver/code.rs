//! `deliver_code`: one-time codes that were asked for. The code itself stands nowhere.

use crate::{Session, StoreError, params};

/// One request for a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeRow {
    /// Row key; the browser hands it back with the code.
    pub id: String,
    /// Blind index of the number that was given, whether or not anybody has it.
    pub holder: String,
    /// The subject that signing in gives, JSON without personal data in clear.
    pub subject: String,
    /// Is there such a holder?
    pub known: bool,
    /// Keyed digest of the browser's address.
    pub address: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
}

/// Requests that were made before: instants, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// For this holder.
    pub holder: Vec<i64>,
    /// From this address.
    pub address: Vec<i64>,
}

/// The requests of a holder and of an address after an instant, at most `most` each.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn asked(
    session: &mut Session,
    (holder, address): (&str, &str),
    since: i64,
    most: u32,
) -> Result<Asked, StoreError> {
    Ok(Asked {
        holder: session.rows(
            "SELECT created_at FROM deliver_code WHERE holder = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3",
            params![holder, since, most],
            |row| row.get(0),
        )?,
        address: session.rows(
            "SELECT created_at FROM deliver_code WHERE address = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3",
            params![address, since, most],
            |row| row.get(0),
        )?,
    })
}

/// Keeps a request.
pub fn insert_code(session: &mut Session, one: &CodeRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO deliver_code (id, holder, subject, known, address, tries, used, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.id,
            &one.holder,
            &one.subject,
            one.known,
            &one.address,
            0_i64,
            false,
            one.created_at,
            one.expires_at,
        ],
    )?;
    Ok(())
}

/// Takes one of `most` tries of a code that is neither used nor over: tries taken, the row. `None` when there is none left. Counting
/// and reading are one statement, so that no two tries are one.
pub fn take_try(
    session: &mut Session,
    id: &str,
    most: u32,
    now: i64,
) -> Result<Option<(u32, CodeRow)>, StoreError> {
    session.row(
        "UPDATE deliver_code SET tries = tries + 1 WHERE id = $1 AND NOT used AND tries < $2 AND expires_at > $3 \
         RETURNING tries, id, holder, subject, known, address, created_at, expires_at",
        params![id, most, now],
        |row| {
            let one = CodeRow {
                id: row.get(1)?,
                holder: row.get(2)?,
                subject: row.get(3)?,
                known: row.get(4)?,
                address: row.get(5)?,
                created_at: row.get(6)?,
                expires_at: row.get(7)?,
            };
            Ok((row.get(0)?, one))
        },
    )
}

/// A code is used once.
pub fn use_code(session: &mut Session, id: &str) -> Result<(), StoreError> {
    session.execute("UPDATE deliver_code SET used = $2 WHERE id = $1", params![id, true])?;
    Ok(())
}

/// Forgets requests before an instant; how many.
pub fn forget_codes(session: &mut Session, before: i64) -> Result<u64, StoreError> {
    session.execute("DELETE FROM deliver_code WHERE created_at < $1", params![before])
}
