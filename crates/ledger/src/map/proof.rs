//! Proofs that a key has this latest entry, or none.

use serde::{Deserialize, Serialize};

use super::page::{Page, Part, Slot, part, part_root, slot_of};
use super::update::load;
use super::{EMPTY_MAP, Latest, PageId, Pages, bit, map_leaf_hash};
use crate::hash::{from_base64, to_base64};
use crate::{Hash, LedgerError, node_hash};

/// Longest way from the root: one step for each bit of a key.
const MAX_STEPS: usize = 256;

/// What a proof shows about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapAnswer {
    /// The key's latest entry.
    Present(Latest),
    /// The key has no entry.
    Absent,
}

/// The way from the root to where a key is, or would be. In JSON the hashes are base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Spelled", try_from = "Spelled")]
pub struct MapProof {
    /// The other child at each step, from the root downwards.
    siblings: Vec<Hash>,
    /// The leaf at the end of the way: the key's own, another one, or none.
    end: Option<(Hash, Latest)>,
}

/// Proves what the map with this root says about a key; reads one page for every four levels.
///
/// # Errors
/// A missing or damaged page; those of the store.
pub fn prove_latest<P: Pages + ?Sized>(pages: &P, root: &Hash, key: &Hash) -> Result<MapProof, P::Error> {
    let mut siblings = Vec::new();
    if *root == EMPTY_MAP {
        return Ok(MapProof { siblings, end: None });
    }
    let mut page: Page = load(pages, &PageId::ROOT, root)?;
    // Two keys part within 64 half-bytes, so the last page has leaves and empty slots only.
    for depth in 0..64 {
        let mut slots = &page.slots[..];
        let mut place = slot_of(key, depth);
        while slots.len() > 1 && part(slots) == Part::Branch {
            let (left, right) = slots.split_at(slots.len() / 2);
            let (own, other) = if place < left.len() { (left, right) } else { (right, left) };
            place %= left.len();
            siblings.push(part_root(other));
            slots = own;
        }
        match (part(slots), slots) {
            (Part::Empty, _) => return Ok(MapProof { siblings, end: None }),
            (Part::Leaf(other, latest), _) => return Ok(MapProof { siblings, end: Some((other, latest)) }),
            (Part::Branch, [Slot::Child(below), ..]) => {
                page = load(pages, &PageId::on_path(key, depth + 1), below)?
            }
            (Part::Branch, _) => break,
        }
    }
    Err(LedgerError::Damaged { item: "最新条目映射页" }.into())
}

impl MapProof {
    /// Checks the proof against a root and says what it shows about a key; `None` if it does not hold.
    pub fn verify(&self, root: &Hash, key: &Hash) -> Option<MapAnswer> {
        let steps = self.siblings.len();
        if steps > MAX_STEPS {
            return None;
        }
        let (mut hash, answer) = match &self.end {
            None => (EMPTY_MAP, MapAnswer::Absent),
            Some((other, latest)) if other == key => {
                (map_leaf_hash(key, latest), MapAnswer::Present(*latest))
            }
            Some((other, latest)) => {
                // Another leaf shows that the key is absent only where the key itself would stand.
                if (0..steps).any(|depth| bit(other, depth) != bit(key, depth)) {
                    return None;
                }
                (map_leaf_hash(other, latest), MapAnswer::Absent)
            }
        };
        for (depth, sibling) in self.siblings.iter().enumerate().rev() {
            hash = if bit(key, depth) { node_hash(sibling, &hash) } else { node_hash(&hash, sibling) };
        }
        (hash == *root).then_some(answer)
    }
}

/// The JSON form of a proof.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    siblings: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<SpelledLeaf>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpelledLeaf {
    key: String,
    n: u64,
    leaf: String,
}

impl From<MapProof> for Spelled {
    fn from(proof: MapProof) -> Self {
        let end = proof.end.map(|(key, latest)| SpelledLeaf {
            key: gm::base64::encode(&key),
            n: latest.number,
            leaf: gm::base64::encode(&latest.leaf),
        });
        Self { siblings: to_base64(&proof.siblings), end }
    }
}

impl TryFrom<Spelled> for MapProof {
    type Error = LedgerError;

    fn try_from(spelled: Spelled) -> Result<Self, LedgerError> {
        const RULE: &str = "映射证明中的摘要应为 32 字节的 base64";
        let siblings =
            spelled.siblings.iter().map(|text| from_base64(text, RULE)).collect::<Result<_, _>>()?;
        let end = match spelled.end {
            None => None,
            Some(SpelledLeaf { key, n, leaf }) => {
                Some((from_base64(&key, RULE)?, Latest { number: n, leaf: from_base64(&leaf, RULE)? }))
            }
        };
        Ok(Self { siblings, end })
    }
}
