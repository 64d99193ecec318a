//! What other capabilities keep about one certificate, for whoever looks at it.

use crate::{Session, StoreError, params};

/// An act of the certificate on its way to a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The destination.
    pub lane: String,
    /// The certificate's count after the act.
    pub state_seq: i64,
    /// `pending`, `done` or `dead`.
    pub state: String,
    /// Failed attempts.
    pub attempts: i64,
    /// Stable code of the last failure.
    pub code: Option<String>,
    /// The last failure in words.
    pub error: Option<String>,
    /// The destination's receipt, JSON.
    pub receipt: Option<String>,
    /// Put in at, microseconds UTC.
    pub created_at: i64,
    /// Done at.
    pub done_at: Option<i64>,
}

/// The newest acts of a certificate in a lane, newest first.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn sent(
    session: &mut Session,
    lane: &str,
    certificate: &str,
    most: u32,
) -> Result<Vec<Sent>, StoreError> {
    session.rows(
        "SELECT lane, state_seq, state, tried_before + attempts, code, error, receipt, created_at, done_at FROM collect_item \
         WHERE lane = $1 AND certificate_id = $2 ORDER BY state_seq DESC LIMIT $3",
        params![lane, certificate, most],
        |row| {
            Ok(Sent {
                lane: row.get(0)?,
                state_seq: row.get(1)?,
                state: row.get(2)?,
                attempts: row.get(3)?,
                code: row.get(4)?,
                error: row.get(5)?,
                receipt: row.get(6)?,
                created_at: row.get(7)?,
                done_at: row.get(8)?,
            })
        },
    )
}

/// How many receipts of checks name a certificate.
pub fn checks(session: &mut Session, certificate: &str) -> Result<i64, StoreError> {
    let count = session.row(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM verify_receipt WHERE certificate_id = $1",
        params![certificate],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}
