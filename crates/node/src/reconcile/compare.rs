//! Two trees walked down together: equal sums are passed by, unequal ones end in an exact comparison of leaves.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::path::{Level, Path, slot};
use super::protocol::{PLACES, PeerTree, Question, Reply};
use super::sum::Sum;
use super::tree::{Child, Leaf, TreeReader};
use crate::NodeError;

/// A place with so few leaves is compared leaf by leaf.
const FEW: u64 = 256;
/// Leaves that one message asks for, when no single place has more.
const MESSAGE: u64 = 2_000;
/// Places that are named when sums and leaves contradict each other.
const NAMED: usize = 20;

/// A certificate that the two sides hold differently, or only one of them holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its key.
    pub certificate: String,
    /// As we hold it.
    pub ours: Option<Leaf>,
    /// As they hold it.
    pub theirs: Option<Leaf>,
}

/// How a comparison went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Questions asked.
    pub messages: u64,
    /// Leaves that were compared one by one (of the longer side, each place).
    pub compared: u64,
    /// Unequal pairs handed on.
    pub pairs: u64,
    /// Our leaves, by the sums at the top.
    pub ours: u64,
    /// Theirs.
    pub theirs: u64,
    /// Places whose sums differ though their leaves do not: an act came between, or a tree must be rebuilt.
    pub unexplained: Vec<Path>,
}

/// How much is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Equal sums are equal leaves.
    #[default]
    Sums,
    /// Every leaf is asked for and compared, whatever the sums say (`docs/reconcile.md`, "What a sum proves").
    Leaves,
}

/// Compares our tree with the other side's and hands on what is unequal, some pairs at a time. Both are to be folded
/// before. A place that only we hold costs no message.
///
/// # Errors
/// A tree that cannot be read, an answer that is none, whatever `found` says.
pub fn compare(
    ours: &mut dyn TreeReader,
    peer: &mut dyn PeerTree,
    depth: Depth,
    found: &mut dyn FnMut(Vec<Pair>) -> Result<(), NodeError>,
) -> Result<Comparison, NodeError> {
    let mut walk =
        Walk { ours, peer, depth, found, done: Comparison::default(), open: Vec::new(), few: Vec::new() };
    walk.open.push(Place { path: Path::root(), ours: 1, theirs: 1, differs: false });
    // The last ones first: what is open stays short.
    while !walk.open.is_empty() {
        let batch = walk.open.split_off(walk.open.len().saturating_sub(PLACES));
        walk.down(batch)?;
        walk.leaves(false)?;
    }
    walk.leaves(true)?;
    Ok(walk.done)
}

/// A place that is still to be looked into.
struct Place {
    path: Path,
    ours: u64,
    theirs: u64,
    differs: bool,
}

struct Walk<'a> {
    ours: &'a mut dyn TreeReader,
    peer: &'a mut dyn PeerTree,
    depth: Depth,
    found: &'a mut dyn FnMut(Vec<Pair>) -> Result<(), NodeError>,
    done: Comparison,
    open: Vec<Place>,
    few: Vec<Place>,
}

impl Walk<'_> {
    fn down(&mut self, batch: Vec<Place>) -> Result<(), NodeError> {
        let paths: Vec<Path> = batch.iter().map(|place| place.path.clone()).collect();
        let asked: Vec<Path> =
            batch.iter().filter(|place| place.theirs > 0).map(|place| place.path.clone()).collect();
        let mut theirs = self.ask_children(&asked)?.into_iter();
        let ours = self.ours.children(&paths)?;
        for (place, ours) in batch.iter().zip(ours) {
            let theirs = if place.theirs > 0 { theirs.next().unwrap_or_default() } else { Vec::new() };
            if place.path.level() == Level::Root {
                self.done.ours = ours.iter().map(|child| child.leaves).sum();
                self.done.theirs = theirs.iter().map(|child| child.leaves).fold(0, u64::saturating_add);
            }
            self.sort(ours, theirs);
        }
        Ok(())
    }

    /// Which of these places must be looked into, and how.
    fn sort(&mut self, ours: Vec<Child>, theirs: Vec<Child>) {
        let mut both: BTreeMap<Path, [(Sum, u64); 2]> = BTreeMap::new();
        for (side, children) in [ours, theirs].into_iter().enumerate() {
            for child in children {
                both.entry(child.path).or_default()[side] = (child.digest, child.leaves);
            }
        }
        for (path, [ours, theirs]) in both {
            let differs = ours != theirs;
            if !differs && self.depth == Depth::Sums {
                continue;
            }
            // A sum without leaves is a broken tree: it must be looked into as if it had some.
            let count = |(digest, leaves): (Sum, u64)| leaves.max(u64::from(digest != Sum::default()));
            let place = Place { ours: count(ours), theirs: count(theirs), differs, path };
            let few = place.path.level() >= Level::Cell && place.ours.max(place.theirs) <= FEW;
            match few || place.path.level() == Level::Small {
                true => self.few.push(place),
                false => self.open.push(place),
            }
        }
    }

    /// Compares leaves, as many as one message may ask for; what would leave a message half empty waits unless `all`.
    fn leaves(&mut self, all: bool) -> Result<(), NodeError> {
        loop {
            let (mut taken, mut weight) = (0, 0_u64);
            for place in &self.few {
                let more = weight.saturating_add(place.ours.max(place.theirs));
                if taken == PLACES || (taken > 0 && more > MESSAGE) {
                    break;
                }
                (taken, weight) = (taken + 1, more);
            }
            if taken == 0 || (taken == self.few.len() && taken < PLACES && !all) {
                return Ok(());
            }
            let batch: Vec<Place> = self.few.drain(..taken).collect();
            self.exactly(batch)?;
        }
    }

    fn exactly(&mut self, batch: Vec<Place>) -> Result<(), NodeError> {
        let paths: Vec<Path> = batch.iter().map(|place| place.path.clone()).collect();
        let asked: Vec<Path> =
            batch.iter().filter(|place| place.theirs > 0).map(|place| place.path.clone()).collect();
        // Theirs first: what we send meanwhile makes us newer, never them.
        let mut theirs = self.ask_leaves(&asked)?.into_iter();
        let ours = self.ours.leaves(&paths)?;
        let mut pairs = Vec::new();
        for (place, ours) in batch.into_iter().zip(ours) {
            let theirs = if place.theirs > 0 { theirs.next().unwrap_or_default() } else { Vec::new() };
            self.done.compared += ours.len().max(theirs.len()) as u64;
            let before = pairs.len();
            unequal(ours, theirs, &mut pairs);
            if place.differs && pairs.len() == before && self.done.unexplained.len() < NAMED {
                self.done.unexplained.push(place.path);
            }
        }
        self.done.pairs += pairs.len() as u64;
        if pairs.is_empty() { Ok(()) } else { (self.found)(pairs) }
    }

    fn ask_children(&mut self, paths: &[Path]) -> Result<Vec<Vec<Child>>, NodeError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        self.done.messages += 1;
        let Reply::Children { lists } = self.peer.ask(&Question::Children { paths: paths.to_vec() })? else {
            return Err(bad("应答的不是摘要"));
        };
        check(paths, &lists, |path, child| {
            (child.path.parent().as_ref() == Some(path)).then_some(child.path.as_str())
        })?;
        Ok(lists)
    }

    fn ask_leaves(&mut self, paths: &[Path]) -> Result<Vec<Vec<Leaf>>, NodeError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        self.done.messages += 1;
        let Reply::Leaves { lists } = self.peer.ask(&Question::Leaves { paths: paths.to_vec() })? else {
            return Err(bad("应答的不是证照清单"));
        };
        check(paths, &lists, |path, leaf| {
            let (cell, (first, last)) = path.slots()?;
            let is_there = Path::cell(&leaf.month, &leaf.area).ok()?.as_str() == cell;
            let slot = slot(&leaf.certificate);
            (is_there && (first..=last).contains(&slot)).then_some(leaf.certificate.as_str())
        })?;
        Ok(lists)
    }
}

/// An answer that speaks of other places than asked, or of one thing twice, could hide a difference.
fn check<T>(
    paths: &[Path],
    lists: &[Vec<T>],
    key: impl for<'a> Fn(&Path, &'a T) -> Option<&'a str>,
) -> Result<(), NodeError> {
    if paths.len() != lists.len() {
        return Err(bad(&format!("问了 {} 处，答了 {} 处", paths.len(), lists.len())));
    }
    for (path, list) in paths.iter().zip(lists) {
        let mut seen = HashSet::with_capacity(list.len());
        for one in list {
            match key(path, one) {
                Some(key) if seen.insert(key) => {}
                Some(key) => return Err(bad(&format!("“{path}”中“{key}”出现两次"))),
                None => return Err(bad(&format!("“{path}”的应答中有不属于该处的内容"))),
            }
        }
    }
    Ok(())
}

fn bad(what: &str) -> NodeError {
    NodeError::refused(format!("对方的对账应答不合协议：{what}"), "请核对双方系统版本；仍有问题请联系对方")
}

fn unequal(ours: Vec<Leaf>, theirs: Vec<Leaf>, pairs: &mut Vec<Pair>) {
    let mut theirs: BTreeMap<String, Leaf> =
        theirs.into_iter().map(|leaf| (leaf.certificate.clone(), leaf)).collect();
    for our in ours {
        match theirs.remove(&our.certificate) {
            Some(their) if our.is_same(&their) => {}
            their => {
                pairs.push(Pair { certificate: our.certificate.clone(), ours: Some(our), theirs: their })
            }
        }
    }
    pairs.extend(theirs.into_iter().map(|(certificate, their)| Pair {
        certificate,
        ours: None,
        theirs: Some(their),
    }));
}
