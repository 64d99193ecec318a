//! What has happened to a certificate and how each thing on it stands, for its holder.

use ::lifecycle::{State, day_of};
use store::rows::event;

use super::admit::look;
use crate::deliver::HolderSubject;
use crate::lifecycle::parse;
use crate::verify::{Allowed, Cause};
use crate::{NodeError, Province};

/// One event that took effect or will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastLine {
    /// 初领, 延续, 暂扣 ….
    pub event: String,
    /// First day in force, ISO.
    pub on: String,
    /// The unit that did it; empty where the record does not say.
    pub unit: String,
    /// 决定文号; empty where there is none.
    pub decision: String,
    /// Result of 年审 or 诚信考核.
    pub result: String,
}

/// How a certificate came to stand as it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPast {
    /// Why it is held or has ended.
    pub causes: Vec<Cause>,
    /// What it allows, each with its own status and last day where it has them.
    pub allows: Vec<Allowed>,
    /// Events done, newest first.
    pub past: Vec<PastLine>,
}

/// Events shown at most: the newest.
const MOST: usize = 30;

impl Province {
    /// The past of the subject's own certificate. A driver with a grant gets nothing of it. Audited.
    ///
    /// # Errors
    /// A certificate that is not the subject's own; a database that cannot be read or written; a value that cannot be opened.
    pub fn share_past(
        &self,
        subject: &HolderSubject,
        certificate: &str,
        now: i64,
    ) -> Result<OwnPast, NodeError> {
        let (admitted, found) = self.store.read(|session| -> Result<_, NodeError> {
            let admitted = look(session, subject, certificate, now)?
                .filter(|one| one.held_as.is_some())
                .ok_or_else(|| NodeError::refused("您名下没有这件证照", "请返回证照列表重新选择"))?;
            let one = &admitted.certificate;
            let today = day_of(now);
            let state: State = parse(&one.state, "证照状态")?;
            let causes = self.why_held(session, one, &state, (today, i64::MAX))?;
            let kind = self.data.catalogue.kind(&one.kind, today.date());
            let allows = match (kind, self.record_of(session, &one.id)?) {
                (Some(kind), Some(record)) => self.allowed(kind, &record, &state.on(today), today),
                _ => Vec::new(),
            };
            let mut past = Vec::new();
            let rows = event::answered(session, &one.id)?;
            for row in rows.into_iter().rev().filter(|row| row.status == "applied").take(MOST) {
                let kept = crate::lifecycle::Kept::open(&self.personal, &row)?;
                past.push(PastLine {
                    event: row.kind,
                    on: row.effective_on,
                    unit: kept.message.operator.unit.trim().to_owned(),
                    decision: kept.event.decision_no,
                    result: kept.event.result.unwrap_or_default(),
                });
            }
            Ok((admitted, OwnPast { causes, allows, past }))
        })?;
        self.note_share("share.past", subject, Some(&admitted), "shown", now)?;
        Ok(found)
    }
}
