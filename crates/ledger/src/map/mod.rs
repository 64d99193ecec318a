//! The map of latest entries: for each certificate the number and hash of its newest entry, under one signed root.
//!
//! A sparse Merkle tree over the 256 bits of the key, in which a subtree with a single leaf *is* that leaf. So a path has
//! about log₂ n steps, and the root depends on the content alone, never on the order of the updates. For storage, four
//! levels make a page; a key of three million lies five or six pages deep.

mod page;
mod proof;
mod update;

pub use page::{PAGE_BITS, PageId};
pub use proof::{MapAnswer, MapProof, prove_latest};
pub use update::{Update, update_map};

use gm::sm3::{Sm3, sm3};

use crate::{Hash, LedgerError, node_hash};

/// Root of the empty map, and hash of every empty subtree.
pub const EMPTY_MAP: Hash = [0; 32];

/// The newest entry of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Number of the entry, from 0.
    pub number: u64,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// Reads the stored pages of the map.
pub trait Pages {
    /// Error of the store, which can also say what is wrong here.
    type Error: From<LedgerError>;

    /// The bytes of a page as [`Update`] gave them out, or `None` if there is no such page.
    ///
    /// # Errors
    /// Those of the store.
    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, Self::Error>;
}

impl Pages for std::collections::BTreeMap<PageId, Vec<u8>> {
    type Error = LedgerError;

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.get(id).cloned())
    }
}

/// Where a certificate stands in the map: SM3 of its key's text.
pub fn map_key(object: &str) -> Hash {
    sm3(object.as_bytes())
}

/// Hash of a leaf of the map: `SM3(00 ‖ key ‖ number (8 bytes, big-endian) ‖ leaf hash)`.
fn map_leaf_hash(key: &Hash, latest: &Latest) -> Hash {
    Sm3::new().chain(&[0]).chain(key).chain(&latest.number.to_be_bytes()).chain(&latest.leaf).finish()
}

/// Bit `depth` of a key, from the most significant.
fn bit(key: &Hash, depth: usize) -> bool {
    key[depth / 8] >> (7 - depth % 8) & 1 == 1
}

/// Root of the map with this content, computed without a store. Keys ascend and occur once.
pub fn map_root(content: &[(Hash, Latest)]) -> Hash {
    subtree(content, 0)
}

fn subtree(content: &[(Hash, Latest)], depth: usize) -> Hash {
    match content {
        [] => EMPTY_MAP,
        [(key, latest)] => map_leaf_hash(key, latest),
        // Two different keys part within 256 bits; equal ones would break the promise above, and the last one counts.
        [.., (key, latest)] if depth == 256 => map_leaf_hash(key, latest),
        _ => {
            let (left, right) = content.split_at(content.partition_point(|(key, _)| !bit(key, depth)));
            node_hash(&subtree(left, depth + 1), &subtree(right, depth + 1))
        }
    }
}
