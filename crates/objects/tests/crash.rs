//! Random histories by seed over a disk that forgets: whatever was acknowledged is readable ever after.
//!
//! The same histories with one kind of flush left out must lose something; so each flush is there for a reason.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use objects::disk::{Call, Fault, Simulated};
use objects::{EmbeddedStore, HEADER_LEN, ObjectStore, Place};
use support::{Random, content, object, open, small};

const HISTORIES: u64 = 400;

/// When a flush is left out.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Open,
    Put,
    Repair,
}

struct History {
    random: Random,
    disk: Simulated,
    without: Option<(Phase, Call)>,
    /// What the database knows: content and place.
    acknowledged: Vec<(Vec<u8>, Place)>,
    /// Contents of calls that failed, which will be tried again.
    failed: Vec<Vec<u8>>,
    made: u64,
}

impl History {
    fn new(seed: u64, without: Option<(Phase, Call)>) -> Self {
        let (random, disk) = (Random(seed), Simulated::new());
        Self { random, disk, without, acknowledged: Vec::new(), failed: Vec::new(), made: 0 }
    }

    fn run(mut self) -> Result<(), String> {
        for _ in 0..5 {
            self.live();
            match self.random.below(3) {
                0 => self.disk.kill(),
                _ => self.disk.crash(self.random.below(u64::from(u32::MAX))),
            }
            // A start without a fault must always succeed, and everything be there.
            self.check()?;
        }
        Ok(())
    }

    /// One life of a process: it starts, works, and meets faults.
    fn live(&mut self) {
        self.fault(12);
        let Some(store) = self.during(Phase::Open, |this| open(&this.disk, small(this.newest())).ok()) else {
            return;
        };
        for _ in 0..self.random.below(7) {
            self.fault(10);
            if self.random.below(5) == 0 && !self.acknowledged.is_empty() {
                self.rot_and_repair(&store);
            } else {
                self.put(&store);
            }
        }
    }

    fn put(&mut self, store: &EmbeddedStore) {
        let mut contents: Vec<Vec<u8>> = (0..1 + self.random.below(4))
            .map(|_| {
                self.made += 1;
                content(self.made, self.random.below(2500) as usize)
            })
            .collect();
        // A redo of what failed, and of something that is stored already.
        contents.extend((self.random.below(2) == 0).then(|| self.failed.pop()).flatten());
        contents.extend(
            (self.random.below(4) == 0).then(|| self.acknowledged.first()).flatten().map(|(c, _)| c.clone()),
        );
        let objects: Vec<_> = contents.iter().map(|content| object(content)).collect();
        match self.during(Phase::Put, |_| store.put_all(&objects)) {
            Ok(places) => self.acknowledged.extend(contents.into_iter().zip(places)),
            Err(_) => self.failed.extend(contents),
        }
    }

    fn rot_and_repair(&mut self, store: &EmbeddedStore) {
        self.disk.clear_faults();
        let which = self.random.below(self.acknowledged.len() as u64) as usize;
        let (content, place) = self.acknowledged[which].clone();
        if store.get(&place, &object(&content).sm3).is_err() {
            return; // The machine is down.
        }
        let Place::Pack { pack, offset, .. } = place else { return };
        let byte = offset as u64 + self.random.below(HEADER_LEN as u64 + content.len() as u64);
        self.disk.rot(&format!("{pack:06}.pack"), byte as usize, 0x10);
        assert!(store.get(&place, &object(&content).sm3).is_err(), "rot at {byte} goes unseen");
        self.during(Phase::Repair, |_| store.repair(&place, &object(&content))).unwrap();
    }

    fn check(&mut self) -> Result<(), String> {
        let store = self.during(Phase::Open, |this| open(&this.disk, small(this.newest())));
        let store = store.map_err(|error| format!("start: {error}"))?;
        for (content, place) in &self.acknowledged {
            let sm3 = object(content).sm3;
            let got = store.get(place, &sm3).map_err(|error| error.to_string())?;
            (got == *content).then_some(()).ok_or("another content")?;
            store.find(&sm3).ok().flatten().ok_or("not found by its digest")?;
        }
        Ok(())
    }

    fn newest(&self) -> Option<Place> {
        self.acknowledged.iter().map(|(_, place)| *place).max()
    }

    /// Often one of the next calls fails in one way or the other.
    fn fault(&mut self, calls: u64) {
        let fault = match self.random.below(8) {
            0 => Fault::Error,
            1 => Fault::DiskFull,
            2 | 3 => Fault::PowerCut,
            4 => Fault::Delay(5000),
            _ => return,
        };
        self.disk.inject(None, self.random.below(calls), fault);
    }

    fn during<R>(&mut self, phase: Phase, work: impl FnOnce(&Self) -> R) -> R {
        let lie = self.without.filter(|(when, _)| *when == phase).map(|(_, call)| call);
        lie.into_iter().for_each(|call| self.disk.ignore(call, true));
        let result = work(self);
        lie.into_iter().for_each(|call| self.disk.ignore(call, false));
        result
    }
}

#[test]
fn nothing_acknowledged_is_ever_lost() {
    for seed in 0..HISTORIES {
        if let Err(error) = History::new(seed, None).run() {
            panic!("seed {seed}: {error}");
        }
    }
}

/// Whether some history loses something without this flush. A process that dies between making a pack and flushing its
/// name is rare, so more histories are tried than above.
fn loses(phase: Phase, call: Call) -> bool {
    (0..10 * HISTORIES).any(|seed| History::new(seed, Some((phase, call))).run().is_err())
}

#[test]
fn the_flush_of_a_batch_is_needed() {
    assert!(loses(Phase::Put, Call::SyncData));
}

#[test]
fn the_flush_of_the_name_of_a_new_pack_is_needed() {
    assert!(loses(Phase::Put, Call::SyncDir));
}

#[test]
fn the_flush_of_the_last_pack_at_the_start_is_needed() {
    assert!(loses(Phase::Open, Call::SyncData));
}

#[test]
fn the_flush_of_the_names_at_the_start_is_needed() {
    assert!(loses(Phase::Open, Call::SyncDir));
}

#[test]
fn the_flush_of_a_repair_is_needed() {
    assert!(loses(Phase::Repair, Call::SyncData));
}
