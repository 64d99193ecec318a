//! Private keys.

use std::fmt;

use zeroize::Zeroizing;

use super::{PublicKey, Signature, digest, engine};
use crate::{GmError, RngSource};

/// An SM2 private key with its public key. Cleared from memory when dropped; `Debug` shows only the key id.
pub struct SecretKey {
    // Boxed, so that moving the key leaves no copies of the secret on the stack.
    secret: Box<engine::Secret>,
    public_key: PublicKey,
}

impl SecretKey {
    /// From a 32-byte big-endian number in 1..n-2.
    ///
    /// # Errors
    /// [`GmError::SecretKey`] outside that range.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, GmError> {
        let secret = Box::new(engine::Secret::from_bytes(bytes).ok_or(GmError::SecretKey)?);
        let point = secret.point();
        Ok(Self { secret, public_key: PublicKey::from_point(point) })
    }

    /// A new key from 32 random bytes, drawn again while they are out of range (chance 2⁻³²).
    pub fn generate(rng: &mut (impl RngSource + ?Sized)) -> Self {
        let mut bytes = Zeroizing::new([0u8; 32]);
        loop {
            rng.fill(bytes.as_mut_slice());
            if let Ok(key) = Self::from_bytes(&bytes) {
                return key;
            }
        }
    }

    /// The number itself, 32 bytes, for encrypted storage only.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.secret.to_bytes()
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Signs the digest `e` of [`digest`]. Deterministic: the same key and `e` give the same 64 bytes.
    ///
    /// # Errors
    /// [`GmError::SecretKey`] if no usable nonce was found, which chance alone cannot bring about.
    pub fn sign_digest(&self, e: &[u8; 32]) -> Result<Signature, GmError> {
        self.secret.sign(e).ok_or(GmError::SecretKey)
    }

    /// Signs a message: `e = SM3(ZA ‖ M)`.
    ///
    /// # Errors
    /// As for [`SecretKey::sign_digest`].
    pub fn sign(&self, message: &[u8]) -> Result<Signature, GmError> {
        self.sign_digest(&digest(&self.public_key, message))
    }

    #[cfg(test)]
    pub(super) fn sign_with_nonce(&self, e: &[u8; 32], k: &[u8; 32]) -> Option<Signature> {
        self.secret.sign_with_nonce_bytes(e, k)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("key_id", &self.public_key.key_id()).finish_non_exhaustive()
    }
}
