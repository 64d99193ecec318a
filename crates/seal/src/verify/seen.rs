//! What a verifier has seen hold before, so that a bulk check pays for it once (`ofd.md` §8). Nothing is believed that this
//! verifier has not proven itself. Parts of packages are kept of valid files only, seals and keys of trusted makers and
//! signers only: a stranger can neither put words into the memory nor fill it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use gm::sm2::{PreparedKey, PublicKey};
use gm::sm3::Sm3;
use ofd::package::{Memory, Parsed};
use ofd::zip::{Method, Packed};

/// Packed bytes kept at most.
const MOST_BYTES: usize = 32 << 20;
/// Fingerprints of packed files met once.
const MOST_MET: usize = 100_000;

/// A key's table costs as much as some dozen verifications: worth it from this meeting on.
const WORTH_PREPARING: u32 = 24;

type Fingerprint = (u32, u32, usize);

/// Memory of one verifier.
#[derive(Default)]
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

/// Seals of one signer whose digest is kept half-way.
const MOST_FRONTS: usize = 8;

/// A trusted signer's key: how often met, and its table once that is worth it.
#[derive(Default)]
struct Known {
    met: u32,
    prepared: Option<Arc<PreparedKey>>,
    fronts: Vec<Front>,
}

/// The front of signed data, the seal, and the state of SM3 behind Z_A and it: every signature with a seal begins alike.
struct Front {
    bytes: Box<[u8]>,
    state: Sm3,
}

/// A file as packed, and all that its very bytes prove.
#[derive(Debug)]
struct Part {
    method: Method,
    data: Box<[u8]>,
    content: Content,
}

/// What is worth keeping of a file's content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// SM3 of the content, if a signature refers to it.
    pub sm3: Option<[u8; 32]>,
    /// The tree, if the document's structure needs it.
    pub parsed: Option<Arc<Parsed>>,
    /// The content itself, if it is compared as a whole.
    pub bytes: Option<Arc<[u8]>>,
}

fn fingerprint(packed: &Packed<'_>) -> Fingerprint {
    (packed.crc32, packed.len, packed.data.len())
}

impl Seen {
    /// What is known of a file with the very same packed bytes. The fingerprint only finds the candidate: a stranger can
    /// make another file with the same one. Template artwork and fonts are the same in every certificate of a kind.
    pub fn content(&self, packed: &Packed<'_>) -> Option<&Content> {
        let part = self.parts.get(&fingerprint(packed))?;
        (part.method == packed.method && *part.data == *packed.data).then_some(&part.content)
    }

    /// Remembers proven content of a valid file at the second meeting: a photo never comes twice.
    pub fn learn(&mut self, packed: &Packed<'_>, content: Content) {
        let key = fingerprint(packed);
        if self.parts.contains_key(&key) || self.bytes + packed.data.len() > MOST_BYTES {
            return;
        }
        if self.met.len() >= MOST_MET {
            self.met.clear();
        }
        if self.met.insert(key) {
            return;
        }
        self.bytes += packed.data.len();
        self.parts.insert(key, Part { method: packed.method, data: packed.data.into(), content });
    }

    /// The table of a trusted signer's key, when it has been made, and the digest to verify over `signed`, when its front is
    /// one of those kept.
    pub fn prepared(&self, key: &PublicKey, signed: &[u8]) -> Option<(Arc<PreparedKey>, Option<[u8; 32]>)> {
        let known = self.keys.get(key.as_bytes())?;
        let behind =
            |front: &Front| Some(front.state.clone().chain(signed.strip_prefix(&*front.bytes)?).finish());
        Some((known.prepared.clone()?, known.fronts.iter().find_map(behind)))
    }

    /// Keeps the front of data that this signer has really signed.
    pub fn learn_front(&mut self, key: &PublicKey, front: &[u8]) {
        let Some(known) = self.keys.get_mut(key.as_bytes()) else { return };
        if known.fronts.len() < MOST_FRONTS {
            let state = Sm3::new().chain(&gm::sm2::za(key)).chain(front);
            known.fronts.push(Front { bytes: front.into(), state });
        }
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

/// The memory as the document's reader asks it.
pub(crate) struct Recall<'a>(pub &'a RwLock<Seen>);

impl Memory for Recall<'_> {
    fn recall(&self, packed: &Packed<'_>) -> Option<Arc<Parsed>> {
        self.0.read().ok()?.content(packed)?.parsed.clone()
    }
}
