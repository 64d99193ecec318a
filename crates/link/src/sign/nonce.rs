//! Nonces seen in the last ten minutes, so that a request works once.

use std::collections::{HashMap, VecDeque};

use gm::sm3::{Sm3, sm3};

use super::{AuthError, Caller};

/// A nonce is remembered at least so many seconds: the whole time in which its request could pass the clock check.
pub const NONCE_SECONDS: i64 = 600;

/// Nonces are dropped by the generation, so the oldest are up to this much older than [`NONCE_SECONDS`].
const GENERATION_SECONDS: i64 = 120;

/// Generations that can still hold a nonce younger than [`NONCE_SECONDS`].
const GENERATIONS: i64 = NONCE_SECONDS / GENERATION_SECONDS + 1;

/// Length of [`Seen::to_bytes`].
pub const SEEN_LEN: usize = 32;

/// The memory of one nonce, of fixed size. The receiver appends its bytes to a file, or keeps them with the audit
/// row, before it answers; [`NonceWindow::restore`] takes all of them back after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which key: the first 8 bytes of SM3 of its id.
    key: u64,
    /// Which nonce: the first 16 bytes of SM3 of key id, a zero byte and nonce.
    nonce: u128,
    /// When it came, unix seconds of the receiver.
    at: i64,
}

impl Seen {
    fn new(key: &str, nonce: &str, at: i64) -> Self {
        let [key_half, ..] = halves(&sm3(key.as_bytes()));
        // Key ids hold no zero byte, so no two pairs hash the same bytes.
        let [high, low, ..] =
            halves(&Sm3::new().chain(key.as_bytes()).chain(&[0]).chain(nonce.as_bytes()).finish());
        Self { key: key_half, nonce: u128::from(high) << 64 | u128::from(low), at }
    }

    /// Key, nonce and time, big endian.
    pub fn to_bytes(&self) -> [u8; SEEN_LEN] {
        let mut bytes = [0; SEEN_LEN];
        bytes[..8].copy_from_slice(&self.key.to_be_bytes());
        bytes[8..24].copy_from_slice(&self.nonce.to_be_bytes());
        bytes[24..].copy_from_slice(&self.at.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; SEEN_LEN]) -> Self {
        let [key, high, low, at] = halves(bytes);
        Self { key, nonce: u128::from(high) << 64 | u128::from(low), at: at as i64 }
    }
}

/// A digest as four numbers.
fn halves(bytes: &[u8; 32]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|i| u64::from_be_bytes(words[i]))
}

/// Nonces of about the same time.
#[derive(Default)]
struct Generation {
    number: i64,
    /// Key, nonce and arrival.
    seen: HashMap<u128, (u64, i64)>,
    per_key: HashMap<u64, usize>,
}

/// All nonces of the last ten minutes, in bounded memory: 40 to 80 bytes each.
pub struct NonceWindow {
    /// Newest last.
    generations: VecDeque<Generation>,
    len: usize,
    capacity: usize,
    per_key: usize,
}

impl NonceWindow {
    /// An empty window for `capacity` nonces, of which one key may take `per_key`, so that a flood under one key
    /// leaves room for the others.
    pub fn new(capacity: usize, per_key: usize) -> Self {
        Self { generations: VecDeque::new(), len: 0, capacity, per_key }
    }

    /// Nonces remembered now.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Is none remembered?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes in the nonce of a verified request; `now` is unix seconds. What is returned must be durable before the
    /// answer goes out, if a crash is not to make replay possible.
    ///
    /// # Errors
    /// [`AuthError::Replay`] for one seen before, [`AuthError::Full`] if there is no room: forgetting a nonce instead
    /// would let its request in again.
    pub fn admit(&mut self, caller: &Caller, now: i64) -> Result<Seen, AuthError> {
        let seen = Seen::new(&caller.key, &caller.nonce, now);
        self.forget_old(now);
        self.insert(seen)?;
        Ok(seen)
    }

    fn insert(&mut self, seen: Seen) -> Result<(), AuthError> {
        self.open_generation(seen.at);
        if self.generations.iter().any(|generation| generation.seen.contains_key(&seen.nonce)) {
            return Err(AuthError::Replay);
        }
        let of_key: usize =
            self.generations.iter().filter_map(|generation| generation.per_key.get(&seen.key)).sum();
        if of_key >= self.per_key {
            return Err(AuthError::Full { rule: "该密钥 10 分钟内的请求数已达上限" });
        }
        if self.len >= self.capacity {
            return Err(AuthError::Full { rule: "本节点 10 分钟内的请求数已达上限" });
        }
        if let Some(newest) = self.generations.back_mut() {
            newest.seen.insert(seen.nonce, (seen.key, seen.at));
            *newest.per_key.entry(seen.key).or_default() += 1;
            self.len += 1;
        }
        Ok(())
    }

    /// Makes the newest generation the one of `at`. A clock that steps back keeps the newest: nonces then stay longer,
    /// never shorter.
    fn open_generation(&mut self, at: i64) {
        let number = at.div_euclid(GENERATION_SECONDS);
        if self.generations.back().is_none_or(|newest| newest.number < number) {
            self.generations.push_back(Generation { number, ..Generation::default() });
        }
    }

    fn forget_old(&mut self, now: i64) {
        let oldest = now.div_euclid(GENERATION_SECONDS).saturating_sub(GENERATIONS - 1);
        while self.generations.front().is_some_and(|generation| generation.number < oldest) {
            self.len -= self.generations.pop_front().map_or(0, |gone| gone.seen.len());
        }
    }

    /// All nonces, oldest generation first: the bytes of every [`Seen`], one after the other. The same bytes come
    /// about by appending each [`Seen`] as it is admitted.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len * SEEN_LEN);
        for generation in &self.generations {
            for (&nonce, &(key, at)) in &generation.seen {
                bytes.extend_from_slice(&Seen { key, nonce, at }.to_bytes());
            }
        }
        bytes
    }

    /// Takes back what [`NonceWindow::snapshot`] or appended [`Seen`]s hold. Those that are too old at `now` are left
    /// out, and so is a torn end: its request was not answered.
    ///
    /// # Errors
    /// [`AuthError::Full`] if there are more than the window may hold; give it more room rather than go on without.
    pub fn restore(&mut self, bytes: &[u8], now: i64) -> Result<(), AuthError> {
        let (records, _) = bytes.as_chunks::<SEEN_LEN>();
        let mut seen: Vec<Seen> = records.iter().map(Seen::from_bytes).collect();
        seen.retain(|seen| seen.at > now.saturating_sub(NONCE_SECONDS));
        seen.sort_by_key(|seen| seen.at);
        for seen in seen {
            match self.insert(seen) {
                // A nonce that the window holds already needs no second place.
                Ok(()) | Err(AuthError::Replay) => {}
                Err(full) => return Err(full),
            }
        }
        Ok(())
    }
}
