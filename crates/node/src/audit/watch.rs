//! Witnessing as a standing duty: a province has its checkpoints signed by the ministry, the ministry signs those of the provinces, and
//! both raise an alarm when a log does not continue what was signed (B6).

use std::sync::Arc;

use gm::SigningKey;
use ledger::{NamedKey, SignedCheckpoint};
use store::rows::audit as rows;
use store::rows::certificate::{self, Work};
use store::rows::setting;

use super::stored::checkpoint;
use super::witness::{WitnessAnswer, WitnessRequest, witness};
use super::{Act, Actor, Log, append};
use crate::client::Role;
use crate::{NodeError, Province};

/// Where checkpoints are posted.
pub const CHECKPOINTS: &str = "/api/v1/audit/checkpoints";
/// Code of the problem that tells a province that its log is not continued.
pub const NOT_CONTINUED: &str = "AUDIT_NOT_CONTINUED";
/// Code of the work item.
const WORK: &str = "AUDIT_NOT_CONTINUED";

/// Why a witness gave no signature.
#[derive(Debug)]
pub enum Declined {
    /// It says that the log was rolled back or forked, in these words.
    Forked(String),
    /// Anything else: away, not enrolled; it is asked again.
    Other(NodeError),
}

/// How a log stands with its witness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Entries under the last checkpoint that the witness signed, and the checkpoint's time in microseconds UTC.
    pub last: Option<(u64, i64)>,
    /// Why the witness refused, while it does.
    pub alarm: Option<String>,
}

/// The ministry's side: signs the provinces' checkpoints with the key of its own log.
pub struct Watch {
    /// The ministry's node.
    pub province: Arc<Province>,
    /// Key of its log.
    pub key: Arc<dyn SigningKey>,
}

impl Watch {
    /// Signs a peer's checkpoint if it continues the one signed last. A refusal is an entry of our log, and the first one opens a
    /// work item.
    ///
    /// # Errors
    /// [`NodeError::Forked`] for a log that was rolled back or rewritten; a peer whose log certificate is not enrolled; a note that
    /// it has not signed; the rows.
    pub fn sign(&self, peer: &str, request: &WitnessRequest, now: i64) -> Result<WitnessAnswer, NodeError> {
        let province = &self.province;
        let known = province.peer_list()?.into_iter().find(|one| one.active && one.id == peer);
        let Some(log) = known.and_then(|one| one.log_certificate) else {
            let what = format!("没有登记节点“{peer}”的日志证书");
            return Err(NodeError::refused(what, "请见证方用 luzheng peer log 登记其 nodes/log.cer"));
        };
        let keys = [NamedKey { name: peer.to_owned(), key: log.public_key().clone() }];
        let id = province.new_id(now);
        let signed = witness(&province.store, &province.id, &keys, request, &*self.key, id, now);
        match &signed {
            Ok(WitnessAnswer { note: Some(_), .. }) => province.calm(peer)?,
            Err(NodeError::Forked { what, .. }) => {
                province.alarm(peer, &format!("节点“{peer}”的审计日志不能见证：{what}"), now)?;
            }
            _ => {}
        }
        signed
    }
}

impl Log<'_> {
    /// How this log stands with its witness.
    ///
    /// # Errors
    /// The rows.
    pub fn watched(&self) -> Result<Watched, NodeError> {
        let name = alarm_of(self.origin);
        let (last, alarm) = self.store.read(|session| -> Result<_, NodeError> {
            Ok((witnessed(session, self.origin)?, setting::get(session, &name)?))
        })?;
        Ok(Watched { last, alarm: alarm.filter(|text| !text.is_empty()) })
    }
}

impl Province {
    /// The ministry as the witness of our log: its id, and the key of its own log where that was enrolled.
    ///
    /// # Errors
    /// The rows.
    pub fn witness_key(&self) -> Result<Option<(String, Option<NamedKey>)>, NodeError> {
        let peers = self.peer_list()?;
        let ministry = peers.into_iter().find(|one| one.active && one.role == Role::Ministry);
        Ok(ministry.map(|one| {
            let key = one.log_certificate.map(|log| log.public_key().clone());
            let named = key.map(|key| NamedKey { name: one.id.clone(), key });
            (one.id, named)
        }))
    }

    /// Has the last checkpoint witnessed: `ask` brings the request there. Returns the size that is witnessed now.
    ///
    /// # Errors
    /// [`NodeError::Forked`] when the witness says that this log was rolled back or forked: the alarm is raised then, and stays until
    /// it signs again; what `ask` says else; as [`Log::have_witnessed`].
    pub fn witness_once(
        &self,
        keys: &[NamedKey],
        mut ask: impl FnMut(&WitnessRequest) -> Result<WitnessAnswer, Declined>,
        now: i64,
    ) -> Result<Option<u64>, NodeError> {
        let log = self.audit_log();
        let watched = log.watched()?;
        // A log that is shorter than what was witnessed was cut by hand; the witness is to say so.
        let last = log.last_checkpoint()?.map_or(0, |last| last.checkpoint().size);
        let old = watched.last.map_or(0, |(size, _)| size).min(last);
        let done = log.have_witnessed(old, keys, |request| {
            ask(request).map_err(|declined| match declined {
                Declined::Forked(what) => NodeError::Forked {
                    what,
                    fix: "请立即停用并核查数据库是否被回退或改动".into(),
                },
                Declined::Other(error) => error,
            })
        });
        match &done {
            Ok(_) if watched.alarm.is_some() => self.calm(&self.id)?,
            Err(NodeError::Forked { what, .. }) if watched.alarm.is_none() => {
                self.alarm(&self.id, what, now)?;
            }
            _ => {}
        }
        done
    }

    /// Raises the alarm over a log, once: a work item for a person, an entry in our own log.
    fn alarm(&self, origin: &str, why: &str, now: i64) -> Result<(), NodeError> {
        let name = alarm_of(origin);
        let work = Work {
            id: self.new_id(now),
            area: self.area.clone(),
            code: WORK.into(),
            why: why.to_owned(),
            opened_at: now,
            ..Work::default()
        };
        let detail = [("origin".to_owned(), origin.to_owned()), ("why".to_owned(), why.to_owned())];
        let act = Act {
            act: "audit.alarm".into(),
            at: now,
            actor: Actor::node(),
            outcome: "raised".into(),
            detail: detail.into(),
            ..Act::default()
        };
        let (row, why) = (self.new_id(now), why.to_owned());
        self.store.write(move |session| -> Result<(), NodeError> {
            if setting::lock(session, &name)?.is_some_and(|text| !text.is_empty()) {
                return Ok(());
            }
            setting::put(session, &name, &why)?;
            certificate::insert_work(session, &work)?;
            Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// The log is signed again. The work item stays: a person says what it was.
    fn calm(&self, origin: &str) -> Result<(), NodeError> {
        let name = alarm_of(origin);
        let stands = self.store.read(|session| setting::get(session, &name))?;
        if stands.is_none_or(|text| text.is_empty()) {
            return Ok(());
        }
        Ok(self.store.write(move |session| setting::put(session, &name, ""))?)
    }

    /// Alarms that stand over the logs of these nodes: (node, why).
    ///
    /// # Errors
    /// The rows.
    pub fn audit_alarms(&self, nodes: &[String]) -> Result<Vec<(String, String)>, NodeError> {
        self.store.read(|session| {
            let mut found = Vec::new();
            for node in nodes {
                if let Some(why) = setting::get(session, &alarm_of(node))?.filter(|text| !text.is_empty()) {
                    found.push((node.clone(), why));
                }
            }
            Ok(found)
        })
    }
}

/// Size and time (microseconds UTC) of the newest checkpoint of a log that was witnessed here.
///
/// # Errors
/// The rows; a note that does not parse.
pub(crate) fn witnessed(session: &mut store::Session, origin: &str) -> Result<Option<(u64, i64)>, NodeError> {
    let signed = checkpoint(rows::witnessed(session, origin)?)?;
    Ok(signed.as_ref().map(SignedCheckpoint::checkpoint).map(|last| (last.size, last.at)))
}

fn alarm_of(origin: &str) -> String {
    format!("audit.alarm.{origin}")
}
