//! Checkpoints of our own log, and how it stands.

use std::collections::BTreeMap;

use gm::SigningKey;
use ledger::{
    Checkpoint, EMPTY_MAP, Hash, Latest, LedgerError, NamedKey, SignedCheckpoint, consistency_proof, map_key,
    update_map,
};
use store::Session;
use store::rows::audit as rows;

use super::Log;
use super::stored::{Stored, checkpoint, frontier, hash, int, path};
use crate::{NodeError, Province};

/// Chained leaves read at a time.
const PAGE: u32 = 4096;

impl Province {
    /// Signs the tree as it stands; `None` while the log is empty, the last checkpoint when nothing came after it.
    ///
    /// # Errors
    /// Rows that do not continue the last checkpoint: damage is never signed. The key; the rows.
    pub fn checkpoint(&self, key: &dyn SigningKey, now: i64) -> Result<Option<SignedCheckpoint>, NodeError> {
        self.audit_log().checkpoint(key, now)
    }
}

/// What a checkpoint will say, and the pages of its map.
struct Draft {
    checkpoint: Checkpoint,
    pages: Vec<(String, String)>,
    /// The checkpoint before, as its row has it.
    before: Option<String>,
}

enum Drafted {
    Empty,
    Same(SignedCheckpoint),
    New(Draft),
}

impl Log<'_> {
    /// As [`Province::checkpoint`].
    ///
    /// # Errors
    /// As [`Province::checkpoint`].
    pub fn checkpoint(&self, key: &dyn SigningKey, now: i64) -> Result<Option<SignedCheckpoint>, NodeError> {
        let own = NamedKey { name: self.origin.to_owned(), key: key.public_key().clone() };
        let drafted =
            self.store.read(|session| rows::snapshot(session, |session| draft(session, &own, now)))?;
        let Draft { checkpoint: fresh, pages, before } = match drafted {
            Drafted::Empty => return Ok(None),
            Drafted::Same(last) => return Ok(Some(last)),
            Drafted::New(draft) => draft,
        };
        let signed = fresh.sign(key)?;
        let note = signed.to_text()?;
        // Signing may take long (a device), so it is done outside; somebody else may have been faster.
        let stands = self.store.write(move |session| -> Result<Option<String>, NodeError> {
            rows::lock_tree(session)?;
            let last = rows::last_checkpoint(session)?;
            if last != before {
                return Ok(last);
            }
            rows::put_pages(session, &pages)?;
            rows::insert_checkpoint(session, int(fresh.size), fresh.at, &note)?;
            Ok(Some(note.clone()))
        })?;
        checkpoint(stands)
    }

    /// The last checkpoint, if there is one.
    ///
    /// # Errors
    /// The rows.
    pub fn last_checkpoint(&self) -> Result<Option<SignedCheckpoint>, NodeError> {
        checkpoint(self.store.read(rows::last_checkpoint)?)
    }

    /// How the log stands, as Prometheus text.
    ///
    /// # Errors
    /// The rows.
    pub fn metrics(&self, now: i64) -> Result<String, NodeError> {
        let ((waiting, oldest), tree, last) = self.store.read(|session| {
            let found = (rows::pending(session)?, rows::tree(session)?, rows::last_checkpoint(session)?);
            Ok::<_, NodeError>(found)
        })?;
        // A row key begins with the milliseconds of its act (UUID version 7).
        let since = oldest.and_then(|id| i64::from_str_radix(id.get(..12)?, 16).ok());
        let delay = since.map_or(0.0, |millis| (now / 1000 - millis).max(0) as f64 / 1e3);
        let last = checkpoint(last)?;
        let age = last.as_ref().map_or(0.0, |last| (now - last.checkpoint().at).max(0) as f64 / 1e6);
        let size = tree.map_or(0, |(size, _)| size);
        let signed = last.map_or(0, |last| last.checkpoint().size);
        let lines = [
            ("luzheng_audit_waiting_rows", "Acts' rows without leaf numbers", waiting.to_string()),
            (
                "luzheng_audit_merge_delay_seconds",
                "Age of the oldest act without a leaf number",
                delay.to_string(),
            ),
            ("luzheng_audit_leaves", "Entries in the log", size.to_string()),
            ("luzheng_audit_signed_leaves", "Entries under the last checkpoint", signed.to_string()),
            ("luzheng_audit_checkpoint_age_seconds", "Age of the last checkpoint", age.to_string()),
        ];
        let watched = self.watched()?;
        let mut lines = lines.to_vec();
        lines.push((
            "luzheng_audit_witness_refused",
            "1 while the witness refuses this log as rolled back or forked",
            u8::from(watched.alarm.is_some()).to_string(),
        ));
        if let Some((size, at)) = watched.last {
            let age = (now - at).max(0) as f64 / 1e6;
            lines.push((
                "luzheng_audit_witnessed_leaves",
                "Entries under the last witnessed checkpoint",
                size.to_string(),
            ));
            lines.push((
                "luzheng_audit_witnessed_age_seconds",
                "Age of the last witnessed checkpoint",
                age.to_string(),
            ));
        }
        let text = |(name, help, value): (&str, &str, String)| {
            format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
        };
        Ok(lines.into_iter().map(text).collect())
    }
}

fn draft(session: &mut Session, own: &NamedKey, now: i64) -> Result<Drafted, NodeError> {
    let before = rows::last_checkpoint(session)?;
    let last = checkpoint(before.clone())?;
    let tree = frontier(rows::tree(session)?)?;
    let size = tree.size();
    if let Some(last) = &last {
        intact(last, own)?;
        let last_state = last.checkpoint();
        if last_state.size == size {
            if last_state.root != tree.root() {
                return Err(LedgerError::NotContinued {
                    old: size,
                    new: size,
                    rule: "树根不同，日志已被改动",
                }
                .into());
            }
            return Ok(Drafted::Same(last.clone()));
        }
    } else if size == 0 {
        return Ok(Drafted::Empty);
    }
    let last = last.as_ref().map(SignedCheckpoint::checkpoint);
    let signed = last.map_or(0, |last| last.size);
    let map_root = last.map_or(EMPTY_MAP, |last| last.map_root);
    let changes = changes(session, signed, size)?;
    let rows = Stored::new(session);
    let update = update_map(&rows, &map_root, &changes)?;
    let fresh = Checkpoint {
        origin: own.name.clone(),
        size,
        root: tree.root(),
        // A clock that was set back must not break the order of the checkpoints.
        at: last.map_or(now, |last| last.at.max(now)),
        previous: last.map(Checkpoint::digest).transpose()?,
        map_root: update.root,
    };
    if let Some(last) = last {
        fresh.check_continues(last, &consistency_proof(&rows, last.size, size.max(last.size))?)?;
    }
    let pages = update.pages.iter().map(|(id, body)| (path(id), gm::base64::encode(body))).collect();
    Ok(Drafted::New(Draft { checkpoint: fresh, pages, before }))
}

/// The last checkpoint still carries our signature; one by an earlier key of ours cannot be checked here.
fn intact(last: &SignedCheckpoint, own: &NamedKey) -> Result<(), NodeError> {
    match last.verify(std::slice::from_ref(own)) {
        Ok(_) | Err(LedgerError::NotSigned { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The newest chained leaf of every certificate that changed in `from..until`.
fn changes(session: &mut Session, from: u64, until: u64) -> Result<BTreeMap<Hash, Latest>, NodeError> {
    let mut changes = BTreeMap::new();
    let mut next = int(from);
    loop {
        let page = rows::chained(session, next, int(until), PAGE)?;
        for (object, n, leaf) in &page {
            let number = u64::try_from(*n).unwrap_or_default();
            changes.insert(map_key(object), Latest { number, leaf: hash(leaf)? });
            next = n + 1;
        }
        if page.len() < PAGE as usize {
            return Ok(changes);
        }
    }
}
