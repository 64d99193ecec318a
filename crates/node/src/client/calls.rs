//! What clients call: counted in memory by the face of the node, written about once a minute, kept for thirty days.

use store::rows::call::{self, CallRow};

use crate::{NodeError, Province};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Hours that are kept.
const KEPT: i64 = 30 * 24;

/// So many calls of a client to one endpoint with one outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Path of the endpoint.
    pub path: String,
    /// Code of the refusal; empty for calls that were answered.
    pub code: String,
    /// How many.
    pub calls: i64,
    /// The last one, microseconds UTC.
    pub last_at: i64,
}

/// An hour in China, as rows name it.
fn hour(instant: i64) -> String {
    let day = lifecycle::day_of(instant);
    let hour = (instant + 8 * HOUR).rem_euclid(24 * HOUR) / HOUR;
    format!("{day}T{hour:02}")
}

impl Province {
    /// Adds what was counted: (client, calls). Old hours go.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn client_called(&self, counted: Vec<(String, Calls)>, now: i64) -> Result<(), NodeError> {
        if counted.is_empty() {
            return Ok(());
        }
        let row = |(client_id, one): (String, Calls)| CallRow {
            hour: hour(one.last_at),
            client_id,
            path: one.path,
            code: one.code,
            calls: one.calls,
            last_at: one.last_at,
        };
        let mut rows: Vec<CallRow> = counted.into_iter().map(row).collect();
        // In one order, so that two processes never wait for each other's rows.
        rows.sort_by(|one, other| {
            (&one.client_id, &one.hour, &one.path, &one.code).cmp(&(
                &other.client_id,
                &other.hour,
                &other.path,
                &other.code,
            ))
        });
        let old = hour(now - KEPT * HOUR);
        Ok(self
            .store
            .write(move |session| {
                call::add(session, &rows)?;
                call::drop_before(session, &old)
            })
            .map(drop)?)
    }

    /// Calls of a client in the last `hours`, by endpoint and outcome, the newest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn client_calls(&self, client: &str, hours: i64, now: i64) -> Result<Vec<Calls>, NodeError> {
        // The hour that has begun counts as one.
        let from = hour(now - (hours - 1) * HOUR);
        let found = self.store.read(|session| call::since(session, client, &from))?;
        let calls =
            |row: CallRow| Calls { path: row.path, code: row.code, calls: row.calls, last_at: row.last_at };
        Ok(found.into_iter().map(calls).collect())
    }

    /// When each client was last heard in the hours that are kept, microseconds UTC.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn client_last(&self) -> Result<Vec<(String, i64)>, NodeError> {
        Ok(self.store.read(call::last)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, hour};

    #[test]
    fn hours_are_those_of_china() {
        let nine = 1_780_275_600_000_000;
        assert_eq!(hour(nine), "2026-06-01T09");
        assert_eq!(hour(nine - 1), "2026-06-01T08");
        assert_eq!(hour(nine - 10 * HOUR), "2026-05-31T23");
    }
}
