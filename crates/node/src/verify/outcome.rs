//! Outcomes of stops that officers recorded without network come in, after the receipts of their checks.
//!
//! | what comes | answer |
//! |---|---|
//! | recorded later than what stands | stored; an entry in the audit log with both times |
//! | what stands already | known: a lost answer asks again |
//! | recorded before what stands | older: what stands stays |
//! | no such stop of this officer, a word that is none | refused, with what to do |

use std::sync::Arc;

use proof::receipt::Outcome;
use serde::{Deserialize, Serialize};
use store::rows::verify::stop;
use store::{Session, StoreError};

use super::device::{act, officer};
use super::group::{NOTE, too_long};
use crate::audit::{Act, Actor, append};
use crate::{NodeError, Province};

/// Outcomes of one upload at most.
const MOST: usize = 200;

/// What was done at a stop, as a device kept it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateOutcome {
    /// The stop: eight bytes, hex.
    pub stop: String,
    /// 放行 ….
    pub outcome: String,
    /// More about it; may be empty.
    pub note: String,
    /// When it was recorded by the device's clock, Unix seconds.
    pub at: i64,
}

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LateStatus {
    /// It stands now.
    Stored,
    /// It stood already.
    Known,
    /// Something later stands, and stays.
    Older,
    /// It was not taken.
    Refused,
}

/// The answer to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LateAnswer {
    /// What became of it.
    pub status: LateStatus,
    /// Why it does not stand, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Province {
    /// Takes outcomes in their order, as often as they come; durable on return. The receipts of their checks must have come
    /// before: a stop begins with the first.
    ///
    /// # Errors
    /// An actor without staff number or unit, too many at once, a database that cannot be written: then nothing is stored, and
    /// all may be sent again.
    pub fn outcome_upload(
        self: &Arc<Self>,
        outcomes: &[LateOutcome],
        actor: &Actor,
        now: i64,
    ) -> Result<Vec<LateAnswer>, NodeError> {
        let (staff_no, unit) = officer(actor)?;
        if outcomes.len() > MOST {
            return Err(NodeError::refused(format!("一次上传的处理结果超过 {MOST} 份"), "请分次上传"));
        }
        let (province, actor, outcomes) = (Arc::clone(self), actor.clone(), outcomes.to_vec());
        self.store.write(move |session| {
            let mut acts = Vec::new();
            let mut answers = Vec::with_capacity(outcomes.len());
            for one in &outcomes {
                let (answer, act) = take(session, one, ((&unit, &staff_no), &actor), now)?;
                answers.push(answer);
                acts.extend(act);
            }
            append(session, province.new_id(now), &acts)?;
            Ok(answers)
        })
    }
}

fn take(
    session: &mut Session,
    one: &LateOutcome,
    (officer, actor): ((&str, &str), &Actor),
    now: i64,
) -> Result<(LateAnswer, Option<Act>), StoreError> {
    let told = |status, why: &str| {
        let why = (!why.is_empty()).then(|| why.to_owned());
        Ok((LateAnswer { status, why }, None))
    };
    let Some(outcome) = Outcome::of_text(&one.outcome).filter(|known| *known != Outcome::None) else {
        return told(LateStatus::Refused, "没有这种处理结果；请在核验记录中重新登记");
    };
    let note = one.note.trim();
    if too_long(note) {
        return told(LateStatus::Refused, &format!("处理说明超过 {NOTE} 个字；请在核验记录中精简后登记"));
    }
    let Some(row) = stop::group(session, &one.stop)?.filter(|row| (&*row.unit, &*row.staff_no) == officer)
    else {
        return told(
            LateStatus::Refused,
            "节点上没有由您发起的这次检查；请先上传离线回执，仍不行时在核验记录中登记",
        );
    };
    if row.outcome == outcome.text() && row.note == note {
        return told(LateStatus::Known, "");
    }
    // A clock that is ahead must not hold the place against what is recorded later.
    let at = one.at.saturating_mul(1_000_000).min(now);
    if let Some(stands) = row.closed_at.filter(|stands| *stands > at) {
        let stands = crate::keys::rfc3339(stands.div_euclid(1_000_000));
        return told(LateStatus::Older, &format!("节点上已有更晚（{stands}）登记的结果“{}”", row.outcome));
    }
    stop::close_group(session, &one.stop, officer, (outcome.text(), note), at)?;
    let recorded = crate::keys::rfc3339(at.div_euclid(1_000_000));
    let detail = [("group", one.stop.as_str()), ("outcome", outcome.text()), ("recorded_at", &recorded)];
    let act = act("verify.group_outcome", actor, now, &detail);
    Ok((LateAnswer { status: LateStatus::Stored, why: None }, Some(act)))
}
