//! SHA-256 and HMAC for the request signatures of S3, over the crate that the product has already.

use hmac::{Hmac, KeyInit, Mac};
use object_store::client::{
    CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm,
};
use object_store::{Error, Result};
use sha2::{Digest, Sha256};

/// Digests by the crate `sha2`; no signatures, which S3 does not ask for.
#[derive(Debug)]
pub(super) struct Provider;

fn unsupported() -> Error {
    Error::NotSupported { source: "only SHA-256 and HMAC-SHA-256".into() }
}

impl CryptoProvider for Provider {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Running(Sha256::new(), [0; 32]))),
            _ => Err(unsupported()),
        }
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| unsupported())?;
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Running(mac, [0; 32]))),
            _ => Err(unsupported()),
        }
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        Err(unsupported())
    }
}

/// A state and, when finished, its result.
struct Running<S>(S, [u8; 32]);

impl DigestContext for Running<Sha256> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.1 = self.0.finalize_reset().into();
        Ok(&self.1)
    }
}

impl HmacContext for Running<Hmac<Sha256>> {
    fn update(&mut self, data: &[u8]) {
        Mac::update(&mut self.0, data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.1 = self.0.clone().finalize().into_bytes().into();
        Ok(&self.1)
    }
}
