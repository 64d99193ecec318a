//! The keys that objects are encrypted with.

use gm::sm3::hmac_sm3;
use gm::sm4::{Gcm, NONCE_LEN};
use zeroize::Zeroizing;

use crate::{DIGEST_LEN, ObjectError};

/// Keys by number. New objects are encrypted with the current one; the others open what they once closed.
#[derive(Debug)]
pub struct ObjectKeys {
    current: Key,
    older: Vec<Key>,
}

pub(crate) struct Key {
    pub id: u32,
    pub gcm: Gcm,
    nonces: Zeroizing<[u8; DIGEST_LEN]>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl ObjectKeys {
    /// Prepares keys of 16 bytes; each has a number of its own, for ever.
    ///
    /// # Errors
    /// [`ObjectError::Configuration`] when two keys have one number.
    pub fn new(current: (u32, &[u8; 16]), older: &[(u32, &[u8; 16])]) -> Result<Self, ObjectError> {
        let keys = Self {
            current: Key::new(current.0, current.1),
            older: older.iter().map(|(id, key)| Key::new(*id, key)).collect(),
        };
        let mut ids: Vec<_> = keys.older.iter().map(|key| key.id).chain([keys.current.id]).collect();
        ids.sort_unstable();
        match ids.array_windows().find(|[a, b]| a == b) {
            Some([id, _]) => Err(ObjectError::Configuration {
                rule: format!("编号 {id} 的密钥出现两次，编号应各不相同"),
            }),
            None => Ok(keys),
        }
    }

    pub(crate) fn current(&self) -> &Key {
        &self.current
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Key> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.id == id)
    }
}

impl Key {
    /// Encryption and nonces get keys of their own from the one given.
    fn new(id: u32, key: &[u8; 16]) -> Self {
        let derive = |label: &[u8]| Zeroizing::new(hmac_sm3(key, label));
        let long = derive(b"luzheng objects 1 sm4-gcm");
        let mut short = Zeroizing::new([0; 16]);
        short.copy_from_slice(&long[..16]);
        Self { id, gcm: Gcm::new(&short), nonces: derive(b"luzheng objects 1 nonce") }
    }

    /// The nonce of an object: it depends on key and digest alone, so a redo writes the same bytes.
    ///
    /// GCM forbids one nonce for two plaintexts. Equal digests are equal plaintexts here (checked before writing), so
    /// a repeated nonce repeats the same ciphertext and tells nothing; different digests share these 96 bits of HMAC
    /// with probability below 2⁻³² for up to 2³² objects a key, the bound of SP 800-38D §8 for random nonces.
    pub(crate) fn nonce(&self, sm3: &[u8; DIGEST_LEN]) -> [u8; NONCE_LEN] {
        let mac = hmac_sm3(&*self.nonces, sm3);
        std::array::from_fn(|i| mac[i])
    }
}
