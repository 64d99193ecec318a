//! Audit rows of reads, many to a commit: a check is answered only when its row is on the disk, and hundreds of checks share
//! one flush.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use store::StoreError;

use super::{Act, append};
use crate::Province;

/// Acts that share one row at most.
const MOST: usize = 512;

/// Told when an act is durable, or why it is not.
type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Appends acts of many callers together. The last clone to go lets the thread finish what it has.
#[derive(Clone)]
pub struct Recorder(Sender<(Act, Done)>);

impl Recorder {
    /// Starts the thread that writes.
    pub fn new(province: Arc<Province>) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || write_loop(&province, &receiver));
        Self(sender)
    }

    /// Hands in an act; `done` is called from the recorder's thread.
    pub fn record(&self, act: Act, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        if let Err(refused) = self.0.send((act, Box::new(done))) {
            let (_, done) = refused.0;
            done(Err(StoreError::Closed));
        }
    }
}

fn write_loop(province: &Arc<Province>, receiver: &Receiver<(Act, Done)>) {
    while let Ok(first) = receiver.recv() {
        let (mut acts, mut waiting) = (vec![first.0], vec![first.1]);
        while let Ok((act, done)) = receiver.try_recv() {
            acts.push(act);
            waiting.push(done);
            if acts.len() == MOST {
                break;
            }
        }
        let id = province.new_id(acts[0].at);
        let written: Result<(), StoreError> =
            province.store.write(move |session| append(session, id.clone(), &acts));
        for done in waiting {
            done(written.clone());
        }
    }
}
