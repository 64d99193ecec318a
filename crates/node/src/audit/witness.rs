//! Witnessing: another node signs our checkpoint after it has seen that it continues the one it signed last (B6).

use gm::SigningKey;
use ledger::{Hash, LedgerError, NamedKey, SignedCheckpoint, consistency_proof};
use serde::{Deserialize, Serialize};
use store::rows::audit as rows;
use store::{Session, Store};

use super::stored::{Stored, checkpoint, int};
use super::{Act, Actor, Log, append};
use crate::NodeError;

/// Asks a witness for its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessRequest {
    /// The checkpoint, with the signatures it has.
    pub note: String,
    /// Size from which the proof leads; 0 before the first checkpoint of this log.
    pub old: u64,
    /// Consistency proof from `old` to the checkpoint's size, Base64.
    #[serde(default)]
    pub proof: Vec<String>,
}

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessAnswer {
    /// Size of the checkpoint that the witness signed last, this one included.
    pub size: u64,
    /// The checkpoint with the witness's signature; absent when the proof does not begin at `size`: ask again from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The witness's side: `name` is the witness's own id, `peers` are the keys of the nodes whose logs it witnesses, `id` a new row key.
/// Its signature leaves only when it is on record that it was given, so that no two histories ever get one.
///
/// # Errors
/// A note that is not signed by a known peer, or does not continue the one signed last (已回退, 已分叉: this refusal is on
/// record too); the key; the rows.
pub fn witness(
    store: &Store,
    name: &str,
    peers: &[NamedKey],
    request: &WitnessRequest,
    key: &dyn SigningKey,
    id: String,
    now: i64,
) -> Result<WitnessAnswer, NodeError> {
    let mut signed = SignedCheckpoint::parse(&request.note)?;
    signed.verify(peers)?;
    let fresh = signed.checkpoint().clone();
    let origin = fresh.origin.clone();
    let before = store.read(|session| rows::witnessed(session, &origin))?;
    let last = checkpoint(before.clone())?;
    let last = last.as_ref().map(SignedCheckpoint::checkpoint);
    if let Some(last) = last {
        if *last == fresh {
            // Asked again: the signature that was given, so that a note does not gather signatures.
            return Ok(WitnessAnswer { size: last.size, note: before });
        }
        if last.size != request.old && fresh.size >= last.size {
            return Ok(WitnessAnswer { size: last.size, note: None });
        }
        if let Err(error) = fresh.check_continues(last, &proof(&request.proof)?) {
            let act = act("refused", &origin, fresh.size, last.size, now);
            store.write(move |session| append(session, id.clone(), std::slice::from_ref(&act)))?;
            return Err(match NodeError::from(error) {
                NodeError::Refused { what, fix } => NodeError::Forked { what, fix },
                other => other,
            });
        }
    }
    let seconds = u64::try_from(now.div_euclid(1_000_000)).unwrap_or_default();
    signed.cosign(name, key, seconds)?;
    let note = signed.to_text()?;
    let act = act("cosigned", &origin, fresh.size, last.map_or(0, |last| last.size), now);
    let (kept, row) = (note.clone(), origin.clone());
    let stored = store.write(move |session| -> Result<bool, NodeError> {
        hold(session)?;
        if rows::witnessed(session, &row)? != before {
            return Ok(false);
        }
        rows::put_witnessed(session, &row, int(fresh.size), fresh.at, &kept)?;
        append(session, id.clone(), std::slice::from_ref(&act))?;
        Ok(true)
    })?;
    if stored {
        Ok(WitnessAnswer { size: signed.checkpoint().size, note: Some(note) })
    } else {
        Err(NodeError::refused(format!("“{origin}”的另一检查点正在见证"), "请稍后重试"))
    }
}

/// One witnessing at a time, by a row that every node has: that of its own tree.
fn hold(session: &mut Session) -> Result<(), NodeError> {
    rows::lock_tree(session)?;
    Ok(())
}

fn act(outcome: &str, origin: &str, size: u64, last: u64, now: i64) -> Act {
    let detail = [("origin", origin.to_owned()), ("size", size.to_string()), ("last", last.to_string())];
    Act {
        act: "audit.witness".into(),
        at: now,
        actor: Actor::node(),
        outcome: outcome.into(),
        detail: detail.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Act::default()
    }
}

fn proof(texts: &[String]) -> Result<Vec<Hash>, NodeError> {
    let wrong = || LedgerError::ProofFile { rule: "一致性证明中的摘要应为 32 字节的 base64" };
    let read = |text: &String| {
        gm::base64::decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)
    };
    Ok(texts.iter().map(read).collect::<Result<_, _>>()?)
}

impl Log<'_> {
    /// What to send to a witness that signed `old` entries last: the last checkpoint and the proof. `None` while there is no checkpoint.
    ///
    /// # Errors
    /// `old` larger than the last checkpoint: this log was rolled back, or the witness speaks of another one. The rows.
    pub fn witness_request(&self, old: u64) -> Result<Option<WitnessRequest>, NodeError> {
        self.store.read(|session| {
            let Some(note) = rows::last_checkpoint(session)? else { return Ok(None) };
            let size = SignedCheckpoint::parse(&note)?.checkpoint().size;
            let proof: Vec<Hash> = consistency_proof(&Stored::new(session), old, size)?;
            let proof = proof.iter().map(|hash| gm::base64::encode(hash)).collect();
            Ok(Some(WitnessRequest { note, old, proof }))
        })
    }

    /// Keeps a witness's signature; `keys` are our own and the witness's.
    ///
    /// # Errors
    /// The note is not the checkpoint of its size with more signatures; the rows.
    pub fn keep_cosigned(&self, note: &str, keys: &[NamedKey]) -> Result<(), NodeError> {
        let signed = SignedCheckpoint::parse(note)?;
        let fresh: Vec<String> = signed.verify(keys)?.witnesses.into_iter().map(|one| one.name).collect();
        let size = int(signed.checkpoint().size);
        let own = self.store.read(|session| rows::checkpoint_within(session, size))?;
        let foreign = || {
            NodeError::refused(
                "见证方送回的检查点与本节点的不同",
                "请向见证方核实，并运行 luzheng audit verify",
            )
        };
        let own = own.ok_or_else(foreign)?;
        let stands = SignedCheckpoint::parse(&own)?;
        let had = stands.verify(keys)?.witnesses;
        if stands.checkpoint() != signed.checkpoint() || !had.iter().all(|one| fresh.contains(&one.name)) {
            return Err(foreign());
        }
        let (note, origin, at) = (note.to_owned(), self.origin.to_owned(), signed.checkpoint().at);
        let kept = self.store.write(move |session| {
            // Also among the witnessed ones, under our own name: how long ago that was is watched.
            rows::put_witnessed(session, &origin, size, at, &note)?;
            rows::replace_checkpoint(session, size, &own, &note)
        })?;
        if kept {
            Ok(())
        } else {
            Err(NodeError::refused("该检查点的签名刚有变动", "请再次请求见证"))
        }
    }

    /// Has a witness sign the last checkpoint: `ask` brings the request to it. Returns the size that it has now signed,
    /// `None` while there is no checkpoint.
    ///
    /// # Errors
    /// What `ask` says; as [`Log::witness_request`] and [`Log::keep_cosigned`].
    pub fn have_witnessed(
        &self,
        old: u64,
        keys: &[NamedKey],
        mut ask: impl FnMut(&WitnessRequest) -> Result<WitnessAnswer, NodeError>,
    ) -> Result<Option<u64>, NodeError> {
        let Some(request) = self.witness_request(old)? else { return Ok(None) };
        let mut answer = ask(&request)?;
        if answer.note.is_none() {
            // It remembers another size than we thought: once more from there.
            let Some(request) = self.witness_request(answer.size)? else { return Ok(None) };
            answer = ask(&request)?;
        }
        let note = answer.note.ok_or_else(|| NodeError::refused("见证方没有签名", "请稍后重试"))?;
        self.keep_cosigned(&note, keys)?;
        Ok(Some(answer.size))
    }
}
