//! `callback`: results pushed to the clients that named an address (R3; `docs/api.md`, "Callbacks").
//!
//! At least once and in the order of `seq`: the number of what a client took moves on only after its 2xx, in a row that outlives the
//! process. Each client has its own pace; one that does not answer holds up nobody else.

use std::time::Duration;

use link::http::Backoff;
use serde::Serialize;
use store::rows::callback::{self, Callback};
use store::rows::{issue, lease};
use store::{Session, StoreError};

use crate::client::{ClientEntry, lack};
use crate::lifecycle::ResultLine;
use crate::{NodeError, Province};

/// The right that results need, pushed or fetched.
pub(crate) const RIGHT: &str = "lifecycle.results";
/// Lines of one message at most.
const BATCH: u32 = 100;
/// How long one process may be pushing to a client, microseconds: longer than any message may take.
const LEASE: i64 = 5 * 60 * 1_000_000;
/// Pauses between attempts.
const BACKOFF: Backoff = Backoff { base: Duration::from_secs(2), cap: Duration::from_secs(600) };

/// One page of the result feed: what `GET /api/v1/results` answers and what is pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResultPage {
    /// In the order of their numbers.
    pub results: Vec<ResultLine>,
    /// The last number of the page; the next page begins after it.
    pub next: i64,
    /// Is there more now?
    pub more: bool,
}

/// Why a client did not take a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In Chinese, for whoever looks at `client list`.
    pub cause: String,
    /// The pause that it asked for.
    pub retry_after: Option<Duration>,
}

/// What one attempt did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Nothing is there, or its time has not come, or another process is at it.
    Nothing,
    /// So many results were taken; and is there more?
    Taken(usize, bool),
    /// The client did not take them; they come again.
    Failed,
}

/// Splits a callback address into `http://host:port` and the path (with query) under which it is posted to.
///
/// # Errors
/// Not `http://`, or no host. 国密 TLS ends at a gateway, outbound too (docs/signing.md).
pub fn split_address(url: &str) -> Result<(String, String), NodeError> {
    let refused =
        |what: &str, fix: &str| NodeError::refused(format!("回调地址“{url}”{what}"), fix.to_owned());
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| refused("应以 http:// 开头", "国密 TLS 由网关承担，请填本地网关的地址"))?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'<' | b'>' | b'\\');
    if host.is_empty() || !path.bytes().all(plain) {
        return Err(refused("不合规", "请写成 http://主机:端口/路径，特殊字符用百分号编码"));
    }
    Ok((format!("http://{host}"), path.to_owned()))
}

/// A new callback begins where the feed stands: what was said before is for whoever was there.
pub(crate) fn begin(session: &mut Session, client: &str) -> Result<(), StoreError> {
    // Counting by nothing tells the last number and lets no other line in between.
    let next = issue::count(session, "result", 0)?;
    let one = Callback { client_id: client.to_owned(), seq: next - 1, ..Callback::default() };
    callback::put(session, &one)
}

impl Province {
    /// A page of a source's feed after a number.
    ///
    /// # Errors
    /// The rows.
    pub fn result_page(&self, source: &str, since: i64, most: u32) -> Result<ResultPage, NodeError> {
        // One more than asked for tells whether there is more.
        let mut results = self.results(source, since, most.saturating_add(1))?;
        let more = results.len() > most as usize;
        results.truncate(most as usize);
        let next = results.last().map_or(since, |line| line.seq);
        Ok(ResultPage { results, next, more })
    }

    /// How pushing to a client stands.
    ///
    /// # Errors
    /// The rows.
    pub fn callback_state(&self, client: &str) -> Result<Callback, NodeError> {
        let state = self.store.read(|session| callback::get(session, client))?;
        Ok(state.unwrap_or_else(|| Callback { client_id: client.to_owned(), ..Callback::default() }))
    }

    /// Pushes the next page to a client: `post` brings the bytes there and returns after its 2xx. `owner` names this process.
    ///
    /// # Errors
    /// The rows. A client that takes nothing is no error: it is tried again later.
    pub fn callback_once(
        &self,
        client: &ClientEntry,
        owner: &str,
        post: impl FnOnce(&[u8]) -> Result<(), Refusal>,
        now: i64,
    ) -> Result<Pushed, NodeError> {
        let state = self.callback_state(&client.id)?;
        let due = state.run_at <= now && client.active && client.callback.is_some();
        if !due || lack(&client.rights, RIGHT, None, None).is_some() {
            return Ok(Pushed::Nothing);
        }
        let page = self.result_page(&client.source, state.seq, BATCH)?;
        if page.results.is_empty() || !self.hold(&client.id, owner, now)? {
            return Ok(Pushed::Nothing);
        }
        let done = post(&serde_json::to_vec(&page).unwrap_or_default());
        let name = format!("callback.{}", client.id);
        let (pushed, next) = match done {
            Ok(()) => {
                let count = page.results.len();
                let next = Callback {
                    seq: page.next,
                    last_at: Some(now),
                    client_id: state.client_id,
                    ..Callback::default()
                };
                (Pushed::Taken(count, page.more), next)
            }
            Err(refusal) => (Pushed::Failed, self.later(state, refusal, now)),
        };
        let owner = owner.to_owned();
        self.store.write(move |session| {
            callback::put(session, &next)?;
            lease::release(session, &name, &owner)
        })?;
        Ok(pushed)
    }

    fn hold(&self, client: &str, owner: &str, now: i64) -> Result<bool, NodeError> {
        let (name, owner) = (format!("callback.{client}"), owner.to_owned());
        Ok(self.store.write(move |session| lease::take(session, &name, &owner, now, now + LEASE))?)
    }

    /// When to try again.
    fn later(&self, state: Callback, refusal: Refusal, now: i64) -> Callback {
        let attempts = state.attempts + 1;
        let mut random = [0; 8];
        (self.chance)(&mut random);
        let failures = u32::try_from(attempts).unwrap_or(u32::MAX);
        let pause = BACKOFF.delay(failures, u64::from_le_bytes(random), refusal.retry_after);
        let run_at = now + i64::try_from(pause.as_micros()).unwrap_or(i64::MAX / 2);
        Callback { attempts, run_at, last_at: None, error: Some(refusal.cause), ..state }
    }
}
