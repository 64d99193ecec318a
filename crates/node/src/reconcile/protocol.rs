//! What the two sides of a comparison say to each other, and who carries it.

use serde::{Deserialize, Serialize};
use store::Store;
use store::rows::reconcile::told::{self, ToldRow};

use super::path::{Level, Path};
use super::tree::{Child, Leaf, StoredTree, TreeReader, fold};
use crate::NodeError;

/// Where the other side is asked.
pub const TARGET: &str = "/api/v1/reconcile/questions";
/// Places in one question at most.
pub const PLACES: usize = 64;
/// Leaves in one reply at most; who asks keeps well below it.
pub const LEAVES: usize = 10_000;

/// One message to the side that is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ask")]
pub enum Question {
    /// The sums below each of these places.
    Children {
        /// At most [`PLACES`].
        paths: Vec<Path>,
    },
    /// The leaves below each of these places: cells or below.
    Leaves {
        /// At most [`PLACES`], with [`LEAVES`] leaves at most.
        paths: Vec<Path>,
    },
    /// No question: what the comparison found, told at its end so that the other side knows of it too.
    Told {
        /// The result.
        result: Told,
    },
}

/// What a comparison found, from the asking side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Watermark of the run, microseconds UTC.
    pub at: i64,
    /// Certificates that the asking side holds.
    pub ours: u64,
    /// Certificates that it was told the other side holds.
    pub theirs: u64,
    /// The asking side's that the other one lacks.
    pub missing: u64,
    /// The other side's that the asking one lacks.
    pub extra: u64,
    /// Held differently.
    pub different: u64,
    /// On their way.
    pub in_flight: u64,
}

/// The answer: one list for each place, in the order of the question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reply")]
pub enum Reply {
    /// To [`Question::Children`].
    Children {
        /// Sums below each place.
        lists: Vec<Vec<Child>>,
    },
    /// To [`Question::Leaves`].
    Leaves {
        /// Leaves below each place.
        lists: Vec<Vec<Leaf>>,
    },
    /// To [`Question::Told`].
    Noted,
}

/// The other side. Each call is one message.
pub trait PeerTree {
    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// The way there, or the other side, fails.
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError>;
}

/// Answers a question about a tree of this store: the ministry's side. Acts that are durable when a comparison begins
/// (at the root) are in the sums that it is told.
///
/// # Errors
/// A question that asks for too much; a database that cannot be read or written.
pub fn answer(store: &Store, tree: &str, question: &Question) -> Result<Reply, NodeError> {
    let mut reader = StoredTree { store, tree };
    let paths = match question {
        Question::Children { paths } | Question::Leaves { paths } => paths,
        Question::Told { result } => return note(store, tree, result),
    };
    if paths.len() > PLACES {
        return Err(NodeError::refused(
            format!("一次询问了 {} 处，最多 {PLACES} 处", paths.len()),
            "请分多次询问",
        ));
    }
    match question {
        Question::Told { .. } => Ok(Reply::Noted),
        Question::Children { .. } => {
            if paths.iter().any(|path| path.level() == Level::Root) {
                fold(store, tree)?;
            }
            Ok(Reply::Children { lists: reader.children(paths)? })
        }
        Question::Leaves { .. } => {
            let lists = reader.leaves(paths)?;
            let leaves: usize = lists.iter().map(Vec::len).sum();
            if leaves > LEAVES {
                return Err(NodeError::refused(
                    format!("一次询问了 {leaves} 证，最多 {LEAVES} 证"),
                    "请分多次询问，或先比对下一级摘要",
                ));
            }
            Ok(Reply::Leaves { lists })
        }
    }
}

/// Keeps what a province told.
fn note(store: &Store, province: &str, result: &Told) -> Result<Reply, NodeError> {
    let int = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let row = ToldRow {
        province: province.to_owned(),
        at: result.at,
        ours: int(result.ours),
        theirs: int(result.theirs),
        missing: int(result.missing),
        extra: int(result.extra),
        different: int(result.different),
        in_flight: int(result.in_flight),
    };
    store.write(move |session| told::put(session, &row))?;
    Ok(Reply::Noted)
}

/// A tree in a store of this process: tests, and a hub that keeps both sides.
pub struct LocalPeer<'a> {
    /// Where.
    pub store: &'a Store,
    /// Which.
    pub tree: &'a str,
}

impl PeerTree for LocalPeer<'_> {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        answer(self.store, self.tree, question)
    }
}

/// A tree behind the other node's interface. Which of its trees is meant it knows from the signature of the request.
pub struct HttpPeer<'a> {
    /// Signed requests, receipts checked.
    pub client: &'a link::http::Client,
    /// Who is behind it.
    pub person: link::sign::Person,
}

impl PeerTree for HttpPeer<'_> {
    fn ask(&mut self, question: &Question) -> Result<Reply, NodeError> {
        let unclear = |error: serde_json::Error| {
            NodeError::refused(format!("对账报文不能读写：{error}"), "请核对双方系统版本")
        };
        let body = serde_json::to_vec(question).map_err(unclear)?;
        let answer = self.client.post(TARGET, &self.person, "application/json", &body);
        let answer = answer.map_err(|error| NodeError::refused(error.to_string(), "恢复后请重新对账"))?;
        serde_json::from_slice(&answer.body).map_err(unclear)
    }
}
