//! Nonces: admitted in memory, made durable in groups beside the handler, waited for before the answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use link::sign::{AuthError, Caller, NonceWindow};
use node::{NodeError, Province};
use tokio::sync::oneshot;

use crate::App;

/// Old groups are dropped at most so often; microseconds.
const SWEEP: i64 = 60_000_000;

/// The memory of nonces.
pub(crate) struct Nonces {
    window: Mutex<NonceWindow>,
    group: Mutex<Group>,
}

/// Nonces that wait to be written. While one group is being written, the next one gathers.
#[derive(Default)]
struct Group {
    seen: Vec<u8>,
    waiters: Vec<oneshot::Sender<bool>>,
    writing: bool,
    swept: i64,
}

/// Says when a nonce is durable: `true`, or `false` when it could not be written.
pub(crate) type Ticket = oneshot::Receiver<bool>;

impl Nonces {
    /// Takes back what was kept before the restart.
    ///
    /// # Errors
    /// A database that cannot be read; more nonces than there is room for.
    pub fn restore(province: &Province, room: (usize, usize), now: i64) -> Result<Self, NodeError> {
        let mut window = NonceWindow::new(room.0, room.1);
        let kept = province.kept_nonces(now)?;
        window.restore(&kept, now.div_euclid(1_000_000)).map_err(|error| NodeError::Refused {
            what: error.to_string(),
            fix: "请调大随机数的记忆上限后重新启动".to_owned(),
        })?;
        Ok(Self { window: Mutex::new(window), group: Mutex::default() })
    }

    /// Nonces remembered.
    pub fn len(&self) -> usize {
        lock(&self.window).len()
    }

    /// Takes in the nonce of a verified request and starts making it durable.
    pub fn admit(&self, app: &App, caller: &Caller, now: i64) -> Result<Ticket, AuthError> {
        let seen = lock(&self.window).admit(caller, now.div_euclid(1_000_000))?;
        let (sender, ticket) = oneshot::channel();
        {
            let mut group = lock(&self.group);
            group.seen.extend_from_slice(&seen.to_bytes());
            group.waiters.push(sender);
        }
        self.flush(app, now);
        Ok(ticket)
    }

    /// Writes what has gathered, unless a group is on its way: then that one's end calls again.
    fn flush(&self, app: &App, now: i64) {
        let mut group = lock(&self.group);
        if group.writing || group.waiters.is_empty() {
            return;
        }
        group.writing = true;
        let sweep = now - group.swept >= SWEEP;
        if sweep {
            group.swept = now;
        }
        let (seen, waiters) = (std::mem::take(&mut group.seen), std::mem::take(&mut group.waiters));
        // `done` may run at once, when the store is closing.
        drop(group);
        let again = app.clone();
        app.province.keep_nonces(&seen, sweep, now, move |kept| {
            lock(&again.nonces.group).writing = false;
            let now = again.now();
            again.nonces.flush(&again, now);
            // Before anybody is told: when the last answer has gone out, nothing here holds the node open any more.
            drop(again);
            for waiter in waiters {
                // Nobody waits any more when the connection went away.
                let _ = waiter.send(kept.is_ok());
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
