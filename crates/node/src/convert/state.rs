//! What a run keeps between calls.

use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::convert::{self, Run};

use super::run::Waves;
use crate::audit::{self, Act, Actor};
use crate::lifecycle::{Operator, json, parse};
use crate::{NodeError, Province};

/// Records that are filed, or sent, in one go.
pub(super) const BATCH: usize = 256;

/// States of a run.
pub(super) mod phase {
    pub const PLANNING: &str = "planning";
    pub const PLANNED: &str = "planned";
    pub const RUNNING: &str = "running";
    pub const STOPPED: &str = "stopped";
    pub const DONE: &str = "done";
}

/// States of an item.
pub(super) mod item {
    pub const READY: &str = "ready";
    pub const SUPPLEMENT: &str = "supplement";
    pub const ALREADY: &str = "already";
    pub const REPEATED: &str = "repeated";
    pub const CONVERTED: &str = "converted";
    pub const ELSEWHERE: &str = "elsewhere";
    pub const REFUSED: &str = "refused";
}

/// How a run was asked for and how far it is; no personal data of holders.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Body {
    /// Path of the input.
    pub input: String,
    /// SM3 over names and bytes of its record files, hex.
    pub fingerprint: String,
    /// The source that its records are filed under, where given.
    pub source: Option<String>,
    /// Items filed.
    pub read: i64,
    /// Who started the conversion; stands in its events, which are the same after a kill whoever goes on with them.
    pub operator: Operator,
    /// Who asked for it last; stands in the audit log.
    #[serde(default)]
    pub asked_by: Option<Actor>,
    /// Newest wave.
    pub wave: i64,
    /// Size of the waves and when to stop.
    pub waves: Option<Waves>,
    /// Why it stopped.
    pub reason: Option<String>,
    /// When the plan was ready: city, certificates that stood, those of them with a version.
    pub before: Vec<(String, i64, i64)>,
}

/// A run with its body read.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub run: Run,
    pub body: Body,
}

impl Opened {
    pub fn read(run: Run) -> Result<Self, NodeError> {
        let body = parse(&run.body, "转化任务")?;
        Ok(Self { run, body })
    }

    /// The run of a name.
    pub fn named(session: &mut Session, name: &str) -> Result<Self, NodeError> {
        match convert::by_name(session, name)? {
            Some(run) => Self::read(run),
            None => Err(NodeError::refused(
                format!("没有名为“{name}”的转化任务"),
                "请先运行 luzheng convert plan，或用 luzheng convert status 查看已有任务",
            )),
        }
    }

    /// The run of a row key, locked.
    pub fn locked(session: &mut Session, id: &str) -> Result<Self, NodeError> {
        match convert::lock(session, id)? {
            Some(run) => Self::read(run),
            None => Err(NodeError::refused("转化任务已不在数据库中", "请运行 luzheng doctor")),
        }
    }

    pub fn save(&mut self, session: &mut Session, now: i64) -> Result<(), NodeError> {
        self.run.body = json(&self.body)?;
        self.run.updated_at = now;
        Ok(convert::update(session, &self.run)?)
    }
}

/// The audit row of an act on a run.
pub(super) fn note(
    session: &mut Session,
    province: &Province,
    actor: &Actor,
    (act, outcome): (&str, &str),
    run: &str,
    now: i64,
) -> Result<(), NodeError> {
    let mut line = Act {
        act: act.to_owned(),
        at: now,
        actor: actor.clone(),
        outcome: outcome.to_owned(),
        ..Act::default()
    };
    line.detail.insert("run".into(), run.to_owned());
    Ok(audit::append(session, province.new_id(now), &[line])?)
}
