//! Proofs that stand alone: of one entry, and of a certificate's having none. Whoever gets such a file needs public keys only.

mod absence;
mod entry;

pub use absence::{AbsenceFile, NeverEntered, check_absence};
pub use entry::{ProofFile, Proven, check_proof, prove};
