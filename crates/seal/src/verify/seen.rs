//! What a verifier has seen hold before, so that a bulk check pays for it once (`ofd.md` §8). Nothing that a stranger
//! sends can fill the memory, and nothing is believed that was not proven by this verifier.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gm::sm2::{PreparedKey, PublicKey};
use ofd::zip::{Method, Packed};

/// Packed bytes kept at most.
const MOST_BYTES: usize = 32 << 20;
/// Fingerprints of packed files met once.
const MOST_MET: usize = 100_000;
/// Smaller files are digested faster than looked up.
const LEAST_LEN: u32 = 1024;

/// A key's table costs as much as some dozen verifications: worth it from this meeting on.
const WORTH_PREPARING: u32 = 24;

type Fingerprint = (u32, u32, usize);

/// Memory of one verifier.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Trusted makers' seals, as received, whose signature holds.
    pub seals: HashSet<Box<[u8]>>,
    /// Places in the trust data of revocation lists whose signature holds.
    pub crls: HashSet<usize>,
    /// SM3 of (trusted certificate, usage, day) whose chain holds.
    pub chains: HashSet<[u8; 32]>,
    met: HashSet<Fingerprint>,
    parts: HashMap<Fingerprint, Part>,
    bytes: usize,
    keys: HashMap<[u8; 65], Known>,
}

/// A trusted signer's key: how often met, and its table once that is worth it.
#[derive(Debug, Default)]
struct Known {
    met: u32,
    prepared: Option<Arc<PreparedKey>>,
}

#[derive(Debug)]
struct Part {
    method: Method,
    data: Box<[u8]>,
    sm3: [u8; 32],
}

fn fingerprint(packed: &Packed<'_>) -> Fingerprint {
    (packed.crc32, packed.len, packed.data.len())
}

impl Seen {
    /// The SM3 of a packed file's content, if the very same packed bytes were proven before. Template artwork and fonts
    /// are the same in every certificate of a kind.
    pub fn digest(&self, packed: &Packed<'_>) -> Option<[u8; 32]> {
        let part = self.parts.get(&fingerprint(packed))?;
        (part.method == packed.method && *part.data == *packed.data).then_some(part.sm3)
    }

    /// Is it worth telling [`Seen::learn`] about this file?
    pub fn wants(packed: &Packed<'_>) -> bool {
        packed.len >= LEAST_LEN
    }

    /// Remembers a proven digest at the second meeting: a photo never comes twice.
    pub fn learn(&mut self, packed: &Packed<'_>, sm3: [u8; 32]) {
        let key = fingerprint(packed);
        if self.met.len() >= MOST_MET {
            self.met.clear();
        }
        if self.met.insert(key)
            || self.bytes + packed.data.len() > MOST_BYTES
            || self.parts.contains_key(&key)
        {
            return;
        }
        self.bytes += packed.data.len();
        self.parts.insert(key, Part { method: packed.method, data: packed.data.into(), sm3 });
    }

    /// The table of a trusted signer's key, when it has been made.
    pub fn prepared(&self, key: &PublicKey) -> Option<Arc<PreparedKey>> {
        self.keys.get(key.as_bytes())?.prepared.clone()
    }

    /// Counts a meeting with a trusted signer's key (strangers' keys are not kept) and makes its table in time.
    pub fn meet(&mut self, key: &PublicKey) {
        let known = self.keys.entry(*key.as_bytes()).or_default();
        known.met += 1;
        if known.met >= WORTH_PREPARING && known.prepared.is_none() {
            known.prepared = Some(Arc::new(PreparedKey::new(key)));
        }
    }
}
