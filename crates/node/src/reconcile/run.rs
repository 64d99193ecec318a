//! A comparison as a use case: run, recorded, repaired. Nothing is changed at the ministry but by sending what is missing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::certificate;
use store::rows::reconcile::run::{self, RunRow};

use super::compare::{Comparison, Depth, compare};
use super::difference::{Class, Difference, judge};
use super::protocol::{PeerTree, Question, Told};
use super::request;
use super::tree::{OWN, StoredTree, fold};
use crate::audit::{self, Act, Actor};
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// Differences that one transaction repairs.
const PAGE: u32 = 100;

/// What a run found, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How the trees were compared; numbers of entries where it was a list.
    pub comparison: Comparison,
    /// Ours that they lack.
    pub missing: u64,
    /// Theirs that we lack.
    pub extra: u64,
    /// Held differently.
    pub different: u64,
    /// 在途: no differences.
    pub in_flight: u64,
    /// Ahead only by acts that there was nothing to collect of: no differences.
    pub quiet: u64,
    /// Why it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

impl Summary {
    /// Do both sides hold the same?
    pub fn is_equal(&self) -> bool {
        self.missing + self.extra + self.different == 0 && self.cause.is_none()
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its key.
    pub id: String,
    /// Lane of the destination that it was compared with.
    pub lane: String,
    /// `tree`, `list` or `items`.
    pub form: String,
    /// `running`, `done`, `interrupted`.
    pub state: String,
    /// Watermark: what changed later is in flight. Microseconds UTC.
    pub watermark: i64,
    /// Microseconds UTC.
    pub ended_at: Option<i64>,
    /// What it found.
    pub summary: Summary,
}

impl Run {
    pub(super) fn read(row: RunRow) -> Result<Self, NodeError> {
        Ok(Self {
            summary: if row.summary.is_empty() {
                Summary::default()
            } else {
                parse(&row.summary, "对账结果")?
            },
            id: row.id,
            lane: row.lane,
            form: row.form,
            state: row.state,
            watermark: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Put into the outbox again.
    pub resent: u64,
    /// Drafts of 数据维护申请 written.
    pub drafted: u64,
    /// Gone meanwhile: nothing to do.
    pub settled: u64,
}

impl Province {
    /// Compares our certificates with what the destination of a lane holds, by digest trees. What is pending in that lane
    /// or changed from `now` (the watermark, microseconds UTC) on is in flight. A run that was cut off stays on record as
    /// interrupted and is never repaired; the next one begins anew.
    ///
    /// # Errors
    /// An unknown lane, a peer that does not answer, a database that cannot be written.
    pub fn reconcile_run(
        &self,
        lane: &str,
        peer: &mut dyn PeerTree,
        depth: Depth,
        actor: &Actor,
        now: i64,
    ) -> Result<Run, NodeError> {
        fold(&self.store, OWN)?;
        let run = self.recorded(lane, "tree", actor, now, |id, summary| {
            let mut ours = StoredTree { store: &self.store, tree: OWN };
            let (mut in_flight, mut quiet) = (0, 0);
            let compared = compare(&mut ours, peer, depth, &mut |pairs| {
                let (id, lane, pairs) = (id.to_owned(), lane.to_owned(), Arc::new(pairs));
                let judged = self.store.write(move |session| judge(session, &id, &lane, now, &pairs))?;
                in_flight += judged.in_flight;
                quiet += judged.quiet;
                Ok(())
            });
            (summary.in_flight, summary.quiet) = (in_flight, quiet);
            summary.comparison = compared?;
            Ok(())
        })?;
        // A courtesy: a side that does not take it loses nothing of the result.
        let _ = peer.ask(&Question::Told { result: told(&run) });
        Ok(run)
    }

    /// Runs a comparison between its two records.
    pub(super) fn recorded(
        &self,
        lane: &str,
        form: &str,
        actor: &Actor,
        now: i64,
        work: impl FnOnce(&str, &mut Summary) -> Result<(), NodeError>,
    ) -> Result<Run, NodeError> {
        if !self.lanes.iter().any(|known| known == lane) {
            let known = self.lanes.join("、");
            return Err(NodeError::refused(
                format!("没有名为“{lane}”的归集目标"),
                format!("请从已配置的目标中选择：{known}"),
            ));
        }
        let mut row = RunRow {
            id: self.new_id(now),
            lane: lane.to_owned(),
            form: form.to_owned(),
            state: "running".into(),
            started_at: now,
            ended_at: None,
            summary: String::new(),
        };
        let begun = row.clone();
        self.store.write(move |session| Ok::<_, NodeError>(run::begin(session, &begun)?))?;
        let mut summary = Summary::default();
        let done = work(&row.id, &mut summary);
        row.state = if done.is_ok() { "done" } else { "interrupted" }.into();
        summary.cause = done.as_ref().err().map(ToString::to_string);
        let (id, audit_id, actor) = (row.id.clone(), self.new_id(now), actor.clone());
        let (state, template) = (row.state.clone(), summary);
        let summary = self.store.write(move |session| {
            let mut summary = template.clone();
            count(session, &id, &mut summary)?;
            run::end(session, &id, &state, &json(&summary)?, now)?;
            let mut act = Act {
                act: "reconcile.run".into(),
                at: now,
                actor: actor.clone(),
                outcome: state.clone(),
                ..Act::default()
            };
            for (name, value) in [
                ("missing", summary.missing),
                ("extra", summary.extra),
                ("different", summary.different),
                ("in_flight", summary.in_flight),
            ] {
                act.detail.insert(name.into(), value.to_string());
            }
            act.detail.insert("run".into(), id.clone());
            audit::append(session, audit_id.clone(), &[act])?;
            Ok::<_, NodeError>(summary)
        })?;
        done?;
        Run::read(RunRow { summary: json(&summary)?, ended_at: Some(now), ..row })
    }

    /// The newest runs, newest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn reconcile_runs(&self, most: u32) -> Result<Vec<Run>, NodeError> {
        self.store.read(|session| run::newest(session, most))?.into_iter().map(Run::read).collect()
    }

    /// One run.
    ///
    /// # Errors
    /// No such run; a database that cannot be read.
    pub fn reconcile_show(&self, id: &str) -> Result<Run, NodeError> {
        let row = self.store.read(|session| run::by_id(session, id))?;
        row.map_or_else(|| Err(unknown(id)), Run::read)
    }

    /// The differences of a run after a key (`""` for the first), at most `most`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn reconcile_differences(
        &self,
        id: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<Difference>, NodeError> {
        let rows = self.store.read(|session| run::differences(session, id, after, most))?;
        rows.into_iter().map(Difference::read).collect()
    }

    /// Repairs what a finished run found (M20): what is missing there goes into the outbox again, what differs or is extra
    /// becomes a draft of a maintenance request. Doing it twice does it once.
    ///
    /// # Errors
    /// No such run, or one that was not finished; a database that cannot be written.
    pub fn reconcile_repair(
        self: &Arc<Self>,
        id: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<Repaired, NodeError> {
        let found = self.repairable(id)?;
        let mut all = Repaired::default();
        loop {
            let (province, run, actor) = (Arc::clone(self), found.clone(), actor.clone());
            let done = self.store.write(move |session| repair_page(session, &province, &run, &actor, now))?;
            if done == Repaired::default() {
                return Ok(all);
            }
            all.resent += done.resent;
            all.drafted += done.drafted;
            all.settled += done.settled;
        }
    }
}

impl Province {
    /// A run whose differences are complete.
    pub(super) fn repairable(&self, id: &str) -> Result<Run, NodeError> {
        let found = self.reconcile_show(id)?;
        if found.state == "done" {
            return Ok(found);
        }
        Err(NodeError::refused(format!("对账“{id}”没有完成，其差异不完整"), "请重新对账后再修复"))
    }
}

fn told(run: &Run) -> Told {
    let (found, compared) = (&run.summary, &run.summary.comparison);
    Told {
        at: run.watermark,
        ours: compared.ours,
        theirs: compared.theirs,
        missing: found.missing,
        extra: found.extra,
        different: found.different,
        in_flight: found.in_flight,
    }
}

fn unknown(id: &str) -> NodeError {
    NodeError::refused(format!("没有编号为“{id}”的对账"), "请用 luzheng reconcile report 查看已有对账")
}

fn count(session: &mut Session, id: &str, summary: &mut Summary) -> Result<(), NodeError> {
    for (class, number) in run::counts(session, id)? {
        let number = u64::try_from(number).unwrap_or(0);
        match Class::of(&class) {
            Class::Missing => summary.missing = number,
            Class::Extra => summary.extra = number,
            Class::Different => summary.different = number,
        }
    }
    Ok(())
}

fn repair_page(
    session: &mut Session,
    province: &Province,
    of: &Run,
    actor: &Actor,
    now: i64,
) -> Result<Repaired, NodeError> {
    let mut done = Repaired::default();
    let mut acts = Vec::new();
    // Two repairs at once: whoever comes second finds everything settled.
    run::lock(session, &of.id)?;
    for row in run::open_differences(session, &of.id, PAGE)? {
        let one = Difference::read(row)?;
        let ours = certificate::lock(session, &one.certificate)?;
        let (state, request) = match (one.class, &ours) {
            (Class::Missing, Some(ours)) => {
                let item = province.new_id(now);
                run::send_again(session, &item, &of.lane, &ours.id, ours.state_seq, now)?;
                ("resent", None)
            }
            (Class::Missing, None) => ("settled", None),
            _ => ("drafted", Some(request::draft(session, province, of, &one, ours.as_ref(), actor, now)?)),
        };
        run::settle(session, &of.id, &one.certificate, state, request.as_deref())?;
        match state {
            "resent" => done.resent += 1,
            "drafted" => done.drafted += 1,
            _ => done.settled += 1,
        }
        acts.push(act(of, &one, state, request, ours.map(|ours| ours.area), actor, now));
    }
    audit::append(session, province.new_id(now), &acts)?;
    Ok(done)
}

/// A draft reads the holder's name; the row says so of each certificate.
pub(super) fn act(
    of: &Run,
    one: &Difference,
    state: &str,
    request: Option<String>,
    area: Option<String>,
    actor: &Actor,
    now: i64,
) -> Act {
    let mut act = Act {
        act: "reconcile.repair".into(),
        at: now,
        actor: actor.clone(),
        object: Some(one.certificate.clone()),
        area,
        outcome: state.to_owned(),
        ..Act::default()
    };
    act.detail.insert("run".into(), of.id.clone());
    act.detail.insert("class".into(), one.class.slug().into());
    if let Some(request) = request {
        act.detail.insert("request".into(), request);
    }
    act
}
