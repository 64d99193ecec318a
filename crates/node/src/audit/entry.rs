//! One entry, opened for an auditor: what it says, and its way to the signed root, followed here step by step.

use ledger::{Entry, NamedKey, ProofFile, Step, check_proof, hex, inclusion_steps, leaf_hash};
use store::rows::audit as rows;

use super::prove::{last_signed, prove_entry};
use super::stored::int;
use super::{Log, Look};
use crate::NodeError;

/// An entry as it stands, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedEntry {
    /// Number, from 0.
    pub n: u64,
    /// The entry.
    pub entry: Entry,
    /// Its canonical bytes, as text.
    pub text: String,
    /// Leaf hash as computed from the bytes, hex.
    pub leaf: String,
    /// The act on the same certificate before this one, and after it.
    pub around: (Option<u64>, Option<u64>),
    /// How the proof went.
    pub proof: Proving,
}

/// How the proof of an entry went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proving {
    /// No checkpoint covers it yet.
    Waiting(String),
    /// It holds.
    Holds(Box<Evidence>),
    /// It does not hold: the rows were changed, or a key is not the log's.
    Broken(String),
}

/// What proves an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Entries under the checkpoint.
    pub size: u64,
    /// When it was signed, microseconds UTC.
    pub at: i64,
    /// Root of the tree, hex.
    pub root: String,
    /// From the leaf to the root.
    pub steps: Vec<Step>,
    /// Who else signed the checkpoint, where the signature holds.
    pub witnesses: Vec<String>,
    /// What is proven, one Chinese sentence a line.
    pub lines: Vec<String>,
}

impl Log<'_> {
    /// Opens an entry and checks its proof under the last checkpoint with `keys` (the log's own, and those of witnesses). The look
    /// is itself an entry. `None` if there is none of this number.
    ///
    /// # Errors
    /// An entry that does not parse; the rows.
    pub fn audit_entry(
        &self,
        n: u64,
        keys: &[NamedKey],
        look: Look<'_>,
    ) -> Result<Option<OpenedEntry>, NodeError> {
        // A number that no leaf can have is none.
        let Ok(place) = i64::try_from(n) else { return Ok(None) };
        self.note(look, "audit.entry", None, &[("number", n.to_string())])?;
        self.store.read(|session| {
            rows::snapshot(session, |session| {
                let Some(leaf) = rows::leaf(session, place)? else { return Ok(None) };
                let entry = Entry::parse(leaf.entry.as_bytes())?;
                let around = match &leaf.object {
                    Some(object) if leaf.chained => (
                        rows::last_of(session, object, place)?.map(i64::cast_unsigned),
                        rows::next_of(session, object, place)?.map(i64::cast_unsigned),
                    ),
                    _ => (None, None),
                };
                let proof = match last_signed(session) {
                    Err(NodeError::Store(error)) => return Err(error.into()),
                    Err(error) => Proving::Waiting(error.to_string()),
                    Ok(signed) if int(signed.checkpoint().size) <= place => Proving::Waiting(format!(
                        "第 {n} 条尚未进入检查点（最近的检查点有 {} 条），请在下一个检查点之后再取证明。",
                        signed.checkpoint().size
                    )),
                    Ok(signed) => match prove_entry(session, n, &signed) {
                        Err(NodeError::Store(error)) => return Err(error.into()),
                        made => made.and_then(|file| evidence(&file, keys)).map_or_else(
                            |error| Proving::Broken(error.to_string()),
                            |evidence| Proving::Holds(Box::new(evidence)),
                        ),
                    },
                };
                let hash = hex(&leaf_hash(leaf.entry.as_bytes()));
                Ok(Some(OpenedEntry { n, entry, text: leaf.entry, leaf: hash, around, proof }))
            })
        })
    }
}

/// Checks the file as anybody would who has nothing else.
fn evidence(file: &ProofFile, keys: &[NamedKey]) -> Result<Evidence, NodeError> {
    let proven = check_proof(&file.to_text()?, keys)?;
    let leaf = leaf_hash(file.entry.as_bytes());
    // `check_proof` has followed the same steps to the same root.
    let steps = inclusion_steps(&leaf, file.number, proven.checkpoint.size, &file.inclusion);
    Ok(Evidence {
        size: proven.checkpoint.size,
        at: proven.checkpoint.at,
        root: hex(&proven.checkpoint.root),
        steps: steps.unwrap_or_default(),
        witnesses: proven.witnesses.iter().map(|one| one.name.clone()).collect(),
        lines: proven.lines()?,
    })
}
