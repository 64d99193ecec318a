//! Running a conversion: begin, go on, stop, look.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::rows::{convert, lease};

use super::report::Counts;
use super::state::{Opened, note, phase};
use crate::audit::Actor;
use crate::lifecycle::Operator;
use crate::{NodeError, Province};

/// How long a run may be silent before another process may take it over, microseconds.
pub(super) const LEASE: i64 = 30_000_000;

/// In a serving node other threads are at work on intents: those younger than this are theirs, microseconds.
const ALIVE: i64 = 600_000_000;

/// How a call of a run goes on.
#[derive(Clone, Copy)]
pub(super) struct Pace<'a> {
    /// Microseconds UTC.
    pub clock: &'a dyn Fn() -> i64,
    /// Intents younger than this may belong to another thread, microseconds.
    pub alive: i64,
    /// This process is to end.
    pub halt: &'a dyn Fn() -> bool,
}

/// Size of the waves and when to stop by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waves {
    /// Records a wave, from 1.
    pub size: u32,
    /// Stops when more than this share of a wave's records was refused, percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_percent: Option<u8>,
    /// Stops at this many failures of our own (disk, key, database) in one call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    /// Stops after this many waves of one call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waves: Option<u32>,
}

/// How far a run is, in records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// `planning`, `planned`, `running`, `stopped` or `done`.
    pub state: String,
    /// Newest wave.
    pub wave: i64,
    /// Read from the input.
    pub records: i64,
    /// What has become of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// Failures of our own in this call; those records are still to be converted.
    pub failures: u32,
    /// Why it stopped.
    pub reason: Option<String>,
}

impl Province {
    /// Converts what is ready, in waves, until nothing is left, a stop condition is met or somebody asks it to stop. `clock` gives
    /// microseconds UTC; `progress` hears after each batch of up to 256 records.
    ///
    /// # Errors
    /// An unknown or unfinished plan; another process at the same run; a database that cannot be written. Call it again then: it
    /// goes on where it was.
    pub fn convert_run(
        self: &Arc<Self>,
        name: &str,
        waves: &Waves,
        actor: &Actor,
        clock: &dyn Fn() -> i64,
        progress: &mut dyn FnMut(&Status),
    ) -> Result<Status, NodeError> {
        if waves.size == 0 {
            return Err(NodeError::refused("每波条数不能为 0", "请填写 1 以上的条数，如 1000"));
        }
        self.convert(name, Some(waves), actor, Pace { clock, alive: 0, halt: &|| false }, progress)
    }

    /// Goes on with a run that was stopped or killed, with the waves that it was started with.
    ///
    /// # Errors
    /// As for [`Province::convert_run`]; a run that was never started.
    pub fn convert_resume(
        self: &Arc<Self>,
        name: &str,
        actor: &Actor,
        clock: &dyn Fn() -> i64,
        progress: &mut dyn FnMut(&Status),
    ) -> Result<Status, NodeError> {
        self.convert(name, None, actor, Pace { clock, alive: 0, halt: &|| false }, progress)
    }

    /// Asks for a run to be begun, or gone on with: a worker does it soon ([`Province::convert_work`]). `waves` may be left out
    /// for a run that has been started before.
    ///
    /// # Errors
    /// As for [`Province::convert_run`]; a run with nothing left to convert.
    pub fn convert_ask(
        self: &Arc<Self>,
        name: &str,
        waves: Option<&Waves>,
        actor: &Actor,
        now: i64,
    ) -> Result<Status, NodeError> {
        if waves.is_some_and(|waves| waves.size == 0) {
            return Err(NodeError::refused("每波条数不能为 0", "请填写 1 以上的条数，如 1000"));
        }
        let owner = self.new_id(now);
        let status = self.convert_status(name)?;
        if status.state != phase::PLANNING && status.counts.ready == 0 {
            let what = format!("转化任务“{name}”没有待转化的记录，已完成");
            return Err(NodeError::refused(what, "须补正的记录按补正清单办理，不必续办"));
        }
        let opened = self.begin(name, waves, actor, &owner, now)?;
        // Whoever comes first may take it.
        let key = lease_of(&opened.run.id);
        self.store.write(move |session| lease::release(session, &key, &owner))?;
        self.convert_status(name)
    }

    /// Goes on with a run that is under way and that nobody works on; false when there is none. That is what was asked for on a
    /// page, and what a process that was killed has left. Once `halt` says so it ends after the present batch, to be gone on with
    /// by the next process.
    ///
    /// # Errors
    /// As for [`Province::convert_resume`]; a halt.
    pub fn convert_work(
        self: &Arc<Self>,
        clock: &dyn Fn() -> i64,
        halt: &dyn Fn() -> bool,
    ) -> Result<bool, NodeError> {
        let now = clock();
        let found = self.store.read(|session| -> Result<_, NodeError> {
            for run in convert::runs(session)?.into_iter().filter(|run| run.state == phase::RUNNING) {
                if !lease::is_held(session, &lease_of(&run.id), now)? {
                    return Ok(Some(Opened::read(run)?));
                }
            }
            Ok(None)
        })?;
        let Some(opened) = found else { return Ok(false) };
        let actor = opened.body.asked_by.unwrap_or_else(Actor::node);
        self.convert(&opened.run.name, None, &actor, Pace { clock, alive: ALIVE, halt }, &mut |_| {})?;
        Ok(true)
    }

    fn convert(
        self: &Arc<Self>,
        name: &str,
        waves: Option<&Waves>,
        actor: &Actor,
        pace: Pace<'_>,
        progress: &mut dyn FnMut(&Status),
    ) -> Result<Status, NodeError> {
        let now = (pace.clock)();
        let owner = self.new_id(now);
        let opened = self.begin(name, waves, actor, &owner, now)?;
        let id = opened.run.id.clone();
        let done = self.waves(opened, actor, &owner, pace, progress);
        let key = lease_of(&id);
        // What a crash leaves behind runs out by itself.
        let _ = self.store.write(move |session| lease::release(session, &key, &owner));
        let failures = done?;
        Ok(Status { failures, ..self.convert_status(name)? })
    }

    fn begin(
        self: &Arc<Self>,
        name: &str,
        waves: Option<&Waves>,
        actor: &Actor,
        owner: &str,
        now: i64,
    ) -> Result<Opened, NodeError> {
        let (province, actor, waves) = (Arc::clone(self), actor.clone(), waves.cloned());
        let (name, owner) = (name.to_owned(), owner.to_owned());
        self.store.write(move |session| {
            let id = Opened::named(session, &name)?.run.id;
            let mut opened = Opened::locked(session, &id)?;
            if opened.run.state == phase::PLANNING {
                let what = format!("转化任务“{name}”的导入还没有完成");
                return Err(NodeError::refused(what, "请先以同样的数据再次运行 luzheng convert plan"));
            }
            if !lease::take(session, &lease_of(&id), &owner, now, now + LEASE)? {
                let what = format!("另一进程正在执行转化任务“{name}”");
                let fix = format!("请等它结束；它若已被终止，{} 秒后再试", LEASE / 1_000_000);
                return Err(NodeError::refused(what, fix));
            }
            if waves.is_some() {
                opened.body.waves.clone_from(&waves);
            } else if opened.body.waves.is_none() {
                let what = format!("转化任务“{name}”还没有开始");
                return Err(NodeError::refused(what, "请先运行 luzheng convert run 并给出每波条数"));
            }
            if opened.body.operator == Operator::default() {
                opened.body.operator = Operator {
                    name: actor.operator.clone().unwrap_or_default(),
                    unit: actor.unit.clone().unwrap_or_default(),
                    staff_no: actor.staff_no.clone().unwrap_or_default(),
                };
            }
            opened.body.asked_by = Some(actor.clone());
            phase::RUNNING.clone_into(&mut opened.run.state);
            opened.body.reason = None;
            convert::ask_to_stop(session, &id, false, now)?;
            opened.run.stop = false;
            note(session, &province, &actor, ("convert.run", "running"), &name, now)?;
            opened.save(session, now)?;
            Ok(opened)
        })
    }

    /// Asks a run to stop: what is being done is finished, the rest stays as it is.
    ///
    /// # Errors
    /// An unknown run; a database that cannot be written.
    pub fn convert_stop(self: &Arc<Self>, name: &str, actor: &Actor, now: i64) -> Result<Status, NodeError> {
        let (province, actor, own) = (Arc::clone(self), actor.clone(), name.to_owned());
        self.store.write(move |session| -> Result<_, NodeError> {
            let opened = Opened::named(session, &own)?;
            note(session, &province, &actor, ("convert.stop", "asked"), &own, now)?;
            Ok(convert::ask_to_stop(session, &opened.run.id, true, now)?)
        })?;
        self.convert_status(name)
    }

    /// How far a run is.
    ///
    /// # Errors
    /// An unknown run; a database that cannot be read.
    pub fn convert_status(&self, name: &str) -> Result<Status, NodeError> {
        self.store.read(|session| {
            let opened = Opened::named(session, name)?;
            let mut status = Status {
                name: opened.run.name,
                state: opened.run.state,
                wave: opened.body.wave,
                records: opened.body.read,
                reason: opened.body.reason,
                ..Status::default()
            };
            for (_, _, state, count) in convert::counts(session, &opened.run.id)? {
                status.counts.add(&state, count);
            }
            Ok(status)
        })
    }

    /// Names and states of all runs, newest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn convert_runs(&self) -> Result<Vec<(String, String)>, NodeError> {
        let runs = self.store.read(convert::runs)?;
        Ok(runs.into_iter().map(|run| (run.name, run.state)).collect())
    }
}

pub(super) fn lease_of(run: &str) -> String {
    format!("convert/{run}")
}
