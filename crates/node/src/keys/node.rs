//! The keys of a node itself, apart from the seal and code keys (`domain.md`, "Who may speak").

use std::sync::Arc;

use gm::SoftwareKeys;
use gm::sm3::hmac_sm3;
use gm::x509::Certificate;
use objects::ObjectKeys;
use store::{PersonalKey, PersonalKeys};
use zeroize::Zeroizing;

use super::KeyFolder;
use crate::{NodeError, files};

/// Label of the key by which the node speaks to others.
pub(super) const NODE: &str = "node";
/// Label of the key that signs the audit log's checkpoints.
pub(super) const LOG: &str = "log";
/// Label of the secret under which personal data and files are encrypted.
pub(super) const DATA: &str = "data";

/// A node's own keys, opened.
pub struct NodeKeys {
    /// Signs requests to other nodes and receipts.
    pub node: Arc<dyn gm::SigningKey>,
    /// The node's certificate, as others enrol it.
    pub certificate: Certificate,
    /// Signs checkpoints.
    pub log: Arc<dyn gm::SigningKey>,
    /// The log's certificate.
    pub log_certificate: Certificate,
    data: Zeroizing<[u8; 32]>,
}

impl KeyFolder {
    /// Opens the node's own keys.
    ///
    /// # Errors
    /// A folder of before nodes existed, a wrong passphrase.
    pub fn node_keys(&self, passphrase: &str) -> Result<NodeKeys, NodeError> {
        let mut keys = SoftwareKeys::new();
        for label in [NODE, LOG] {
            keys.insert(label, self.secret(label, passphrase)?);
        }
        let certificate = |label: &str| -> Result<Certificate, NodeError> {
            let path = self.path.join("nodes").join(format!("{label}.cer"));
            Ok(Certificate::from_der(&files::read(&path)?)?)
        };
        let data = Zeroizing::new(hmac_sm3(
            &self.secret(DATA, passphrase)?.to_bytes()[..],
            b"luzheng data secret 1",
        ));
        Ok(NodeKeys {
            node: gm::KeyProvider::signing_key(&keys, NODE)?.into(),
            certificate: certificate(NODE)?,
            log: gm::KeyProvider::signing_key(&keys, LOG)?.into(),
            log_certificate: certificate(LOG)?,
            data,
        })
    }
}

impl NodeKeys {
    /// Keys of personal values.
    pub fn personal(&self) -> PersonalKeys {
        PersonalKeys::new(PersonalKey::new("d1", &self.data), Vec::new(), &self.data)
    }

    /// Keys of the file store.
    ///
    /// # Errors
    /// Never for one key.
    pub fn objects(&self) -> Result<ObjectKeys, NodeError> {
        let secret = Zeroizing::new(hmac_sm3(&self.data[..], b"luzheng objects sm4"));
        let mut half = Zeroizing::new([0; 16]);
        half.copy_from_slice(&secret[..16]);
        Ok(ObjectKeys::new((1, &half), &[])?)
    }
}
