//! Electronic seals by GB/T 38540-2020 (SES version 4) over OFD packages (GB/T 33190 clause 18): made and verified.
//!
//! Invariant: a file is called valid only when every byte that a reader shows is covered by a signature whose seal, signer,
//! maker, chains, scope and time were all checked; whatever cannot be checked is named in a reason. No bytes make it panic.

mod describe;
mod error;
mod sealer;
mod ses;
mod trust;
mod verify;

pub use error::SealError;
pub use model::Scope;
pub use sealer::{KeyedSeal, Protected, SealProvider, SealRequest, Sealed, TimestampProvider};
pub use ses::{CertList, SealDraft, SealPicture, SesSeal, SesSignature};
pub use trust::{CodeKeyTrust, NodeTrust, SignerTrust, TrustError, TrustStore, refuses};
pub use verify::{FileFacts, FileVerdict, Verifier};
