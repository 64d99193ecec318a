//! What the record said of a certificate at an instant, with what proves it (B7; `domain.md`, "Audit log").
//!
//! The proof needs no old map. Under the last checkpoint it shows the act that was the newest at T, and that nothing came between it and T:
//! either the next act, which names it as its previous one and is later than T, or the signed map, in which it is still the newest.

use ledger::{Hash, Link, MapAnswer, NamedKey, ProofFile, Proven, check_absence, check_proof, leaf_hash};
use lifecycle::State;
use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::{audit as rows, certificate};

use super::Actor;
use super::prove::{Subject, last_signed, prove_entry, prove_here};
use super::stored::int;
use crate::lifecycle::history_of;
use crate::{NodeError, Province};

/// The answer about one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AsOf {
    /// Key of the certificate.
    pub certificate: String,
    /// The instant asked for, microseconds UTC.
    pub at: i64,
    /// The state as recorded; absent if the certificate was not on record yet.
    pub state: Option<State>,
    /// Number of the log's entry of the newest act at that instant.
    pub leaf: Option<u64>,
    /// What proves it; absent while no checkpoint covers what it needs.
    pub proof: Option<AsOfProof>,
    /// A Chinese sentence when there is no proof yet, or the log and the record differ.
    pub note: Option<String>,
}

/// Proof files; each stands alone, together they leave no gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOfProof {
    /// The newest act at T.
    pub act: Option<String>,
    /// The first act after T.
    pub next: Option<String>,
    /// That there is no act at all.
    pub none: Option<String>,
}

/// Version of [`AsOfFile`].
const VERSION: u8 = 1;

/// The proof of an instant as a file that stands alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOfFile {
    luzheng_as_of: u8,
    /// Key of the certificate.
    pub certificate: String,
    /// The instant, microseconds UTC.
    pub at: i64,
    /// What proves it.
    pub proof: AsOfProof,
}

impl AsOf {
    /// The file, where there is a proof.
    pub fn file(&self) -> Option<String> {
        let proof = self.proof.clone()?;
        let file =
            AsOfFile { luzheng_as_of: VERSION, certificate: self.certificate.clone(), at: self.at, proof };
        // Text and numbers: serde_json has no way to fail on them.
        Some(serde_json::to_string(&file).unwrap_or_default() + "\n")
    }
}

impl AsOfFile {
    /// Reads [`AsOf::file`]; `None` for anything else. Believes nothing.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|file: &Self| file.luzheng_as_of == VERSION)
    }

    /// As [`check_as_of`].
    ///
    /// # Errors
    /// As [`check_as_of`].
    pub fn check(&self, keys: &[NamedKey]) -> Result<Vec<String>, NodeError> {
        check_as_of(&self.proof, &self.certificate, self.at, keys)
    }
}

impl Province {
    /// What the record said of a certificate at an instant (microseconds UTC). The look is itself an entry, durable before the answer.
    ///
    /// # Errors
    /// No such certificate; the rows.
    pub fn as_of(&self, key: &str, at: i64, actor: &Actor, now: i64) -> Result<AsOf, NodeError> {
        // Durable first: a state of the past is personal data too.
        let look = self.looking(actor, now);
        self.audit_log().note(look, "audit.as_of", Some(key.to_owned()), &[("at", at.to_string())])?;
        self.store.read(|session| {
            rows::snapshot(session, |session| {
                let one = certificate::by_id(session, key)?.ok_or_else(|| {
                    NodeError::refused(format!("没有内部编号为“{key}”的证照"), "请核对编号")
                })?;
                let state = (one.recorded_at <= at)
                    .then(|| Ok::<_, NodeError>(history_of(session, &self.personal, &one)?.as_recorded(at)))
                    .transpose()?;
                answer(session, key, at, state)
            })
        })
    }
}

fn answer(session: &mut Session, key: &str, at: i64, state: Option<State>) -> Result<AsOf, NodeError> {
    let chain = rows::chain(session, key)?;
    // The chain is in the order of the acts; the last one at or before T counts, and the one after it closes the gap.
    let past = chain.iter().rposition(|(_, recorded)| *recorded <= at);
    let next = chain.get(past.map_or(0, |place| place + 1)).map(|(n, _)| *n);
    let leaf = past.map(|place| chain[place].0);
    let mut answer = AsOf {
        certificate: key.to_owned(),
        at,
        leaf: leaf.map(i64::cast_unsigned),
        proof: None,
        note: None,
        state,
    };
    if let (Some(leaf), Some(state)) = (leaf, &answer.state)
        && let Some(logged) = logged_seq(session, leaf)?
        && logged != state.state_seq
    {
        let text = format!(
            "审计日志记到第 {logged} 次变动，证照记录为第 {} 次：两者不符，或尚有变动待入日志。",
            state.state_seq
        );
        answer.note = Some(text);
    }
    let signed = match last_signed(session) {
        Ok(signed) => signed,
        Err(NodeError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(AsOf { note: Some(error.to_string()), ..answer }),
    };
    let checkpoint = signed.checkpoint();
    let covered = |n: &i64| *n < int(checkpoint.size);
    let enough = match (leaf, next) {
        (_, Some(next)) => covered(&next),
        (Some(leaf), None) => covered(&leaf) && checkpoint.at >= at,
        (None, None) => checkpoint.at >= at,
    };
    if !enough {
        let text = "尚无覆盖该时点的检查点，请在下一个检查点之后再取证明。".to_owned();
        return Ok(AsOf { note: answer.note.or(Some(text)), ..answer });
    }
    let file = |session: &mut Session, n: Option<i64>| -> Result<Option<String>, NodeError> {
        n.map(|n| Ok(prove_entry(session, n.cast_unsigned(), &signed)?.to_text()?)).transpose()
    };
    let none = match (leaf, next) {
        (None, None) => Some(prove_here(session, &Subject::Latest(key.to_owned()))?.to_text()?),
        _ => None,
    };
    answer.proof = Some(AsOfProof { act: file(session, leaf)?, next: file(session, next)?, none });
    Ok(answer)
}

/// Which act on the certificate an entry says it is.
fn logged_seq(session: &mut Session, leaf: i64) -> Result<Option<u64>, NodeError> {
    let Some(row) = rows::leaf(session, leaf)? else { return Ok(None) };
    let entry = ledger::Entry::parse(row.entry.as_bytes())?;
    Ok(entry.detail.get("state_seq").and_then(|seq| seq.parse().ok()))
}

/// Checks a proof about an instant with nothing but public keys; one Chinese sentence a line.
///
/// # Errors
/// Whatever does not hold, by name.
pub fn check_as_of(
    proof: &AsOfProof,
    key: &str,
    at: i64,
    keys: &[NamedKey],
) -> Result<Vec<String>, NodeError> {
    let wrong = |what: &str| NodeError::refused(what, "该证明不可采信，请重新取得证明");
    let read = |text: &Option<String>| -> Result<Option<(Proven, Hash)>, NodeError> {
        let Some(text) = text else { return Ok(None) };
        let proven = check_proof(text, keys)?;
        if proven.entry.object.as_ref().is_none_or(|object| object.key != key) {
            return Err(wrong("证明中的条目不是关于该证照的"));
        }
        let leaf = leaf_hash(ProofFile::parse(text)?.entry.as_bytes());
        Ok(Some((proven, leaf)))
    };
    let (act, next) = (read(&proof.act)?, read(&proof.next)?);
    if act.as_ref().is_some_and(|(act, _)| act.entry.at > at) {
        return Err(wrong("所证条目晚于所问时点"));
    }
    let link = next.as_ref().and_then(|(next, _)| next.entry.object.as_ref()).map(|object| object.link);
    match (&act, &next) {
        (_, Some((next, _))) if next.entry.at <= at => return Err(wrong("下一条目不晚于所问时点")),
        (Some((_, leaf)), Some(_)) if link != Some(Link::After(*leaf)) => {
            return Err(wrong("下一条目不接续所证条目：其间另有变动"));
        }
        (None, Some(_)) if link != Some(Link::First) => return Err(wrong("该时点之前另有变动")),
        (Some((act, leaf)), None) => {
            let newest = MapAnswer::Present(ledger::Latest { number: act.number, leaf: *leaf });
            if act.latest != Some(newest) || act.checkpoint.at < at {
                return Err(wrong("检查点没有证明所证条目在该时点仍是最新一条"));
            }
        }
        (None, None) => return none(proof, key, at, keys),
        _ => {}
    }
    let mut lines = Vec::new();
    for (proven, _) in [&act, &next].into_iter().flatten() {
        lines.extend(proven.lines()?);
    }
    lines.push(match &act {
        Some((act, _)) => {
            format!("所问时点，该证照的最新变动是第 {} 条，其后至该时点没有其他变动。", act.number)
        }
        None => "所问时点，该证照还没有任何变动条目。".to_owned(),
    });
    Ok(lines)
}

/// A certificate that no act had touched when the checkpoint was signed, at T or later.
fn none(proof: &AsOfProof, key: &str, at: i64, keys: &[NamedKey]) -> Result<Vec<String>, NodeError> {
    let wrong = || NodeError::refused("证明中没有该时点的内容", "请重新取得证明");
    let text = proof.none.as_deref().ok_or_else(wrong)?;
    let never = check_absence(text, keys)?;
    if never.object != key || never.checkpoint.at < at {
        return Err(wrong());
    }
    Ok(never.lines()?)
}
