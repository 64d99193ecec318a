//! A page: four levels of the map, sixteen slots, the unit that a store reads and writes.

use super::{EMPTY_MAP, Latest, map_leaf_hash};
use crate::hash::hex_of;
use crate::{Hash, LedgerError, node_hash};

/// Levels of the map that one page holds.
pub const PAGE_BITS: usize = 4;

const SLOTS: usize = 1 << PAGE_BITS;

/// Where a page stands: the first `depth` half-bytes of every key below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId {
    depth: u8,
    /// The key's bytes, zero from half-byte `depth` on.
    prefix: Hash,
}

impl PageId {
    /// The page at the top.
    pub const ROOT: Self = Self { depth: 0, prefix: [0; 32] };

    /// The page that lies `depth` (0 to 63) pages below the top on the way to a key. A store may fetch those of depths
    /// 0 to 8 or so in one query before it updates or proves the key.
    pub fn on_path(key: &Hash, depth: u8) -> Self {
        let depth = depth.min(63);
        let mut prefix = *key;
        let whole = usize::from(depth / 2);
        if depth % 2 == 1 {
            prefix[whole] &= 0xF0;
            prefix[whole + 1..].fill(0);
        } else {
            prefix[whole..].fill(0);
        }
        Self { depth, prefix }
    }

    /// The id as a primary key: the depth, then the prefix, two half-bytes a byte; 1 to 33 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.depth];
        bytes.extend_from_slice(&self.prefix[..usize::from(self.depth).div_ceil(2)]);
        bytes
    }

    /// Reads [`PageId::to_bytes`].
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let damaged = LedgerError::Damaged { item: "最新条目映射页号" };
        let Some((&depth, rest)) = bytes.split_first() else { return Err(damaged) };
        let mut prefix = [0; 32];
        let Some(place) = prefix.get_mut(..rest.len()) else { return Err(damaged) };
        place.copy_from_slice(rest);
        let id = Self::on_path(&prefix, depth);
        // One place has one spelling: no depth beyond 63, no bits behind the depth.
        if id.to_bytes() == bytes { Ok(id) } else { Err(damaged) }
    }

    /// Pages above this one.
    pub(super) fn depth(&self) -> u8 {
        self.depth
    }

    /// The error for a page that a slot promises and the store lacks.
    pub(super) fn missing(&self) -> LedgerError {
        LedgerError::MissingPage { page: hex_of(&self.to_bytes()) }
    }
}

/// Half-byte `depth` of a key: the slot of its page at that depth.
pub(super) fn slot_of(key: &Hash, depth: u8) -> usize {
    let byte = key[usize::from(depth / 2)];
    usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 0xF })
}

/// One of sixteen places in a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Slot {
    /// No key below.
    #[default]
    Empty,
    /// One key below.
    Leaf(Hash, Latest),
    /// Two or more keys below: the root of the page there.
    Child(Hash),
}

/// The root of part of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing below.
    Empty,
    /// One leaf, which stands for all levels below.
    Leaf(Hash, Latest),
    /// Two leaves or more, in these slots or below.
    Branch,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) slots: [Slot; SLOTS],
}

impl Page {
    /// Root hash of the page.
    pub(super) fn root(&self) -> Hash {
        part_root(&self.slots)
    }

    /// Two bits a slot (0 empty, 1 leaf, 2 child; slot 0 in the lowest bits of a big-endian word), then the slots' contents.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut kinds = 0u32;
        let mut bytes = vec![0; 4];
        for (place, slot) in self.slots.iter().enumerate() {
            let kind = match slot {
                Slot::Empty => 0,
                Slot::Leaf(key, latest) => {
                    bytes.extend_from_slice(key);
                    bytes.extend_from_slice(&latest.number.to_be_bytes());
                    bytes.extend_from_slice(&latest.leaf);
                    1
                }
                Slot::Child(root) => {
                    bytes.extend_from_slice(root);
                    2
                }
            };
            kinds |= kind << (2 * place);
        }
        bytes[..4].copy_from_slice(&kinds.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        Self::read(bytes).ok_or(LedgerError::Damaged { item: "最新条目映射页" })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kinds, mut rest) = bytes.split_first_chunk::<4>()?;
        let kinds = u32::from_be_bytes(*kinds);
        let mut page = Self::default();
        for (place, slot) in page.slots.iter_mut().enumerate() {
            *slot = match kinds >> (2 * place) & 3 {
                0 => Slot::Empty,
                1 => {
                    let key = take::<32>(&mut rest)?;
                    let number = u64::from_be_bytes(take(&mut rest)?);
                    Slot::Leaf(key, Latest { number, leaf: take(&mut rest)? })
                }
                2 => Slot::Child(take(&mut rest)?),
                _ => return None,
            };
        }
        rest.is_empty().then_some(page)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

/// What stands at the root of these slots.
pub(super) fn part(slots: &[Slot]) -> Part {
    let mut found = Part::Empty;
    for slot in slots {
        found = match (found, slot) {
            (found, Slot::Empty) => found,
            (Part::Empty, Slot::Leaf(key, latest)) => Part::Leaf(*key, *latest),
            _ => return Part::Branch,
        };
    }
    found
}

/// Root hash of a power of two of neighbouring slots.
pub(super) fn part_root(slots: &[Slot]) -> Hash {
    match (part(slots), slots) {
        (Part::Empty, _) => EMPTY_MAP,
        (Part::Leaf(key, latest), _) => map_leaf_hash(&key, &latest),
        (Part::Branch, [Slot::Child(root)]) => *root,
        (Part::Branch, _) => {
            let (left, right) = slots.split_at(slots.len() / 2);
            node_hash(&part_root(left), &part_root(right))
        }
    }
}
