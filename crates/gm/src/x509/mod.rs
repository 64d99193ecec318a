//! SM2 certificates and revocation lists (RFC 5280 with the algorithms of GB/T 20518): building, strict parsing and
//! path checking.
//!
//! Parsed values keep the exact bytes received, so a signature is always checked over what was signed.

mod certificate;
mod chain;
mod crl;
mod crl_profile;
mod extension;
mod name;
mod profile;
mod signed;

pub use certificate::Certificate;
pub use chain::{ChainError, ChainStore, verify_chain};
pub use crl::{Crl, CrlReason, RevokedEntry};
pub use crl_profile::CrlProfile;
pub use extension::{Extension, KeyUsage, key_identifier};
pub use name::{Name, NameAttribute};
pub use profile::CertificateProfile;
