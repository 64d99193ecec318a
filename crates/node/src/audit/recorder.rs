//! Audit rows of reads and nonces of requests, many to a commit: a check is answered only when its row and its nonce are on the
//! disk, and hundreds of requests share one flush.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use link::sign::Seen;
use store::{Session, StoreError, rows};

use super::{Act, line};
use crate::Province;
use crate::client::drop_old_nonces;

/// Acts that share one row at most.
const MOST: usize = 512;
/// Old nonces are dropped at most so often; microseconds.
const SWEEP: i64 = 60_000_000;

/// Told when an act or a nonce is durable, or why it is not.
type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Writes what many callers hand in together: while one group is on its way to the disk, the next one gathers. Cheap to clone.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    province: Arc<Province>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    gathered: Group,
    /// Whoever waits for the group that is being written.
    written: Vec<Done>,
    writing: bool,
    swept: i64,
}

/// What goes into one transaction.
#[derive(Default)]
struct Group {
    acts: Vec<String>,
    nonces: Vec<u8>,
    waiting: Vec<Done>,
    /// Newest instant of what has been handed in.
    now: i64,
}

impl Recorder {
    /// A recorder for the rows of a node.
    pub fn new(province: Arc<Province>) -> Self {
        Self(Arc::new(Shared { province, state: Mutex::default() }))
    }

    /// Hands in an act; `done` is called when it is durable, from a writer's thread.
    pub fn record(&self, act: &Act, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        // Here and not in the transaction: the writer is what all wait for.
        let line = line(act);
        {
            let mut state = lock(&self.0.state);
            state.gathered.acts.push(line);
            state.gathered.waiting.push(Box::new(done));
            state.gathered.now = state.gathered.now.max(act.at);
        }
        self.flush();
    }

    /// Hands in the nonce of a request that came at `now`, microseconds UTC. It goes with the next group: that of the request's own
    /// act, or of anybody's; [`Recorder::flush`] is for a request that records none.
    pub fn note(&self, seen: &Seen, now: i64, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        let mut state = lock(&self.0.state);
        state.gathered.nonces.extend_from_slice(&seen.to_bytes());
        state.gathered.waiting.push(Box::new(done));
        state.gathered.now = state.gathered.now.max(now);
    }

    /// Starts writing what has gathered, unless a group is on its way: then that one's end calls again.
    pub fn flush(&self) {
        {
            let mut state = lock(&self.0.state);
            if state.writing || state.gathered.waiting.is_empty() {
                return;
            }
            state.writing = true;
        }
        // The job lives on for a moment after `end` has let go of the node, so it only borrows it.
        let (taking, ending) = (Arc::downgrade(&self.0), self.clone());
        let mut rows = Rows::default();
        self.0.province.store.write_then(
            move |session| {
                // Taken when the transaction has begun: whoever came while it stood in line is in it too. A second run, after
                // another transaction stood in the way, writes the same.
                if let Some(shared) = taking.upgrade().filter(|_| rows.is_empty()) {
                    rows = Self(shared).take();
                }
                rows.write(session)
            },
            move |done| ending.end(&done),
        );
    }

    /// What has gathered, as rows.
    fn take(&self) -> Rows {
        let mut state = lock(&self.0.state);
        let group = std::mem::take(&mut state.gathered);
        state.written = group.waiting;
        let sweep = group.now - state.swept >= SWEEP;
        if sweep {
            state.swept = group.now;
        }
        drop(state);
        let new_id = || self.0.province.new_id(group.now);
        Rows {
            acts: group.acts.chunks(MOST).map(|acts| (new_id(), acts.join("\n"))).collect(),
            nonces: (!group.nonces.is_empty()).then(|| (new_id(), gm::base64::encode(&group.nonces))),
            now: group.now,
            sweep,
        }
    }

    fn end(self, done: &Result<(), StoreError>) {
        let waiting = {
            let mut state = lock(&self.0.state);
            state.writing = false;
            let mut waiting = std::mem::take(&mut state.written);
            // A transaction that could not even begin has taken nobody: they are told too, rather than tried for ever.
            if waiting.is_empty() {
                waiting = std::mem::take(&mut state.gathered).waiting;
            }
            waiting
        };
        self.flush();
        // Before anybody is told: when the last answer has gone out, nothing here holds the node open any more.
        drop(self);
        for one in waiting {
            one(done.clone());
        }
    }
}

/// A group as it is written.
#[derive(Default)]
struct Rows {
    acts: Vec<(String, String)>,
    nonces: Option<(String, String)>,
    now: i64,
    sweep: bool,
}

impl Rows {
    fn is_empty(&self) -> bool {
        self.acts.is_empty() && self.nonces.is_none()
    }

    fn write(&self, session: &mut Session) -> Result<(), StoreError> {
        if self.sweep {
            drop_old_nonces(session, self.now)?;
        }
        if let Some((id, seen)) = &self.nonces {
            rows::client::put_nonces(session, id, self.now, seen)?;
        }
        rows::audit::append(session, &self.acts)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
