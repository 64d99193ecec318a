//! The second person's word.

use std::sync::Arc;

use store::rows::certificate::{self, Work};
use store::rows::event;
use store::rows::manual::{self as rows, Manual};

use super::{SOURCE, WORK, event as event_of, manual_act, nobody};
use crate::audit::{self, Actor};
use crate::certificate::Within;
use crate::lifecycle::{Outcome, Submitted};
use crate::{NodeError, Province};

/// What came of a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Was the act done?
    pub done: bool,
    /// The new status, or why not and what to do.
    pub text: String,
}

impl Province {
    /// Confirms a request and does the act: the rules may still refuse it, then it is settled as not done. Both people stand in the audit
    /// log.
    ///
    /// # Errors
    /// No such pending request; the own one; one that is void; a database that cannot be written. A repetition does nothing twice.
    pub fn manual_confirm(
        self: &Arc<Self>,
        id: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Decided, NodeError> {
        let (one, decider) = self.decidable(id, (within, actor), now)?;
        let body = self.manual_body(&one)?;
        // Done in the name of whoever asked; who confirmed stands in the purpose and in an entry of its own.
        let by = Actor {
            purpose: Some(format!("应急办理，复核人 {decider}")),
            case_no: Some(body.request.decision_no.clone()),
            ..body.actor.clone()
        };
        let message = event_of(&one, &body);
        let answer = self.accept(vec![Submitted { message, actor: by }], now).pop();
        let answer = answer.ok_or_else(|| NodeError::refused("没有得到答复", "请稍后重试"))?;
        let text = match (&answer.why, answer.findings.first()) {
            (Some(why), _) => format!("{}；{}", why.what, why.fix),
            (None, Some(finding)) => format!("{}；{}", finding.what, finding.fix),
            (None, None) => answer.status.clone().unwrap_or_default(),
        };
        if matches!(answer.result, Outcome::Busy | Outcome::Failed) {
            return Err(NodeError::refused("这次没有办成，申请仍待复核", text));
        }
        // An early or contradictory act is not lost: it waits, or is a work item of its own.
        let done = matches!(answer.result, Outcome::Applied | Outcome::Waiting | Outcome::Work);
        let state = if done { "confirmed" } else { "failed" };
        let mut act = manual_act("manual.confirm", &one, actor, state, now);
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
        let (id, entry, reason) = (one.id, self.new_id(now), text.clone());
        self.store.write(move |session| -> Result<_, NodeError> {
            if !rows::decide(session, &id, state, (&decider, Some(&reason)), now)? {
                return Err(decided());
            }
            if done {
                certificate::insert_work(session, &work)?;
            }
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(Decided { done, text })
    }

    /// Rejects a request, with a reason for whoever asked.
    ///
    /// # Errors
    /// As [`Province::manual_confirm`]; no reason; an act that a confirmation cut short has done already.
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
            if event::find(session, SOURCE, &format!("{SOURCE}/{id}"))?.is_some() {
                return Err(NodeError::refused(
                    "这项业务的复核此前已经开始办理，不能退回",
                    "请点“复核办理”完成；办错的请在业务系统更正",
                ));
            }
            if !rows::decide(session, &id, "rejected", (&decider, Some(&reason)), now)? {
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
        if one.maker == decider {
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
