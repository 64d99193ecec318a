//! The seam between those who need a signature and the place where the key lives.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::GmError;
use crate::sm2::{PublicKey, SecretKey, Signature, digest};

/// A key that can sign. The software kind is here; a password device (GM/T 0018) is another implementation.
pub trait SigningKey: Send + Sync {
    /// The public key.
    fn public_key(&self) -> &PublicKey;

    /// Signs the digest `e = SM3(ZA ‖ M)`. Whether the same `e` gives the same bytes is up to the implementation;
    /// the software one does.
    ///
    /// # Errors
    /// [`GmError::Signing`] if the device fails.
    fn sign_digest(&self, e: &[u8; 32]) -> Result<Signature, GmError>;

    /// The name the key is known by.
    fn label(&self) -> &str;
}

/// Finds keys by label.
pub trait KeyProvider: Send + Sync {
    /// The key with this label.
    ///
    /// # Errors
    /// [`GmError::NoSuchKey`], or [`GmError::Signing`] if the device fails.
    fn signing_key(&self, label: &str) -> Result<Box<dyn SigningKey>, GmError>;
}

/// Signs a message with any key: `e = SM3(ZA ‖ M)`.
///
/// # Errors
/// As for [`SigningKey::sign_digest`].
pub fn sign_message(key: &dyn SigningKey, message: &[u8]) -> Result<Signature, GmError> {
    key.sign_digest(&digest(key.public_key(), message))
}

/// Keys held in memory.
#[derive(Debug, Default)]
pub struct SoftwareKeys {
    keys: BTreeMap<String, Arc<SecretKey>>,
}

impl SoftwareKeys {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key, replacing one with the same label.
    pub fn insert(&mut self, label: impl Into<String>, key: SecretKey) {
        self.keys.insert(label.into(), Arc::new(key));
    }

    /// All labels, sorted.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }
}

impl KeyProvider for SoftwareKeys {
    fn signing_key(&self, label: &str) -> Result<Box<dyn SigningKey>, GmError> {
        let key = self.keys.get(label).ok_or_else(|| GmError::NoSuchKey { label: label.to_owned() })?;
        Ok(Box::new(SoftwareKey { label: label.to_owned(), key: Arc::clone(key) }))
    }
}

/// One key of [`SoftwareKeys`]; the secret itself is shared, not copied.
struct SoftwareKey {
    label: String,
    key: Arc<SecretKey>,
}

impl SigningKey for SoftwareKey {
    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn sign_digest(&self, e: &[u8; 32]) -> Result<Signature, GmError> {
        self.key.sign_digest(e)
    }

    fn label(&self) -> &str {
        &self.label
    }
}
