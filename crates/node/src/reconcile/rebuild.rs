//! A tree made anew from the rows that it speaks of: loads it, mends it, and proves that the kept-up one is right.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use store::rows::reconcile::list::{self, FactRow};
use store::rows::reconcile::{self as rows, NodeRow};
use store::{Session, Store};

use super::path::{Level, Path};
use super::sum::Sum;
use super::tree::{Changes, Leaf, OWN, fold_some, node_row, remove, touch_all};
use crate::NodeError;

/// Certificates that one transaction looks at.
const PAGE: u32 = 2_000;
/// Leaves that are folded at once.
const ALL: u32 = 4_000;

/// What a rebuild found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuilt {
    /// Leaves that are right now.
    pub leaves: u64,
    /// Leaves that were wrong or not there.
    pub mended: u64,
    /// Leaves that spoke of nothing.
    pub removed: u64,
    /// Sums that were wrong.
    pub sums: u64,
}

impl Rebuilt {
    /// Was the tree as it should be?
    pub fn was_right(&self) -> bool {
        self.mended == 0 && self.removed == 0 && self.sums == 0
    }
}

/// Brings a tree in line with the rows that it speaks of: `own` with our certificates, any other with the holdings of the
/// province of that name. A tree that was kept up needs nothing. Leaves are mended while acts go on; the sums at the end
/// are recomputed in one transaction that acts wait for (about 2 s per million leaves).
///
/// # Errors
/// A database that cannot be read or written.
pub fn rebuild(store: &Store, tree: &str) -> Result<Rebuilt, NodeError> {
    let mut done = Rebuilt::default();
    let mut after = String::new();
    loop {
        let (name, from) = (tree.to_owned(), after.clone());
        let page = store.write(move |session| mend_leaves(session, &name, &from))?;
        done.leaves += page.leaves;
        done.mended += page.mended;
        match page.last {
            Some(last) => after = last,
            None => break,
        }
    }
    let mut after = String::new();
    loop {
        let (name, from) = (tree.to_owned(), after.clone());
        let (removed, last) = store.write(move |session| remove_strays(session, &name, &from))?;
        done.removed += removed;
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    super::fold(store, tree)?;
    let name = tree.to_owned();
    done.sums = store.write(move |session| mend_sums(session, &name))?;
    Ok(done)
}

struct Page {
    leaves: u64,
    mended: u64,
    last: Option<String>,
}

fn mend_leaves(session: &mut Session, tree: &str, after: &str) -> Result<Page, NodeError> {
    // Else an act could come between reading its certificate here and writing its leaf.
    rows::lock(session, tree)?;
    rows::hold_acts(session)?;
    let right = facts(session, tree, after)?;
    let keys: Vec<String> = right.iter().map(|leaf| leaf.certificate.clone()).collect();
    let held = rows::leaves_of(session, tree, &keys)?.into_iter().map(Leaf::read);
    let held: BTreeMap<String, Leaf> = held.map(|leaf| (leaf.certificate.clone(), leaf)).collect();
    let (leaves, last) = (right.len() as u64, right.last().map(|leaf| leaf.certificate.clone()));
    let wrong: Vec<Leaf> = right
        .into_iter()
        .filter(|leaf| held.get(&leaf.certificate).is_none_or(|held| !held.is_same(leaf)))
        .collect();
    // A leaf never moves to another cell by itself: out with it first.
    let moved = wrong.iter().filter(|leaf| {
        held.get(&leaf.certificate).is_some_and(|held| (&held.month, &held.area) != (&leaf.month, &leaf.area))
    });
    let moved: Vec<String> = moved.map(|leaf| leaf.certificate.clone()).collect();
    if !moved.is_empty() {
        let moved = rows::leaves_of(session, tree, &moved)?;
        remove(session, tree, &moved)?;
    }
    touch_all(session, tree, &wrong)?;
    Ok(Page { leaves, mended: wrong.len() as u64, last })
}

/// The leaves that there should be after a key, a page of them.
fn facts(session: &mut Session, tree: &str, after: &str) -> Result<Vec<Leaf>, NodeError> {
    let facts = match tree {
        OWN => list::facts_after(session, after, PAGE)?,
        _ => list::holdings_after(session, tree, after, PAGE)?,
    };
    let mut leaves: Vec<Leaf> = Vec::with_capacity(facts.len());
    for FactRow { id, month, area, state_seq, version, base, changed_at, sm3 } in facts {
        let files = sm3.split(',').map(str::trim).filter(|sm3| !sm3.is_empty()).map(str::to_owned);
        match leaves.last_mut().filter(|last| last.certificate == id) {
            Some(last) => last.files.extend(files),
            None => {
                let files = files.collect();
                leaves.push(Leaf {
                    certificate: id,
                    month,
                    area,
                    state_seq,
                    version,
                    base,
                    files,
                    changed_at,
                });
            }
        }
    }
    Ok(leaves)
}

fn remove_strays(session: &mut Session, tree: &str, after: &str) -> Result<(u64, Option<String>), NodeError> {
    let held = rows::leaves_after(session, tree, after, PAGE)?;
    let keys: Vec<String> = held.iter().map(|row| row.certificate_id.clone()).collect();
    let known = match tree {
        OWN => list::issued_of(session, &keys)?,
        _ => list::holdings_of(session, tree, &keys)?,
    };
    let known: HashSet<String> = known.into_iter().collect();
    let strays: Vec<_> = held.into_iter().filter(|row| !known.contains(&row.certificate_id)).collect();
    if !strays.is_empty() {
        remove(session, tree, &strays)?;
    }
    Ok((strays.len() as u64, keys.into_iter().last()))
}

/// Recomputes all sums while no act is let in; how many were wrong.
fn mend_sums(session: &mut Session, tree: &str) -> Result<u64, NodeError> {
    rows::lock(session, tree)?;
    rows::hold_acts(session)?;
    while fold_some(session, tree, ALL)? > 0 {}
    let mut changes = Changes::default();
    for cell in rows::cells(session, tree)? {
        // A page of buckets at a time, so that a large cell does not stand in memory whole.
        for first in (0..0x1_0000).step_by(0x1000) {
            for (slot, folded) in rows::folded_in(session, tree, &cell, (first, first + 0xfff))? {
                let sum = Sum::parse(&folded).unwrap_or_default();
                changes.add(&cell, slot, sum, 1);
            }
        }
    }
    let mut right = changes.nodes();
    let mut wrong: Vec<NodeRow> = Vec::new();
    let mut held = rows::all_nodes(session, tree)?;
    held.extend(rows::nodes(session, tree, &[String::new()])?);
    for node in held {
        let path = Path::known(node.path.clone());
        let (sum, leaves) = right.remove(&path).unwrap_or_default();
        if node.digest != sum.to_string() || node.leaves != leaves {
            wrong.push(node_row(&path, sum, leaves));
        }
    }
    wrong.extend(
        right
            .into_iter()
            .filter(|(path, _)| path.level() < Level::Small)
            .map(|(path, (sum, leaves))| node_row(&path, sum, leaves)),
    );
    rows::put_nodes(session, tree, &wrong)?;
    Ok(wrong.len() as u64)
}
