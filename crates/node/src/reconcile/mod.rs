//! `reconcile`: do we and the other side hold the same? (R8; M7 M11 M20; `docs/reconcile.md`.)
//!
//! Invariant: a run changes nothing but its own rows; a repair sends what is missing and drafts requests for the rest, and
//! nothing of ours or theirs is ever overwritten. What is on its way (在途) is no difference.

mod compare;
mod difference;
mod list;
mod order;
mod path;
mod protocol;
mod rebuild;
mod report;
mod request;
mod run;
mod shown;
mod sum;
mod tree;

pub use compare::{Comparison, Depth, Pair, compare};
pub use difference::{Class, Difference, Side, field_name};
pub use list::{ItemPeer, ListForm, ListMap, Scope};
pub use order::{Connect, Order, Wish};
pub use path::{Level, Path, slot};
pub use protocol::{HttpPeer, LEAVES, LocalPeer, PLACES, PeerTree, Question, Reply, TARGET, Told, answer};
pub use rebuild::{Rebuilt, rebuild};
pub use report::ReportForm;
pub use request::{Change, Form, Item};
pub use run::{Repaired, Run, Summary};
pub use shown::{COUNTED, Filter, How, Step};
pub use sum::Sum;
pub use tree::{Child, Leaf, OWN, StoredTree, TreeReader, fold, touch, touch_all};
