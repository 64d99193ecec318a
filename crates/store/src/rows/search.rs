//! `search_key`: blind indexes for exact search.

use crate::{Session, StoreError, Value, params};

/// One entry: blind index and what it speaks of.
pub type Key = (String, &'static str);

/// Replaces the live entries of a certificate: what it was called before stays findable, behind.
///
/// # Errors
/// As [`Session::execute`].
pub fn put(session: &mut Session, certificate: &str, keys: &[Key], is_new: bool) -> Result<(), StoreError> {
    if !is_new {
        session.execute(
            "UPDATE search_key SET live = $2 WHERE certificate_id = $1",
            params![certificate, false],
        )?;
    }
    let values: Vec<Value<'_>> = keys
        .iter()
        .flat_map(|(blind, what)| [blind.into(), certificate.into(), (*what).into(), true.into()])
        .collect();
    session.insert(
        "INSERT INTO search_key (blind, certificate_id, what, live)",
        4,
        "ON CONFLICT (blind, certificate_id) DO UPDATE SET live = excluded.live",
        &values,
    )?;
    Ok(())
}

/// Who holds a blind index alive: certificate, base of its status, last day.
///
/// # Errors
/// As [`Session::rows`].
pub fn holders(
    session: &mut Session,
    blind: &str,
) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
    session.rows(
        "SELECT c.id, c.base, c.last_day FROM search_key k JOIN lifecycle_certificate c ON c.id = k.certificate_id \
         WHERE k.blind = $1 AND k.live",
        params![blind],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}
