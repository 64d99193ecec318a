//! What the machine sees, and what is on the platter.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::{Call, Fault};

/// Unit in which a write is torn.
const SECTOR: usize = 512;

/// A change of a file that is not flushed yet.
#[derive(Debug, Clone)]
pub(super) enum FileChange {
    Write { offset: usize, bytes: Arc<[u8]> },
    SetLen(usize),
}

/// A change of names that is not flushed yet.
#[derive(Debug, Clone)]
pub(super) enum DirChange {
    Create { name: String, inode: usize },
    Rename { from: String, to: String, inode: usize },
    Remove { name: String },
}

/// A file: what the processes see, what a power cut leaves for certain, and what lies between.
#[derive(Debug, Default)]
pub(super) struct File {
    pub now: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<FileChange>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub files: Vec<File>,
    pub names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    pending: Vec<DirChange>,
    pub locks: Vec<String>,
    pub faults: Vec<(Option<Call>, u64, Fault)>,
    pub ignored: Vec<Call>,
    pub capacity: Option<u64>,
    pub calls: u64,
    pub micros: u64,
    /// Counts the lives of the machine; a file opened in an earlier one is dead.
    pub generation: u64,
    down: bool,
}

impl FileChange {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                content.resize(content.len().max(end), 0);
                content[*offset..end].copy_from_slice(bytes);
            }
            Self::SetLen(len) => content.resize(*len, 0),
        }
    }

    /// What a power cut leaves of it: all, nothing, or some sectors.
    fn remains(&self, random: &mut Random) -> Vec<Self> {
        match (random.below(4), self) {
            (0, _) => Vec::new(),
            (1, Self::Write { offset, bytes }) => {
                let sectors = bytes.chunks(SECTOR).enumerate().filter(|_| random.below(2) == 0);
                sectors
                    .map(|(i, part)| Self::Write { offset: offset + i * SECTOR, bytes: part.into() })
                    .collect()
            }
            _ => vec![self.clone()],
        }
    }
}

impl DirChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create { name, inode } => drop(names.insert(name.clone(), *inode)),
            Self::Rename { from, to, inode } => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
            Self::Remove { name } => drop(names.remove(name)),
        }
    }
}

impl File {
    pub fn change(&mut self, change: FileChange) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    fn crash(&mut self, random: &mut Random) {
        let mut left: Vec<_> =
            std::mem::take(&mut self.pending).iter().flat_map(|change| change.remains(random)).collect();
        if random.below(2) == 0 {
            for i in (1..left.len()).rev() {
                left.swap(i, random.below(i as u64 + 1) as usize);
            }
        }
        left.iter().for_each(|change| change.apply(&mut self.durable));
        self.now.clone_from(&self.durable);
    }
}

impl State {
    /// Counts a call and finds its fault.
    pub fn enter(&mut self, generation: u64, kind: Call) -> io::Result<Option<Fault>> {
        self.calls += 1;
        if self.down || generation != self.generation {
            return Err(io::Error::other("simulated machine is down"));
        }
        let mut fault = None;
        self.faults.retain_mut(|(wanted, calls, this)| {
            if wanted.is_some_and(|wanted| wanted != kind) {
                return true;
            }
            if *calls == 0 {
                fault = Some(*this);
                return false;
            }
            *calls -= 1;
            true
        });
        match fault {
            Some(Fault::Delay(micros)) => self.micros += micros,
            Some(Fault::PowerCut) => self.down = true,
            _ => {}
        }
        Ok(fault)
    }

    pub fn create(&mut self, name: &str) -> usize {
        let inode = self.files.len();
        self.files.push(File::default());
        self.change(DirChange::Create { name: name.to_owned(), inode });
        inode
    }

    pub fn change(&mut self, change: DirChange) {
        change.apply(&mut self.names);
        self.pending.push(change);
    }

    pub fn sync_dir(&mut self) {
        if !self.ignored.contains(&Call::SyncDir) {
            self.pending.drain(..).for_each(|change| change.apply(&mut self.durable_names));
        }
    }

    /// A flush that fails throws away what it should have flushed, as some systems do.
    pub fn sync_data(&mut self, inode: usize, fails: bool) {
        let file = &mut self.files[inode];
        if fails {
            file.pending.clear();
        } else if !self.ignored.contains(&Call::SyncData) {
            file.pending.drain(..).for_each(|change| change.apply(&mut file.durable));
        }
    }

    /// Bytes that may be written from `offset` on before the disk is full.
    pub fn room(&self, inode: usize, offset: u64) -> u64 {
        let Some(capacity) = self.capacity else { return u64::MAX };
        let used: usize = self.names.values().map(|inode| self.files[*inode].now.len()).sum();
        let inside = (self.files[inode].now.len() as u64).saturating_sub(offset);
        inside + capacity.saturating_sub(used as u64)
    }

    pub fn crash(&mut self, seed: u64) {
        let mut random = Random(seed);
        for change in std::mem::take(&mut self.pending) {
            if random.below(2) == 0 {
                change.apply(&mut self.durable_names);
            }
        }
        self.names.clone_from(&self.durable_names);
        self.files.iter_mut().for_each(|file| file.crash(&mut random));
        self.restart();
    }

    pub fn restart(&mut self) {
        self.generation += 1;
        self.down = false;
        self.locks.clear();
        self.faults.clear();
    }

    pub fn rot(&mut self, name: &str, offset: usize, bits: u8) {
        let Some(inode) = self.names.get(name) else { return };
        let file = &mut self.files[*inode];
        for content in [&mut file.now, &mut file.durable] {
            content.get_mut(offset).into_iter().for_each(|byte| *byte ^= bits);
        }
    }
}

/// SplitMix64: a few bits that depend on the seed alone.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % n
    }
}
