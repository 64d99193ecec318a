//! SM2 signatures over SM3 (GB/T 32918.2-2016, GB/T 32918.5-2017) with the default user id of GB/T 35276.
//!
//! The curve arithmetic lives in `engine` alone. Its two functions take the digest `e`, so that a faster engine or a
//! device can take its place without any caller noticing.

mod engine;
mod prepared_key;
mod public_key;
mod secret_key;
mod signature;

#[cfg(test)]
mod tests;

pub use prepared_key::PreparedKey;
pub use public_key::{PUBLIC_KEY_LEN, PublicKey, digest, za};
pub use secret_key::SecretKey;
pub use signature::Signature;

/// The user id that every party uses unless agreed otherwise (GB/T 35276-2017 §10).
pub const DEFAULT_ID: &[u8; 16] = b"1234567812345678";

/// Verifies a signature over the digest `e` of [`digest`].
pub fn verify_digest(public_key: &PublicKey, e: &[u8; 32], signature: &Signature) -> bool {
    engine::verify(public_key.point(), e, signature)
}

/// Verifies a signature over a message: `e = SM3(ZA ‖ M)`.
pub fn verify(public_key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    verify_digest(public_key, &digest(public_key, message), signature)
}
