//! The second person's word: claimed first, done afterwards. A claim is durable and outlives whoever made it: from then on nobody rejects
//! the request and it does not expire, and a worker finishes what a crash cut short.

use std::sync::Arc;

use store::rows::certificate::{self, Work};
use store::rows::manual::{self as rows, Manual};
use store::rows::outage;

use super::{SOURCE, WORK, event as event_of, manual_act, nobody, not_away};
use crate::audit::{self, Actor};
use crate::certificate::Within;
use crate::lifecycle::{Outcome, Submitted};
use crate::operator::Person;
use crate::{NodeError, Province};

/// Claims that are finished in one round.
const MOST: u32 = 64;

/// What came of a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Was the act done, or will it be without anybody's help?
    pub done: bool,
    /// The new status, or why not and what to do.
    pub text: String,
}

impl Province {
    /// Confirms a request and does the act: the rules may still refuse it, then it is settled as not done. Both people stand in the audit
    /// log. Once claimed, the act is finished by [`Province::manual_work`] where this call does not get so far.
    ///
    /// # Errors
    /// No such pending request; one of the same person; one that is void; a business system that works again; a database that cannot be
    /// written. A repetition does nothing twice.
    pub fn manual_confirm(
        self: &Arc<Self>,
        id: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Decided, NodeError> {
        let (one, decider) = self.decidable(id, (within, actor), now)?;
        let act = manual_act("manual.confirm", &one, actor, "confirmed", now);
        let (id, entry) = (one.id.clone(), self.new_id(now));
        let claimed = self.store.write(move |session| -> Result<_, NodeError> {
            let one = rows::claim(session, &id, &decider, now)?.ok_or_else(decided)?;
            // Asked again: a system that is back takes its own acts.
            let found = certificate::by_id(session, &one.certificate_id)?;
            let source = found.map(|found| found.source).unwrap_or_default();
            if !outage::away(session, now)?.contains(&source) {
                return Err(not_away(&source));
            }
            audit::append(session, entry.clone(), std::slice::from_ref(&act))?;
            Ok(one)
        })?;
        self.stage("manual.accept")?;
        let done = self.manual_finish(&claimed, now)?;
        let later = || Decided { done: true, text: "已复核，系统正在办理".into() };
        Ok(done.unwrap_or_else(later))
    }

    /// Finishes what was confirmed before `until` (microseconds UTC) and not settled; how many were. Any number of processes may call it.
    ///
    /// # Errors
    /// A database that cannot be read; the last one that could not be finished, after all others were tried.
    pub fn manual_work(self: &Arc<Self>, until: i64, now: i64) -> Result<usize, NodeError> {
        let claimed = self.store.read(|session| rows::claimed(session, until, MOST))?;
        let (mut finished, mut failed) = (0, None);
        for one in claimed {
            match self.manual_finish(&one, now) {
                Ok(done) => finished += usize::from(done.is_some()),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(finished), Err)
    }

    /// Does a claimed act and settles it; `None` where it must be tried again.
    fn manual_finish(self: &Arc<Self>, one: &Manual, now: i64) -> Result<Option<Decided>, NodeError> {
        let body = self.manual_body(one)?;
        let decider = one.decider.clone().unwrap_or_default();
        // Done in the name of whoever asked; who confirmed stands in the purpose and in an entry of its own.
        let by = Actor {
            purpose: Some(format!("应急办理，复核人 {decider}")),
            case_no: Some(body.request.decision_no.clone()),
            ..body.actor.clone()
        };
        let submitted = Submitted { message: event_of(one, &body), actor: by.clone() };
        let Some(answer) = self.accept(vec![submitted], now).pop() else { return Ok(None) };
        if matches!(answer.result, Outcome::Busy | Outcome::Failed) {
            return Ok(None);
        }
        self.stage("manual.settle")?;
        let text = match (&answer.why, answer.findings.first()) {
            (Some(why), _) => format!("{}；{}", why.what, why.fix),
            (None, Some(finding)) => format!("{}；{}", finding.what, finding.fix),
            (None, None) => answer.status.clone().unwrap_or_default(),
        };
        // An early or contradictory act is not lost: it waits, or is a work item of its own.
        let done = matches!(answer.result, Outcome::Applied | Outcome::Waiting | Outcome::Work);
        let state = if done { "confirmed" } else { "failed" };
        let mut act = manual_act("manual.settle", one, &by, state, now);
        act.detail.insert("source".into(), SOURCE.into());
        let work = Work {
            id: self.new_id(now),
            certificate_id: Some(one.certificate_id.clone()),
            event_row: None,
            area: one.area.clone(),
            code: WORK.into(),
            why: format!(
                "应急办理了“{}”（{}）；业务系统恢复后请在其中补录这项业务，核对一致后关闭本事项",
                one.event, body.request.decision_no
            ),
            opened_at: now,
        };
        let (id, entry, reason) = (one.id.clone(), self.new_id(now), text.clone());
        self.store.write(move |session| -> Result<_, NodeError> {
            // Somebody else has settled it meanwhile: the same, for the event has one answer.
            if !rows::settle(session, &id, state, &reason)? {
                return Ok(());
            }
            if done {
                certificate::insert_work(session, &work)?;
            }
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(Some(Decided { done, text }))
    }

    /// Rejects a request, with a reason for whoever asked.
    ///
    /// # Errors
    /// As [`Province::manual_confirm`]; no reason; one that somebody has confirmed, done or not.
    pub fn manual_reject(
        &self,
        id: &str,
        reason: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<(), NodeError> {
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            return Err(NodeError::refused("没有写明退回的理由", "请写明理由，申请人会看到"));
        }
        let (one, decider) = self.decidable(id, (within, actor), now)?;
        let act = manual_act("manual.reject", &one, actor, "rejected", now);
        let (id, entry) = (one.id, self.new_id(now));
        self.store.write(move |session| -> Result<_, NodeError> {
            if !rows::reject(session, &id, (&decider, &reason), now)? {
                return Err(decided());
            }
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// A pending request that this actor may decide on, and the actor's account.
    fn decidable(
        &self,
        id: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<(Manual, String), NodeError> {
        let decider = actor.operator.clone().ok_or_else(nobody)?;
        let found = self.store.read(|session| rows::get(session, id, within))?;
        let one = found.ok_or_else(|| NodeError::refused("没有这项申请", "请回到应急复核列表重新选择"))?;
        let maker = self.manual_body(&one)?.actor;
        if one.maker == decider || Person::of(&maker).is(&Person::of(actor)) {
            return Err(NodeError::refused("不能复核自己提出的申请", "请由另一名审核人员复核"));
        }
        if one.state != "pending" {
            return Err(decided());
        }
        if one.expires_at <= now {
            return Err(NodeError::refused("这项申请已超过 24 小时，自动作废", "确需办理的，请重新提出申请"));
        }
        Ok((one, decider))
    }
}

fn decided() -> NodeError {
    NodeError::refused("这项申请已经处理过", "请刷新后查看处理结果")
}
