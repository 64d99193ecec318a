//! The tamper-evident audit log (审计日志): entries, their Merkle tree, signed checkpoints, the map of each
//! certificate's latest entry, and the checker that believes nothing but a public key (`docs/ledger-format.md`).
//!
//! Invariant: nothing here reads or writes a store, asks for time or randomness, or accepts bytes in more than one spelling.

mod checkpoint;
mod entry;
mod error;
mod export;
mod hash;
mod map;
mod proof_file;
mod tree;

pub use checkpoint::{Checkpoint, Cosigned, NamedKey, SignedCheckpoint, Verified};
pub use entry::{Actor, Entry, Link, Object};
pub use error::LedgerError;
pub use export::{
    Header, Issue, IssueCode, Report, Rollback, check_export, checkpoint_line, end_line, entry_line,
    header_line,
};
pub use hash::{Hash, hex, leaf_hash, leaf_hashes, node_hash, parse_hex};
pub use map::{
    EMPTY_MAP, Latest, MapAnswer, MapProof, PAGE_BITS, PageId, Pages, Update, map_key, map_root,
    prove_latest, update_map,
};
pub use proof_file::{AbsenceFile, NeverEntered, ProofFile, Proven, check_absence, check_proof, prove};
pub use tree::{
    Frontier, NodeId, Nodes, RECOMPUTED_LEVELS, Step, consistency_nodes, consistency_proof, inclusion_nodes,
    inclusion_proof, inclusion_steps, verify_consistency, verify_inclusion,
};
