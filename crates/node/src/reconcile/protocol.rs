//! What the two sides of a comparison say to each other, and who carries it.

use serde::{Deserialize, Serialize};
use store::Store;

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
    let (Question::Children { paths } | Question::Leaves { paths }) = question;
    if paths.len() > PLACES {
        return Err(NodeError::refused(
            format!("一次询问了 {} 处，最多 {PLACES} 处", paths.len()),
            "请分多次询问",
        ));
    }
    match question {
        Question::Children { paths } => {
            if paths.iter().any(|path| path.level() == Level::Root) {
                fold(store, tree)?;
            }
            Ok(Reply::Children { lists: reader.children(paths)? })
        }
        Question::Leaves { paths } => {
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
