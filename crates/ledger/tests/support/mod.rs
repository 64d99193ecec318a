//! A small log with everything in it, made the way a sequencer makes one.
#![allow(dead_code, clippy::unwrap_used)] // Each test file uses its part; a test may stop loudly.

use std::collections::BTreeMap;

use gm::sm2::SecretKey;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use ledger::*;

pub const ORIGIN: &str = "演示省路证审计";
pub const WITNESS: &str = "部级见证";
/// 2026-11-22T14:00:00+08:00.
pub const START: i64 = 1_795_327_200_000_000;

pub fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("测试", SecretKey::from_bytes(&[seed; 32]).unwrap());
    keys.signing_key("测试").unwrap()
}

pub fn named(name: &str, seed: u8) -> NamedKey {
    NamedKey { name: name.to_owned(), key: key(seed).public_key().clone() }
}

pub fn keys() -> Vec<NamedKey> {
    vec![named(ORIGIN, 1), named(WITNESS, 2)]
}

/// The whole of a log, in memory.
#[derive(Default)]
pub struct Log {
    pub entries: Vec<Vec<u8>>,
    pub nodes: BTreeMap<NodeId, Hash>,
    pub frontier: Frontier,
    pub pages: BTreeMap<PageId, Vec<u8>>,
    pub map_root: Hash,
    pub latest: BTreeMap<Hash, Latest>,
    pub checkpoints: Vec<SignedCheckpoint>,
}

impl Log {
    /// `size` entries, every third a read, over `objects` certificates, a checkpoint every `every` and at the end.
    pub fn new(size: u64, objects: u64, every: u64) -> Self {
        let mut log = Self { map_root: EMPTY_MAP, ..Self::default() };
        for number in 0..size {
            let key = format!("证照-{}", number * 7 % objects);
            log.append(&key, number % 3 == 2);
            if (number + 1) % every == 0 || number + 1 == size {
                log.checkpoint();
            }
        }
        log
    }

    pub fn append(&mut self, key: &str, read: bool) {
        let number = self.frontier.size();
        let place = map_key(key);
        let link = match self.latest.get(&place) {
            _ if read => Link::Apart,
            None => Link::First,
            Some(latest) => Link::After(latest.leaf),
        };
        let entry = entry(number, Some(Object { key: key.to_owned(), link })).canonical();
        let leaf = leaf_hash(&entry);
        self.entries.push(entry);
        self.nodes.extend(self.frontier.append(leaf));
        if !read {
            let change = BTreeMap::from([(place, Latest { number, leaf })]);
            self.latest.extend(change.clone());
            let update = update_map(&self.pages, &self.map_root, &change).unwrap();
            self.map_root = update.root;
            self.pages.extend(update.pages);
        }
    }

    pub fn checkpoint(&mut self) {
        let size = self.frontier.size();
        let previous = self.checkpoints.last().map(|last| last.checkpoint().digest().unwrap());
        let at = START + size as i64 * 1_000_000;
        let origin = ORIGIN.to_owned();
        let checkpoint =
            Checkpoint { origin, size, root: self.frontier.root(), at, previous, map_root: self.map_root };
        let mut signed = checkpoint.sign(&*key(1)).unwrap();
        signed.cosign(WITNESS, &*key(2), at as u64 / 1_000_000 + 1).unwrap();
        self.checkpoints.push(signed);
    }

    pub fn last(&self) -> &SignedCheckpoint {
        self.checkpoints.last().unwrap()
    }

    pub fn export(&self) -> Vec<String> {
        let size = self.entries.len() as u64;
        let mut lines =
            vec![header_line(&Header { origin: ORIGIN.to_owned(), size, every_checkpoint: true })];
        for (number, entry) in (0..).zip(&self.entries) {
            lines.push(entry_line(number, entry, &leaf_hash(entry)).unwrap());
            let here = self.checkpoints.iter().filter(|one| one.checkpoint().size == number + 1);
            lines.extend(here.map(|one| checkpoint_line(one).unwrap()));
        }
        lines.push(end_line(size, self.checkpoints.len() as u64));
        lines
    }
}

pub fn entry(number: u64, object: Option<Object>) -> Entry {
    Entry {
        act: "certificate.change".to_owned(),
        at: START + number as i64,
        actor: Actor { client: "窗口".to_owned(), operator: Some("op-17".to_owned()), ..Actor::default() },
        purpose: Some("年度审验".to_owned()),
        object,
        area: Some("990100".to_owned()),
        outcome: "done".to_owned(),
        detail: BTreeMap::from([("event".to_owned(), format!("ev-{number}"))]),
        ..Entry::default()
    }
}

pub fn join(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.bytes().chain(*b"\n")).collect()
}

pub fn check(bytes: &[u8]) -> Report {
    check_export(bytes, &keys(), None).unwrap()
}
