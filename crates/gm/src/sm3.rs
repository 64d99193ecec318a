//! SM3 digest (GB/T 32905-2016) and HMAC-SM3 (GB/T 15852.2).

use hmac::{Hmac, KeyInit, Mac};
use sm3::Digest;

/// Length of a digest in bytes.
pub const DIGEST_LEN: usize = 32;

/// SM3 of one slice.
pub fn sm3(data: &[u8]) -> [u8; DIGEST_LEN] {
    sm3::Sm3::digest(data).into()
}

/// Incremental SM3.
///
/// A clone keeps the state reached so far, so a common prefix such as `ZA` is hashed once and reused.
#[derive(Clone, Default)]
pub struct Sm3(sm3::Sm3);

impl Sm3 {
    /// A fresh state.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in more bytes.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Takes in more bytes and passes the state on, for chains of calls.
    #[must_use]
    pub fn chain(mut self, data: &[u8]) -> Self {
        self.0.update(data);
        self
    }

    /// The digest of all bytes taken in.
    pub fn finish(self) -> [u8; DIGEST_LEN] {
        self.0.finalize().into()
    }
}

/// HMAC-SM3 of `data` under a key of any length.
pub fn hmac_sm3(key: &[u8], data: &[u8]) -> [u8; DIGEST_LEN] {
    // HMAC takes keys of every length (RFC 2104 §2), so this cannot fail; a short key is padded, a long one hashed.
    let mut mac = Hmac::<sm3::Sm3>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// SM3 of many messages, in their order.
pub fn sm3_many(messages: &[&[u8]]) -> Vec<[u8; DIGEST_LEN]> {
    messages.iter().map(|message| sm3(message)).collect()
}
