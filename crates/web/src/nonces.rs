//! Nonces: admitted in memory, made durable in one commit with the audit rows or beside the handler, waited for before the answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use link::sign::{AuthError, Caller, NonceWindow};
use node::audit::Recorder;
use node::{NodeError, Province};
use tokio::sync::oneshot;

/// The memory of nonces.
pub(crate) struct Nonces(Mutex<NonceWindow>);

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
        Ok(Self(Mutex::new(window)))
    }

    /// Nonces remembered.
    pub fn len(&self) -> usize {
        lock(&self.0).len()
    }

    /// Takes in the nonce of a verified request and hands it to the recorder, which makes it durable with its next group.
    pub fn admit(&self, recorder: &Recorder, caller: &Caller, now: i64) -> Result<Ticket, AuthError> {
        let seen = lock(&self.0).admit(caller, now.div_euclid(1_000_000))?;
        let (sender, ticket) = oneshot::channel();
        recorder.note(&seen, now, move |kept| {
            // Nobody waits any more when the connection went away.
            let _ = sender.send(kept.is_ok());
        });
        Ok(ticket)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
