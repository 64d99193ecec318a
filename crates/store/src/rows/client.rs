//! `client`, `peer`, `nonce`: who may speak, and what was said in the last minutes.

use crate::rows::issue;
use crate::{Row, Session, StoreError, params};

/// The series that grows with every change to clients and peers, so that caches know when to look again.
const SERIES: &str = "client";

/// An API client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientRow {
    /// Key id, as it stands in requests.
    pub id: String,
    /// For people.
    pub name: String,
    /// Secret in hex, sealed for [`ClientRow::place`].
    pub secret_sealed: String,
    /// The source whose events it sends and whose results it reads.
    pub source: String,
    /// JSON list.
    pub rights: String,
    /// Where results are sent to.
    pub callback: Option<String>,
    /// `active` or `disabled`.
    pub state: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

impl ClientRow {
    /// The place for which the secret of a client is encrypted.
    pub fn place(id: &str) -> String {
        format!("client.secret/{id}")
    }
}

/// Another node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerRow {
    /// Id of its certificate, as it stands in requests.
    pub id: String,
    /// `province` or `ministry`.
    pub role: String,
    /// For people.
    pub name: String,
    /// `http://host:port`, or empty for one that only calls.
    pub address: String,
    /// DER in Base64.
    pub certificate: String,
    /// Certificate of its audit log's key, DER in Base64, where it was enrolled.
    pub log_certificate: Option<String>,
    /// JSON list of the USCCs that it speaks for.
    pub issuers: String,
    /// JSON list.
    pub rights: String,
    /// `active` or `disabled`.
    pub state: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// How often clients and peers have changed; a number that only grows.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn version(session: &mut Session) -> Result<i64, StoreError> {
    let last = session
        .row("SELECT last FROM issue_counter WHERE series = $1", params![SERIES], |row| row.get::<i64>(0))?;
    Ok(last.unwrap_or(0))
}

fn read_client(row: &Row<'_>) -> Result<ClientRow, StoreError> {
    Ok(ClientRow {
        id: row.get(0)?,
        name: row.get(1)?,
        secret_sealed: row.get(2)?,
        source: row.get(3)?,
        rights: row.get(4)?,
        callback: row.get(5)?,
        state: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
    })
}

/// All clients.
pub fn clients(session: &mut Session) -> Result<Vec<ClientRow>, StoreError> {
    session.rows(
        "SELECT id, name, secret_sealed, source, rights, callback, state, created_at, updated_at FROM client ORDER BY id",
        &[],
        read_client,
    )
}

/// A new client; one whose id is taken is refused as a duplicate.
pub fn insert_client(session: &mut Session, one: &ClientRow) -> Result<(), StoreError> {
    issue::count(session, SERIES, 1)?;
    session.execute(
        "INSERT INTO client (id, name, secret_sealed, source, rights, callback, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.id,
            &one.name,
            &one.secret_sealed,
            &one.source,
            &one.rights,
            one.callback.as_deref(),
            &one.state,
            one.created_at,
            one.updated_at,
        ],
    )?;
    Ok(())
}

/// Sets the state of a client; false if there is none of this id.
pub fn set_client_state(session: &mut Session, id: &str, state: &str, now: i64) -> Result<bool, StoreError> {
    issue::count(session, SERIES, 1)?;
    let sql = "UPDATE client SET state = $2, updated_at = $3 WHERE id = $1";
    Ok(session.execute(sql, params![id, state, now])? == 1)
}

/// Gives a client another secret; false if there is none of this id, or it was changed since `seen` (where that is given).
pub fn set_client_secret(
    session: &mut Session,
    id: &str,
    sealed: &str,
    seen: Option<i64>,
    now: i64,
) -> Result<bool, StoreError> {
    issue::count(session, SERIES, 1)?;
    let sql = "UPDATE client SET secret_sealed = $2, updated_at = $3 \
               WHERE id = $1 AND updated_at = COALESCE(CAST($4 AS BIGINT), updated_at)";
    Ok(session.execute(sql, params![id, sealed, now, seen])? == 1)
}

/// Gives a client other rights; false if there is none of this id, or it has others than `was` (where that is given).
pub fn set_client_rights(
    session: &mut Session,
    id: &str,
    rights: &str,
    was: Option<&str>,
    now: i64,
) -> Result<bool, StoreError> {
    issue::count(session, SERIES, 1)?;
    let sql = "UPDATE client SET rights = $2, updated_at = $3 \
               WHERE id = $1 AND rights = COALESCE(CAST($4 AS TEXT), rights)";
    Ok(session.execute(sql, params![id, rights, now, was])? == 1)
}

fn read_peer(row: &Row<'_>) -> Result<PeerRow, StoreError> {
    Ok(PeerRow {
        id: row.get(0)?,
        role: row.get(1)?,
        name: row.get(2)?,
        address: row.get(3)?,
        certificate: row.get(4)?,
        log_certificate: row.get(5)?,
        issuers: row.get(6)?,
        rights: row.get(7)?,
        state: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

/// All peers.
pub fn peers(session: &mut Session) -> Result<Vec<PeerRow>, StoreError> {
    session.rows(
        "SELECT id, role, name, address, certificate, log_certificate, issuers, rights, state, created_at, updated_at \
         FROM peer ORDER BY id",
        &[],
        read_peer,
    )
}

/// A new peer; one whose id is taken is refused as a duplicate.
pub fn insert_peer(session: &mut Session, one: &PeerRow) -> Result<(), StoreError> {
    issue::count(session, SERIES, 1)?;
    session.execute(
        "INSERT INTO peer (id, role, name, address, certificate, log_certificate, issuers, rights, state, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            &one.id,
            &one.role,
            &one.name,
            &one.address,
            &one.certificate,
            one.log_certificate.as_deref(),
            &one.issuers,
            &one.rights,
            &one.state,
            one.created_at,
            one.updated_at,
        ],
    )?;
    Ok(())
}

/// Sets the state of a peer; false if there is none of this id.
pub fn set_peer_state(session: &mut Session, id: &str, state: &str, now: i64) -> Result<bool, StoreError> {
    issue::count(session, SERIES, 1)?;
    let sql = "UPDATE peer SET state = $2, updated_at = $3 WHERE id = $1";
    Ok(session.execute(sql, params![id, state, now])? == 1)
}

/// Sets whom a peer speaks for, JSON; false if there is none of this id.
pub fn set_peer_issuers(
    session: &mut Session,
    id: &str,
    issuers: &str,
    now: i64,
) -> Result<bool, StoreError> {
    issue::count(session, SERIES, 1)?;
    let sql = "UPDATE peer SET issuers = $2, updated_at = $3 WHERE id = $1";
    Ok(session.execute(sql, params![id, issuers, now])? == 1)
}

/// Sets the certificate of a peer's audit log; false if there is none of this id.
pub fn set_peer_log(
    session: &mut Session,
    id: &str,
    certificate: &str,
    now: i64,
) -> Result<bool, StoreError> {
    issue::count(session, SERIES, 1)?;
    let sql = "UPDATE peer SET log_certificate = $2, updated_at = $3 WHERE id = $1";
    Ok(session.execute(sql, params![id, certificate, now])? == 1)
}

/// Keeps a group of nonces (Base64 of the bytes of each).
pub fn put_nonces(session: &mut Session, id: &str, at: i64, seen: &str) -> Result<(), StoreError> {
    session.execute("INSERT INTO nonce (id, at, seen) VALUES ($1, $2, $3)", params![id, at, seen])?;
    Ok(())
}

/// Drops the groups before an instant; how many.
pub fn drop_nonces(session: &mut Session, before: i64) -> Result<u64, StoreError> {
    session.execute("DELETE FROM nonce WHERE at < $1", params![before])
}

/// The groups since an instant.
pub fn nonces(session: &mut Session, since: i64) -> Result<Vec<String>, StoreError> {
    session.rows("SELECT seen FROM nonce WHERE at >= $1 ORDER BY at, id", params![since], |row| row.get(0))
}
