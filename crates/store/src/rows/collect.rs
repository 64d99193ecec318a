//! `collect_item`: the outbox, one lane a destination.

use crate::{Session, StoreError, Value};

/// Puts an act of a certificate into lanes: (row key, lane) each. An act that is there already stays as it is.
///
/// # Errors
/// As [`Session::execute`].
pub fn enqueue(
    session: &mut Session,
    certificate: &str,
    state_seq: i64,
    lanes: &[(String, String)],
    at: i64,
) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = lanes
        .iter()
        .flat_map(|(id, lane)| {
            [
                id.into(),
                lane.into(),
                certificate.into(),
                state_seq.into(),
                "pending".into(),
                at.into(),
                0_i64.into(),
                0_i64.into(),
                at.into(),
            ]
        })
        .collect();
    session.insert(
        "INSERT INTO collect_item (id, lane, certificate_id, state_seq, state, run_at, lease_until, attempts, created_at)",
        9,
        "ON CONFLICT DO NOTHING",
        &values,
    )?;
    Ok(())
}
