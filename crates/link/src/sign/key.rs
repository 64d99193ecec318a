//! Keys of both kinds, taken in once for many requests.

use std::fmt;

use gm::sm2::{PreparedKey, PublicKey, Signature};
use gm::sm3::{DIGEST_LEN, Sm3, sm3};

use super::{AuthError, Scheme};

/// A shared secret with fewer bytes than this can be guessed.
const SHORTEST_SECRET: usize = 16;

/// A key of HMAC-SM3 (GB/T 15852.2, RFC 2104): the digest states after the padded key, so that a request costs no
/// second look at the key.
#[derive(Clone)]
pub struct HmacKey {
    inner: Sm3,
    outer: Sm3,
}

impl HmacKey {
    /// From a secret of 16 bytes or more; 32 random bytes are usual, above 64 the secret is hashed first (RFC 2104 §2).
    ///
    /// # Errors
    /// [`AuthError::Format`] for a shorter secret.
    pub fn new(secret: &[u8]) -> Result<Self, AuthError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(AuthError::format("客户端密钥", "不得短于 16 字节"));
        }
        let mut block = [0u8; 64];
        if secret.len() > block.len() {
            block[..DIGEST_LEN].copy_from_slice(&sm3(secret));
        } else {
            block[..secret.len()].copy_from_slice(secret);
        }
        let inner = Sm3::new().chain(&block.map(|byte| byte ^ 0x36));
        let outer = Sm3::new().chain(&block.map(|byte| byte ^ 0x5c));
        Ok(Self { inner, outer })
    }

    /// HMAC-SM3 of a message.
    pub fn mac(&self, message: &[u8]) -> [u8; DIGEST_LEN] {
        self.outer.clone().chain(&self.inner.clone().chain(message).finish()).finish()
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(..)")
    }
}

/// What a key id stands for at the receiver.
#[derive(Debug)]
pub enum VerifyingKey {
    /// The secret of an API client.
    Hmac(HmacKey),
    /// The public key of a node's certificate.
    Sm2(PublicKey),
    /// The same with its table (90 KB): for nodes that speak often.
    PreparedSm2(Box<PreparedKey>),
}

impl VerifyingKey {
    /// The scheme that goes with the key.
    pub fn scheme(&self) -> Scheme {
        if matches!(self, Self::Hmac(_)) { Scheme::HmacSm3 } else { Scheme::Sm2 }
    }

    /// Does the signature of the key's own scheme fit the message?
    pub(super) fn fits(&self, message: &[u8], signature: &SignatureValue) -> bool {
        match (self, signature) {
            (Self::Hmac(key), SignatureValue::Mac(mac)) => equal(&key.mac(message), mac),
            (Self::Sm2(key), SignatureValue::Sm2(signature)) => gm::sm2::verify(key, message, signature),
            (Self::PreparedSm2(key), SignatureValue::Sm2(signature)) => key.verify(message, signature),
            _ => false,
        }
    }
}

/// A signature as read from a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignatureValue {
    Mac([u8; DIGEST_LEN]),
    Sm2(Signature),
}

/// Compares in a time that does not depend on where the first difference is.
fn equal(a: &[u8; DIGEST_LEN], b: &[u8; DIGEST_LEN]) -> bool {
    let difference = a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b));
    // Keeps the optimiser from turning the fold into a search for the first difference.
    std::hint::black_box(difference) == 0
}
