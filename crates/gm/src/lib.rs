//! 国密 for the whole product: SM2, SM3, SM4, strict DER, PKCS#8 keys, SM2 X.509 certificates, CRLs and chains.
//!
//! *Invariant*: this crate never touches a file or the network and has neither a clock nor randomness of its own;
//! times and random bytes come in as parameters, and no bytes given to a parser can make it panic. Unsafe code is
//! confined to `sm3/simd.rs` and `sm4/simd.rs`.

pub mod base64;
pub mod der;
mod error;
pub mod oid;
pub mod pem;
pub mod pkcs8;
mod provider;
mod rng;
pub mod sm2;
pub mod sm3;
pub mod sm4;
pub mod x509;

pub use error::GmError;
pub use provider::{KeyProvider, SigningKey, SoftwareKeys, sign_message};
pub use rng::RngSource;
