//! Writing to the map: many keys at once, every page on their paths once.

use std::collections::BTreeMap;

use super::page::{Page, Slot, slot_of};
use super::{EMPTY_MAP, Latest, PageId, Pages};
use crate::{Hash, LedgerError};

/// What an update of the map leaves to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The new root.
    pub root: Hash,
    /// New bytes of every page that changed; children stand before their parents.
    pub pages: Vec<(PageId, Vec<u8>)>,
}

/// Sets the latest entry of every given key (see [`super::map_key`]), new or known. `root` is the present root,
/// [`EMPTY_MAP`] in the beginning.
///
/// # Errors
/// A missing or damaged page, also one that does not fit `root`; those of the store.
pub fn update_map<P: Pages + ?Sized>(
    pages: &P,
    root: &Hash,
    changes: &BTreeMap<Hash, Latest>,
) -> Result<Update, P::Error> {
    if changes.is_empty() {
        return Ok(Update { root: *root, pages: Vec::new() });
    }
    let top = if *root == EMPTY_MAP { Page::default() } else { load(pages, &PageId::ROOT, root)? };
    let changes: Vec<(Hash, Latest)> = changes.iter().map(|(key, latest)| (*key, *latest)).collect();
    let mut written = Vec::new();
    let root = rewrite(pages, PageId::ROOT, top, &changes, &mut written)?;
    Ok(Update { root, pages: written })
}

/// Reads a page and checks that it is the one that its parent names, so that no damage is ever signed.
pub(super) fn load<P: Pages + ?Sized>(pages: &P, id: &PageId, root: &Hash) -> Result<Page, P::Error> {
    let bytes = pages.page(id)?.ok_or_else(|| id.missing())?;
    let page = Page::from_bytes(&bytes)?;
    if page.root() != *root {
        return Err(LedgerError::Damaged { item: "最新条目映射页" }.into());
    }
    Ok(page)
}

/// Puts the changes (ascending, all below this page) into the page and those under it; returns its new root.
fn rewrite<P: Pages + ?Sized>(
    pages: &P,
    id: PageId,
    mut page: Page,
    changes: &[(Hash, Latest)],
    written: &mut Vec<(PageId, Vec<u8>)>,
) -> Result<Hash, P::Error> {
    let depth = id.depth();
    for group in changes.chunk_by(|(a, _), (b, _)| slot_of(a, depth) == slot_of(b, depth)) {
        let (key, latest) = group[0];
        let below = || PageId::on_path(&key, depth + 1);
        let slot = &mut page.slots[slot_of(&key, depth)];
        *slot = match *slot {
            Slot::Child(root) => {
                let child = load(pages, &below(), &root)?;
                Slot::Child(rewrite(pages, below(), child, group, written)?)
            }
            Slot::Empty if group.len() == 1 => Slot::Leaf(key, latest),
            Slot::Leaf(old, _) if group.len() == 1 && old == key => Slot::Leaf(key, latest),
            Slot::Empty => Slot::Child(rewrite(pages, below(), Page::default(), group, written)?),
            Slot::Leaf(old, value) => {
                let group = with_old(group, old, value);
                Slot::Child(rewrite(pages, below(), Page::default(), &group, written)?)
            }
        };
    }
    let root = page.root();
    written.push((id, page.to_bytes()));
    Ok(root)
}

/// The changes and the leaf that must make room for them, unless one of them replaces it.
fn with_old(group: &[(Hash, Latest)], old: Hash, value: Latest) -> Vec<(Hash, Latest)> {
    let mut merged = group.to_vec();
    if let Err(place) = merged.binary_search_by_key(&old, |(key, _)| *key) {
        merged.insert(place, (old, value));
    }
    merged
}
