//! HMAC over SM3 (GB/T 15852.2, RFC 2104).

use zeroize::Zeroizing;

use super::{DIGEST_LEN, Sm3, sm3};

/// A key of HMAC-SM3, taken in once for many messages. Cleared when dropped.
pub(crate) struct HmacKey {
    inner: Sm3,
    outer: Sm3,
}

impl HmacKey {
    /// From a key of any length: a short one is padded, one above 64 bytes hashed (RFC 2104 §2).
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0u8; 64]);
        if key.len() > block.len() {
            block[..DIGEST_LEN].copy_from_slice(&sm3(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        block.iter_mut().for_each(|byte| *byte ^= 0x36);
        let inner = Sm3::new().chain(block.as_slice());
        block.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
        Self { inner, outer: Sm3::new().chain(block.as_slice()) }
    }

    /// HMAC of the parts one after the other.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; DIGEST_LEN] {
        let inner = parts.iter().fold(self.inner.clone(), |state, part| state.chain(part));
        self.outer.clone().chain(&inner.finish()).finish()
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        self.inner.clear();
        self.outer.clear();
    }
}

/// HMAC-SM3 of `data` under a key of any length.
pub fn hmac_sm3(key: &[u8], data: &[u8]) -> [u8; DIGEST_LEN] {
    HmacKey::new(key).mac(&[data])
}

/// PBKDF2 (RFC 8018 §5.2) over HMAC-SM3: the first 32 bytes. `rounds` of 0 count as 1.
pub fn pbkdf2_sm3(password: &[u8], salt: &[u8], rounds: u32) -> Zeroizing<[u8; DIGEST_LEN]> {
    let key = HmacKey::new(password);
    let mut last = Zeroizing::new(key.mac(&[salt, &1u32.to_be_bytes()]));
    let mut out = last.clone();
    for _ in 1..rounds {
        *last = key.mac(&[&last[..]]);
        out.iter_mut().zip(last.iter()).for_each(|(all, one)| *all ^= one);
    }
    out
}
