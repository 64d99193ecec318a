//! What a node stands on: data, keys, rules, rows, files.

use std::sync::Arc;

use ::lifecycle::Rules;
use objects::ObjectStore;
use store::{PersonalKeys, Store};

use crate::issue::Works;
use crate::keys::SigningKeys;
use crate::operator::SignInPolicy;
use crate::{Data, Engine, NodeError};

/// A province's node. Shared by every thread that works on it.
pub struct Province {
    /// Its id among nodes (`demo-99`).
    pub id: String,
    /// First two digits of its area codes (`99`).
    pub area: String,
    /// Catalogue and templates.
    pub data: Data,
    /// Prepared templates; nodes of one process may share them.
    pub engine: Arc<Engine>,
    /// Seal and code keys.
    pub keys: SigningKeys,
    /// What may happen to a certificate.
    pub rules: Rules,
    /// Rows.
    pub store: Store,
    /// Sealed files and photos.
    pub objects: Arc<dyn ObjectStore>,
    /// Keys of personal values.
    pub personal: PersonalKeys,
    /// Seals, chains and code keys that are trusted.
    pub verifier: seal::Verifier,
    /// The same trust data for codes, and the packs of other provinces.
    pub shelf: crate::pack::Shelf,
    /// Destinations of collection: one outbox lane each.
    pub lanes: Vec<String>,
    /// Whose turn it was among long work.
    pub turns: crate::job::Turns,
    /// Threads that render and seal.
    pub threads: usize,
    /// How strictly people sign in.
    pub sign_in: SignInPolicy,
    /// Random bytes.
    pub chance: Chance,
    /// Called at each stage of issuing; a simulation crashes there. `None` outside tests.
    pub stages: Option<Stages>,
}

/// Where random bytes come from.
pub type Chance = Box<dyn Fn(&mut [u8]) + Send + Sync>;

/// Called with the name of a stage before it begins (`domain.md`, "Issuing has stages").
pub type Stages = Box<dyn Fn(&'static str) -> Result<(), NodeError> + Send + Sync>;

impl Province {
    pub(crate) fn works(&self) -> Works<'_> {
        Works { data: &self.data, engine: &self.engine, keys: &self.keys }
    }

    /// A new row key at an instant (microseconds UTC).
    pub(crate) fn new_id(&self, now: i64) -> String {
        let mut entropy = [0; 10];
        (self.chance)(&mut entropy);
        store::new_id(now, &entropy)
    }

    pub(crate) fn stage(&self, name: &'static str) -> Result<(), NodeError> {
        self.stages.as_ref().map_or(Ok(()), |stages| stages(name))
    }
}
