//! A disk in memory that forgets what was not flushed, for crash tests by seed.
//!
//! A clone is the same disk. A test runs a program over it, lets the power fail with [`Simulated::crash`] (or the
//! process die with [`Simulated::kill`]) and opens it again: files opened before answer with errors from then on,
//! locks are free, and of every write, cut and name that was not flushed the seed decides whether it is kept, lost,
//! torn by sectors of 512 bytes or applied in another order. Time is virtual: only [`Fault::Delay`] makes it pass.

mod state;

use std::any::Any;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile};
use state::{DirChange, FileChange, State};

/// A kind of file operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Call {
    Open,
    List,
    Rename,
    Remove,
    SyncDir,
    Lock,
    Len,
    ReadAt,
    WriteAt,
    Truncate,
    SyncData,
}

/// What goes wrong in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails; a write has written its first half, and what a flush should have flushed is lost for ever.
    Error,
    /// A write stops half way for want of room; any other call fails without an effect.
    DiskFull,
    /// It takes so many microseconds of virtual time.
    Delay(u64),
    /// The power fails during the call (a write may be half done): everything fails until [`Simulated::crash`].
    PowerCut,
}

/// The disk; a clone is the same disk.
#[derive(Debug, Clone, Default)]
pub struct Simulated(Arc<Mutex<State>>);

impl Simulated {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call that comes after `calls` more ones meets the fault; of the kind given, or of any.
    pub fn inject(&self, kind: Option<Call>, calls: u64, fault: Fault) {
        self.state().faults.push((kind, calls, fault));
    }

    /// Takes all faults back that have not happened yet.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Makes [`Call::SyncData`] or [`Call::SyncDir`] a lie that succeeds and flushes nothing, or ends the lie.
    pub fn ignore(&self, kind: Call, on: bool) {
        let mut state = self.state();
        state.ignored.retain(|ignored| *ignored != kind);
        if on {
            state.ignored.push(kind);
        }
    }

    /// Bytes that fit on the disk; `None` for no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Calls so far, failed ones included.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Virtual time in microseconds: the sum of all delays.
    pub fn micros(&self) -> u64 {
        self.state().micros
    }

    /// The power fails, and the machine comes up with what the seed left of the unflushed.
    pub fn crash(&self, seed: u64) {
        self.state().crash(seed);
    }

    /// The process dies and the machine lives: nothing is lost, but what was not flushed is not flushed by this.
    pub fn kill(&self) {
        self.state().restart();
    }

    /// Flips bits of one stored byte, flushed or not, as rot does. Nothing happens beyond the end.
    pub fn rot(&self, name: &str, offset: usize, bits: u8) {
        self.state().rot(name, offset, bits);
    }

    /// One call: counted, then failed, delayed or done by `work`.
    fn call<R>(
        &self,
        generation: u64,
        kind: Call,
        work: impl FnOnce(&mut State, Option<Fault>) -> io::Result<R>,
    ) -> io::Result<R> {
        let mut state = self.state();
        let fault = state.enter(generation, kind)?;
        let result = work(&mut state, fault);
        match fault {
            Some(fault) => fault.fail().and(result),
            None => result,
        }
    }

    fn generation(&self) -> u64 {
        self.state().generation
    }

    /// As [`Self::call`] for what a fault prevents altogether.
    fn whole<R>(
        &self,
        generation: u64,
        kind: Call,
        work: impl FnOnce(&mut State) -> io::Result<R>,
    ) -> io::Result<R> {
        self.call(generation, kind, |state, fault| {
            fault.map_or(Ok(()), Fault::fail)?;
            work(state)
        })
    }
}

impl Fault {
    fn fail(self) -> io::Result<()> {
        match self {
            Self::Delay(_) => Ok(()),
            Self::DiskFull => Err(io::ErrorKind::StorageFull.into()),
            Self::Error => Err(io::Error::other("simulated error")),
            Self::PowerCut => Err(io::Error::other("simulated power cut")),
        }
    }
}

impl Disk for Simulated {
    fn open(&self, name: &str, create: bool) -> io::Result<Arc<dyn DiskFile>> {
        let generation = self.generation();
        let inode = self.whole(generation, Call::Open, |state| match state.names.get(name) {
            Some(inode) => Ok(*inode),
            None if create => Ok(state.create(name)),
            None => Err(io::ErrorKind::NotFound.into()),
        })?;
        Ok(Arc::new(Handle { disk: self.clone(), generation, inode }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.whole(self.generation(), Call::List, |state| Ok(state.names.keys().cloned().collect()))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.whole(self.generation(), Call::Rename, |state| {
            let inode = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
            state.change(DirChange::Rename { from: from.to_owned(), to: to.to_owned(), inode });
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.whole(self.generation(), Call::Remove, |state| {
            state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
            state.change(DirChange::Remove { name: name.to_owned() });
            Ok(())
        })
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.whole(self.generation(), Call::SyncDir, |state| {
            state.sync_dir();
            Ok(())
        })
    }

    fn lock(&self, name: &str) -> io::Result<Box<dyn Any + Send + Sync>> {
        let generation = self.generation();
        self.whole(generation, Call::Lock, |state| match state.locks.iter().any(|held| held == name) {
            true => Err(io::ErrorKind::WouldBlock.into()),
            false => {
                state.locks.push(name.to_owned());
                Ok(())
            }
        })?;
        Ok(Box::new(Held { disk: self.clone(), generation, name: name.to_owned() }))
    }
}

/// A held lock.
struct Held {
    disk: Simulated,
    generation: u64,
    name: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        // The lock of a process that died was released with it.
        if state.generation == self.generation {
            state.locks.retain(|held| *held != self.name);
        }
    }
}

/// An open file of one life of the machine.
struct Handle {
    disk: Simulated,
    generation: u64,
    inode: usize,
}

impl DiskFile for Handle {
    fn len(&self) -> io::Result<u64> {
        self.disk.whole(self.generation, Call::Len, |state| Ok(state.files[self.inode].now.len() as u64))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.disk.whole(self.generation, Call::ReadAt, |state| {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let range = start..start.saturating_add(buffer.len());
            let bytes = state.files[self.inode].now.get(range).ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.call(self.generation, Call::WriteAt, |state, fault| {
            let fails = fault.is_some_and(|fault| fault.fail().is_err());
            let wanted = if fails { bytes.len() / 2 } else { bytes.len() };
            let room = state.room(self.inode, offset).min(wanted as u64) as usize;
            let change = FileChange::Write { offset: offset as usize, bytes: bytes[..room].into() };
            state.files[self.inode].change(change);
            if room < wanted { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.disk.whole(self.generation, Call::Truncate, |state| {
            state.files[self.inode].change(FileChange::SetLen(len as usize));
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.call(self.generation, Call::SyncData, |state, fault| {
            // After a power cut the seed of the crash decides, as for everything that was not flushed.
            if fault != Some(Fault::PowerCut) {
                state.sync_data(self.inode, fault.is_some_and(|fault| fault.fail().is_err()));
            }
            Ok(())
        })
    }
}
