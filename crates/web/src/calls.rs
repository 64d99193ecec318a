//! Who called what, for the people of the business systems: counted in memory, written about once a minute, so that a call costs no row.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderValue;
use node::NodeError;
use node::client::Calls;

use crate::{App, Endpoint, Reply};

/// Counts are written at least this far apart, microseconds.
const EVERY: i64 = 60_000_000;

/// Calls and the instant of the last one, by path and code.
type ByOutcome = HashMap<(&'static str, Cow<'static, str>), (i64, i64)>;

/// What was counted and is not yet written.
#[derive(Default)]
pub(crate) struct CallBook {
    counted: Mutex<HashMap<String, ByOutcome>>,
    written: AtomicI64,
}

impl CallBook {
    fn count(&self, client: &str, path: &'static str, code: Cow<'static, str>, now: i64) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        // A name is copied for the first call only.
        if !counted.contains_key(client) {
            counted.insert(client.to_owned(), ByOutcome::new());
        }
        if let Some(one) = counted.get_mut(client) {
            let (calls, last) = one.entry((path, code)).or_default();
            *calls += 1;
            *last = now.max(*last);
        }
    }

    /// Is it time to write? True for one caller only.
    fn is_due(&self, now: i64) -> bool {
        let written = self.written.load(Ordering::Acquire);
        (now - written >= EVERY || now < written)
            && self.written.compare_exchange(written, now, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn take(&self) -> HashMap<String, ByOutcome> {
        std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_back(&self, taken: HashMap<String, ByOutcome>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        for (client, outcomes) in taken {
            let one = counted.entry(client).or_default();
            for (outcome, (calls, last)) in outcomes {
                let (sum, newest) = one.entry(outcome).or_default();
                *sum += calls;
                *newest = last.max(*newest);
            }
        }
    }
}

impl App {
    /// Counts an answered call. `speaker`: whose signature was good; else `authorization` may name a client that is known, whose
    /// people want to see why it is refused. A stranger is not counted: anybody could fill the table.
    pub(crate) fn count_call(
        &self,
        endpoint: &'static Endpoint,
        speaker: Option<&str>,
        authorization: Option<&HeaderValue>,
        reply: &Reply,
        now: i64,
    ) {
        let named = || {
            let key =
                authorization?.to_str().ok()?.split("key=").nth(1)?.split([',', ' ']).next()?.to_owned();
            self.speakers.knows(&key).then_some(key)
        };
        let client = match speaker {
            Some(id) => Cow::Borrowed(id),
            None => match named() {
                Some(key) => Cow::Owned(key),
                None => return,
            },
        };
        self.calls.count(&client, endpoint.path, code(reply), now);
        if self.calls.is_due(now) {
            let app = self.clone();
            // Whoever called does not wait for it; what could not be written is counted on.
            tokio::task::spawn_blocking(move || app.write_calls(now));
        }
    }

    /// Writes what was counted.
    ///
    /// # Errors
    /// A database that cannot be written; the counts stay.
    pub fn write_calls(&self, now: i64) -> Result<(), NodeError> {
        let taken = self.calls.take();
        let calls = taken.iter().flat_map(|(client, outcomes)| {
            outcomes.iter().map(move |((path, code), (calls, last_at))| {
                let one = Calls {
                    path: (*path).to_owned(),
                    code: code.to_string(),
                    calls: *calls,
                    last_at: *last_at,
                };
                (client.clone(), one)
            })
        });
        let done = self.province.client_called(calls.collect(), now);
        if done.is_err() {
            self.calls.put_back(taken);
        }
        done
    }
}

/// The code of a refusal; nothing for what was answered.
fn code(reply: &Reply) -> Cow<'static, str> {
    if reply.status < 400 {
        return Cow::Borrowed("");
    }
    let problem = link::problem::Problem::parse(&reply.body);
    Cow::Owned(problem.and_then(|problem| problem.code).unwrap_or_else(|| reply.status.to_string()))
}
