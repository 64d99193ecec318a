//! Who may speak, in memory: looked up on every request, read again when the tables changed.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use node::client::Speakers;
use node::{NodeError, Province};

use crate::App;

/// At most so often is the version of the tables asked for; microseconds.
const EVERY: i64 = 1_000_000;

/// The speakers as last read.
pub(crate) struct SpeakerCache {
    current: RwLock<Arc<Speakers>>,
    checked: AtomicI64,
    healthy: AtomicBool,
}

impl SpeakerCache {
    pub fn load(province: &Province, now: i64) -> Result<Self, NodeError> {
        let speakers = province.speakers(None)?.unwrap_or_default();
        Ok(Self {
            current: RwLock::new(Arc::new(speakers)),
            checked: AtomicI64::new(now),
            healthy: AtomicBool::new(true),
        })
    }

    /// The speakers, at most a second old; and whether the database answered when last asked. One request in a second waits
    /// for the database, the others go on with what is there; so they do while the database is away.
    pub async fn current(&self, app: &App, now: i64) -> (Arc<Speakers>, bool) {
        let checked = self.checked.load(Ordering::Acquire);
        let due = now < checked || now - checked >= EVERY;
        let mine =
            due && self.checked.compare_exchange(checked, now, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if mine {
            let version = self.get().version;
            let read = app.work(move |app| app.province.speakers(Some(version))).await;
            self.healthy.store(read.is_ok(), Ordering::Release);
            if let Ok(Some(speakers)) = read {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(speakers);
            }
        }
        (self.get(), self.healthy.load(Ordering::Acquire))
    }

    /// Is there a speaker with this key?
    pub fn knows(&self, key: &str) -> bool {
        self.get().by_id.contains_key(key)
    }

    fn get(&self) -> Arc<Speakers> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}
