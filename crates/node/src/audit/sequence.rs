//! The sequencer: waiting acts become numbered leaves.
//!
//! A batch is one transaction: rows taken away, leaves, nodes and frontier written, lease kept. Wherever it stops, either all of it is there
//! or nothing.

use std::collections::{BTreeSet, HashMap};

use ledger::{Entry, Hash, Link, Object, RECOMPUTED_LEVELS, hex, leaf_hashes};
use store::rows::audit::{self as rows, Leaf};
use store::rows::lease;
use store::{Session, StoreError};

use super::stored::{frontier, hash, int};
use super::{Act, Actor, Log};
use crate::{NodeError, Province};

/// Rows that one statement takes.
const ROWS: u32 = 16;
/// Acts after which a batch is committed; a row is never split. Few, for every other writer waits until a batch is written: about
/// 7 ms at 38,000 acts a second.
const ACTS: usize = 256;
/// Characters of a row key that tell its millisecond.
const INSTANT: usize = 12;
/// Batches of one call.
const BATCHES: usize = 256;
/// Name of the sequencer's lease.
const LEASE: &str = "audit.sequence";
/// How long a sequencer that died keeps others waiting, microseconds.
const LEASE_TIME: i64 = 10_000_000;
/// A waiting act with more bytes is kept by its digest: the checker takes lines of up to 1 MiB.
const MAX_ACT: usize = 256 * 1024;
/// Keys are indexed, and an index takes no long ones.
const MAX_OBJECT: usize = 512;

/// What a call of the sequencer did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequenced {
    /// Leaves written.
    pub leaves: u64,
    /// Merge delay: the longest time from an act to its leaf, microseconds.
    pub delay: i64,
    /// More acts are waiting: call again at once.
    pub more: bool,
    /// Another process is the sequencer.
    pub busy: bool,
}

impl Province {
    /// Gives leaf numbers to waiting acts; at `now`, microseconds UTC. To be called several times a second.
    ///
    /// # Errors
    /// The rows; a log that was changed from outside. Nothing is lost: what has no leaf goes on waiting.
    pub fn sequence(&self, now: i64) -> Result<Sequenced, NodeError> {
        self.audit_log().sequence(&self.new_id(now), now)
    }
}

impl Log<'_> {
    /// As [`Province::sequence`]; `owner` is a name that no other caller has.
    ///
    /// # Errors
    /// As [`Province::sequence`].
    pub fn sequence(&self, owner: &str, now: i64) -> Result<Sequenced, NodeError> {
        let mut total = Sequenced::default();
        // An idle node must not commit several times a second.
        if !self.store.read(rows::any_pending)? {
            return Ok(total);
        }
        for round in 1..=BATCHES {
            let name = owner.to_owned();
            let done = self.store.write(move |session| batch(session, &name, now, round == BATCHES));
            let done = done.inspect_err(|_| self.give_back(owner))?;
            total.leaves += done.leaves;
            total.delay = total.delay.max(done.delay);
            (total.more, total.busy) = (done.more, done.busy);
            if !done.more {
                break;
            }
        }
        Ok(total)
    }

    /// Gives the lease back after a failure; if that fails too, it runs out.
    fn give_back(&self, owner: &str) {
        let owner = owner.to_owned();
        let _: Result<(), StoreError> =
            self.store.write(move |session| lease::release(session, LEASE, &owner));
    }
}

fn batch(session: &mut Session, owner: &str, now: i64, last: bool) -> Result<Sequenced, NodeError> {
    if !lease::take(session, LEASE, owner, now, now + LEASE_TIME)? {
        return Ok(Sequenced { busy: true, ..Sequenced::default() });
    }
    // The lease keeps others from trying; this row keeps the numbers gapless even if a clock is wrong.
    let mut tree = frontier(rows::lock_tree(session)?)?;
    let mut acts = Vec::new();
    let mut more = true;
    let mut after = String::new();
    while more && (acts.len() < ACTS || goes_on(session, &after)?) {
        let taken = rows::take_pending(session, &after, ROWS)?;
        if let Some((id, _)) = taken.last() {
            after.clone_from(id);
        }
        more = taken.len() == ROWS as usize;
        acts.extend(taken.iter().flat_map(|(id, lines)| lines.lines().map(move |line| read(id, line, now))));
    }
    in_order_of_state(&mut acts);
    let delay = acts.iter().map(|act| now.saturating_sub(act.at)).max().unwrap_or(0);
    let (leaves, hashes) = linked(session, acts, tree.size())?;
    let nodes: Vec<rows::Node> = tree
        .append_many(&hashes)
        .into_iter()
        .filter(|(id, _)| id.level > RECOMPUTED_LEVELS)
        .map(|(id, hash)| (id.level, int(id.index), hex(&hash)))
        .collect();
    rows::insert_leaves(session, &leaves).map_err(taken_already)?;
    rows::insert_nodes(session, &nodes).map_err(taken_already)?;
    rows::set_tree(session, int(tree.size()), &gm::base64::encode(&tree.to_bytes()))?;
    if last || !more {
        lease::release(session, LEASE, owner)?;
    }
    Ok(Sequenced { leaves: leaves.len() as u64, delay, more, busy: false })
}

/// Is the next row of the same millisecond as the last one taken? Such rows stay together: acts on one certificate among them are put in
/// order by what they say.
fn goes_on(session: &mut Session, last: &str) -> Result<bool, StoreError> {
    let next = rows::next_pending(session, last)?;
    Ok(next.is_some_and(|next| next.get(..INSTANT).is_some_and(|instant| last.starts_with(instant))))
}

fn taken_already(error: StoreError) -> NodeError {
    if error.is_duplicate() {
        NodeError::refused(
            "审计日志中已有下一编号的条目或树节点：数据库被人从外部改动",
            "请保留现场，运行 luzheng audit verify，并报告主管部门",
        )
    } else {
        error.into()
    }
}

/// A waiting act from its line. What cannot be read or stored is neither lost nor in the way of the others.
fn read(row: &str, line: &str, now: i64) -> Act {
    // PostgreSQL has no place for a NUL that somebody typed.
    let clean = line.replace("\\u0000", "\\ufffd");
    if clean.len() <= MAX_ACT
        && let Ok(act) = serde_json::from_str::<Act>(&clean)
        && act.object.as_ref().is_none_or(|object| object.len() <= MAX_OBJECT)
    {
        return act;
    }
    let sm3 = hex(&gm::sm3::sm3(line.as_bytes()));
    let detail = [("row", row.to_owned()), ("sm3", sm3), ("bytes", line.len().to_string())];
    Act {
        act: "audit.unreadable".into(),
        at: now,
        actor: Actor::node(),
        outcome: "failed".into(),
        detail: detail.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Act::default()
    }
}

/// Row keys tell milliseconds apart, not the acts within one. The acts on one certificate say their own order.
fn in_order_of_state(acts: &mut [Act]) {
    let mut by_object: HashMap<&str, Vec<(u64, usize)>> = HashMap::new();
    for (place, act) in acts.iter().enumerate().filter(|(_, act)| act.changes) {
        let seq = act.detail.get("state_seq").and_then(|seq| seq.parse().ok());
        if let (Some(object), Some(seq)) = (&act.object, seq) {
            by_object.entry(object).or_default().push((seq, place));
        }
    }
    let mut moves: Vec<(usize, usize)> = Vec::new();
    for mut group in by_object.into_values() {
        let places: Vec<usize> = group.iter().map(|(_, place)| *place).collect();
        group.sort_unstable();
        moves.extend(
            places.into_iter().zip(group.into_iter().map(|(_, from)| from)).filter(|(to, from)| to != from),
        );
    }
    let moved: Vec<(usize, Act)> = moves.into_iter().map(|(to, from)| (to, acts[from].clone())).collect();
    for (to, act) in moved {
        acts[to] = act;
    }
}

/// Entries with their place in the chain of their certificate, as rows.
fn linked(session: &mut Session, acts: Vec<Act>, first: u64) -> Result<(Vec<Leaf>, Vec<Hash>), NodeError> {
    let objects: BTreeSet<&str> =
        acts.iter().filter(|act| act.changes).filter_map(|act| act.object.as_deref()).collect();
    let objects: Vec<&str> = objects.into_iter().collect();
    let mut newest: HashMap<String, Hash> = HashMap::new();
    for (object, _, leaf) in rows::newest(session, &objects)? {
        newest.insert(object, hash(&leaf)?);
    }
    let mut leaves: Vec<Leaf> = Vec::with_capacity(acts.len());
    // An act needs the leaf hash of the one before it: the k-th acts of all certificates are hashed together.
    let mut waves: Vec<Vec<(usize, Act)>> = vec![Vec::new()];
    let mut depth: HashMap<String, usize> = HashMap::new();
    for (place, act) in acts.into_iter().enumerate() {
        let mut wave = 0;
        if let Some(object) = act.object.as_ref().filter(|_| act.changes) {
            let seen = depth.entry(object.clone()).or_default();
            wave = *seen;
            *seen += 1;
        }
        if wave == waves.len() {
            waves.push(Vec::new());
        }
        waves[wave].push((place, act));
        leaves.push(Leaf { n: int(first + place as u64), ..Leaf::default() });
    }
    let mut hashes = vec![[0; 32]; leaves.len()];
    for wave in waves {
        let places: Vec<usize> = wave.iter().map(|(place, _)| *place).collect();
        let entries: Vec<Entry> = wave.into_iter().map(|(_, act)| entry(act, &newest)).collect();
        let texts: Vec<Vec<u8>> = entries.iter().map(Entry::canonical).collect();
        let fresh = leaf_hashes(&texts);
        for (((place, entry), text), hash) in places.into_iter().zip(entries).zip(texts).zip(fresh) {
            hashes[place] = hash;
            let n = leaves[place].n;
            leaves[place] = leaf(n, &entry, text, &hash);
            if let Some(Object { key, link }) = entry.object
                && link != Link::Apart
            {
                newest.insert(key, hash);
            }
        }
    }
    Ok((leaves, hashes))
}

fn entry(act: Act, newest: &HashMap<String, Hash>) -> Entry {
    let object = act.object.map(|key| {
        let link = match newest.get(&key) {
            _ if !act.changes => Link::Apart,
            None => Link::First,
            Some(hash) => Link::After(*hash),
        };
        Object { key, link }
    });
    let Actor { client, operator, unit, staff_no, purpose, case_no } = act.actor;
    Entry {
        act: act.act,
        at: act.at,
        actor: ledger::Actor { client, operator, unit, staff_no },
        purpose,
        case_no,
        object,
        area: act.area,
        outcome: act.outcome,
        detail: act.detail,
        subject_sm3: None,
    }
}

/// The row of an entry; what can be searched is taken from the entry and nothing else.
pub(super) fn leaf(n: i64, entry: &Entry, text: Vec<u8>, hash: &Hash) -> Leaf {
    let object = entry.object.as_ref();
    Leaf {
        n,
        hash: hex(hash),
        object: object.map(|object| object.key.clone()),
        chained: object.is_some_and(|object| object.link != Link::Apart),
        act: entry.act.clone(),
        at: entry.at,
        client: entry.actor.client.clone(),
        person: entry.actor.operator.clone().or_else(|| entry.actor.staff_no.clone()),
        outcome: entry.outcome.clone(),
        // JSON is UTF-8.
        entry: String::from_utf8(text).unwrap_or_default(),
    }
}
