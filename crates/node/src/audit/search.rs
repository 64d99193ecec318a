//! The auditor's search: by time, act, actor, certificate and outcome, page by page.

use serde::{Deserialize, Serialize};
use store::rows::audit::{self as rows, Wanted};

use super::{Act, Actor, Log, Look, append};
use crate::NodeError;

/// Entries of a page at most.
const MOST: u32 = 500;

/// Where a page ended. The next one goes on after it, whatever was written meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Instant of the last entry, microseconds UTC.
    pub at: i64,
    /// Its number.
    pub n: u64,
}

/// One entry that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Number, from 0.
    pub n: u64,
    /// Leaf hash, hex.
    pub leaf: String,
    /// Canonical bytes: a JSON object.
    pub entry: String,
}

/// A page of entries, by time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Entries.
    pub entries: Vec<Found>,
    /// Where to go on; absent at the end.
    pub next: Option<Cursor>,
}

impl Log<'_> {
    /// Entries that fit, after `after`, at most `most` (500). The search is itself an entry: `actor` is whoever looks, `id` a new row key.
    ///
    /// # Errors
    /// A time range that is none; the rows.
    pub fn audit_search(
        &self,
        wanted: &Wanted,
        after: Option<Cursor>,
        most: u32,
        actor: &Actor,
        id: String,
        now: i64,
    ) -> Result<Page, NodeError> {
        if wanted.from >= wanted.until {
            return Err(NodeError::refused("检索的起始时间不早于截止时间", "请核对时间范围"));
        }
        let most = most.clamp(1, MOST);
        let place = after.map_or((wanted.from, -1), |after| (after.at, super::stored::int(after.n)));
        let mut rows = self.store.read(|session| rows::search(session, wanted, place, most + 1))?;
        let more = rows.len() > most as usize;
        rows.truncate(most as usize);
        let next = rows.last().filter(|_| more).map(|last| Cursor { at: last.at, n: last.n.cast_unsigned() });
        let act = looked(wanted, rows.len(), actor, now);
        self.store.write(move |session| append(session, id.clone(), std::slice::from_ref(&act)))?;
        Ok(Page { entries: rows.into_iter().map(found).collect(), next })
    }
}

impl Log<'_> {
    /// Entries that fit, newest first, before `before`, at most `most`; one entry of the log says who looked.
    ///
    /// # Errors
    /// As [`Log::audit_search`].
    pub fn audit_latest(
        &self,
        wanted: &Wanted,
        before: Option<Cursor>,
        most: u32,
        look: Look<'_>,
    ) -> Result<Page, NodeError> {
        if wanted.from >= wanted.until {
            return Err(NodeError::refused("检索的起始时间不早于截止时间", "请核对时间范围"));
        }
        let place = before.map_or((wanted.until, -1), |at| (at.at, super::stored::int(at.n)));
        let mut rows = self.store.read(|session| rows::search_back(session, wanted, place, most + 1))?;
        let more = rows.len() > most as usize;
        rows.truncate(most as usize);
        let next = rows.last().filter(|_| more).map(|last| Cursor { at: last.at, n: last.n.cast_unsigned() });
        let act = looked(wanted, rows.len(), look.actor, look.now);
        let id = look.id;
        self.store.write(move |session| append(session, id.clone(), std::slice::from_ref(&act)))?;
        Ok(Page { entries: rows.into_iter().map(found).collect(), next })
    }
}

fn found(row: rows::Leaf) -> Found {
    Found { n: row.n.cast_unsigned(), leaf: row.hash, entry: row.entry }
}

/// The search as an entry of the log that it looked through.
fn looked(wanted: &Wanted, found: usize, actor: &Actor, now: i64) -> Act {
    let texts = [
        ("act", &wanted.act),
        ("client", &wanted.client),
        ("person", &wanted.person),
        ("outcome", &wanted.outcome),
    ];
    let texts = texts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    let numbers = [("from", wanted.from), ("until", wanted.until), ("found", found as i64)];
    let numbers = numbers.into_iter().map(|(name, value)| (name, value.to_string()));
    Act {
        act: "audit.search".into(),
        at: now,
        actor: actor.clone(),
        object: wanted.objects.first().cloned(),
        outcome: "done".into(),
        detail: texts.chain(numbers).map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Act::default()
    }
}
