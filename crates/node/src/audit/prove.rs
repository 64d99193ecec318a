//! Proofs that stand alone: of one entry, or of there being none.

use ledger::{AbsenceFile, MapProof, ProofFile, SignedCheckpoint, map_key, prove, prove_latest};
use store::Session;
use store::rows::audit as rows;

use super::stored::{Stored, checkpoint, int};
use super::{Log, Look};
use crate::NodeError;

/// What is to be proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The entry of a number.
    Leaf(u64),
    /// The newest act on a certificate, or that there is none.
    Latest(String),
}

/// A proof, ready to be given away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Of an entry; for an entry about a certificate also what the map says about it.
    Entry(Box<ProofFile>),
    /// That no act had touched a certificate.
    Absence(Box<AbsenceFile>),
}

impl Proof {
    /// The file's text.
    ///
    /// # Errors
    /// As [`ProofFile::to_text`].
    pub fn to_text(&self) -> Result<String, NodeError> {
        Ok(match self {
            Self::Entry(file) => file.to_text()?,
            Self::Absence(file) => file.to_text()?,
        })
    }
}

impl Log<'_> {
    /// Proves an entry, or a certificate's latest one, under the last checkpoint. The look is itself an entry.
    ///
    /// # Errors
    /// No checkpoint covers it yet; no such entry; damaged rows.
    pub fn audit_prove(&self, subject: &Subject, look: Look<'_>) -> Result<Proof, NodeError> {
        match subject {
            Subject::Leaf(number) => {
                self.note(look, "audit.prove", None, &[("number", number.to_string())])?
            }
            Subject::Latest(object) => self.note(look, "audit.prove", Some(object.clone()), &[])?,
        }
        self.store.read(|session| rows::snapshot(session, |session| prove_here(session, subject)))
    }
}

pub(super) fn prove_here(session: &mut Session, subject: &Subject) -> Result<Proof, NodeError> {
    let signed = last_signed(session)?;
    let size = signed.checkpoint().size;
    match subject {
        Subject::Leaf(number) => Ok(Proof::Entry(Box::new(prove_entry(session, *number, &signed)?))),
        Subject::Latest(object) => match rows::last_of(session, object, int(size))? {
            Some(n) => Ok(Proof::Entry(Box::new(prove_entry(session, n.cast_unsigned(), &signed)?))),
            None => {
                let map = map_proof(session, object, &signed)?;
                Ok(Proof::Absence(Box::new(AbsenceFile { object: object.clone(), map, checkpoint: signed })))
            }
        },
    }
}

/// The last checkpoint, or what to do without one.
pub(super) fn last_signed(session: &mut Session) -> Result<SignedCheckpoint, NodeError> {
    checkpoint(rows::last_checkpoint(session)?)?.ok_or_else(|| {
        NodeError::refused("审计日志还没有检查点，无从证明", "请先签署检查点（luzheng audit checkpoint）")
    })
}

/// The proof of one entry with the map's word about its certificate. The map in the rows is that of the last checkpoint.
pub(super) fn prove_entry(
    session: &mut Session,
    number: u64,
    signed: &SignedCheckpoint,
) -> Result<ProofFile, NodeError> {
    let size = signed.checkpoint().size;
    if number >= size {
        let what = format!("审计日志第 {number} 条不存在，或尚未进入检查点（现有 {size} 条）");
        return Err(NodeError::refused(what, "请核对编号，或在下一个检查点之后重试"));
    }
    let leaf = rows::leaf(session, int(number))?.ok_or_else(|| {
        NodeError::refused(
            format!("审计日志第 {number} 条已被删除"),
            "请保留现场，运行 luzheng audit verify，并报告主管部门",
        )
    })?;
    let map = leaf.object.as_deref().map(|object| map_proof(session, object, signed)).transpose()?;
    prove(&Stored::new(session), number, leaf.entry.as_bytes(), signed, map)
}

fn map_proof(session: &mut Session, object: &str, signed: &SignedCheckpoint) -> Result<MapProof, NodeError> {
    prove_latest(&Stored::new(session), &signed.checkpoint().map_root, &map_key(object))
}
