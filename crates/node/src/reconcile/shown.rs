//! What the pages show of 对账, and the repair of a single difference.

use store::rows::certificate;
use store::rows::reconcile::run::{self, RequestRow};
use store::rows::reconcile::shown;

use super::difference::{Class, Difference};
use super::request;
use super::run::{Run, act};
use crate::audit;
use crate::audit::Actor;
use crate::certificate::Within;
use crate::{NodeError, Province};

pub use store::rows::reconcile::shown::Filter;

/// Differences that are counted at most for a page.
pub const COUNTED: u32 = 100_000;
/// Runs that a history goes back to at most.
const BACK: u32 = 50;

/// A step in the history of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A run found it.
    Found(Box<Run>, Box<Difference>),
    /// It was sent again: state of the item in the outbox, when it was through, why it is not.
    Sent {
        /// `pending`, `done`, `dead`.
        state: String,
        /// Microseconds UTC.
        at: Option<i64>,
        /// What the other side said.
        error: Option<String>,
    },
    /// The first finished run that did not find it any more.
    Gone(Box<Run>),
}

/// How a difference is repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Ours is delivered again.
    Resend,
    /// A 数据维护申请 is drafted.
    Draft,
}

impl Difference {
    /// Can sending ours again put an end to it? The ministry takes what is missing there, and what is newer than what it holds.
    pub fn can_resend(&self) -> bool {
        let seq = |side: &Option<super::Side>| side.as_ref()?.get("state_seq")?.parse::<i64>().ok();
        match self.class {
            Class::Missing => true,
            Class::Extra => false,
            Class::Different => seq(&self.ours) > seq(&self.theirs),
        }
    }
}

impl Province {
    /// Name of an area on the day of an instant.
    pub fn area_name(&self, area: &str, now: i64) -> Option<String> {
        self.data.catalogue.areas.name(area, ::lifecycle::day_of(now).date()).map(str::to_owned)
    }

    /// Runs before a key (empty: the newest), newest first.
    ///
    /// # Errors
    /// A database that cannot be read; so for all that follow.
    pub fn reconcile_runs_page(&self, before: &str, most: u32) -> Result<Vec<Run>, NodeError> {
        self.store.read(|session| shown::runs(session, before, most))?.into_iter().map(Run::read).collect()
    }

    /// A run, if there is such a one.
    pub fn reconcile_find(&self, id: &str) -> Result<Option<Run>, NodeError> {
        self.store.read(|session| run::by_id(session, id))?.map(Run::read).transpose()
    }

    /// Differences of a run after a key, within a filter.
    pub fn reconcile_page(
        &self,
        run: &str,
        filter: &Filter,
        after: &str,
        most: u32,
    ) -> Result<Vec<Difference>, NodeError> {
        let rows = self.store.read(|session| shown::differences(session, run, filter, after, most))?;
        rows.into_iter().map(Difference::read).collect()
    }

    /// How many differences of a run there are in the areas and of the kinds of a filter, by class and state; at most [`COUNTED`] are looked at.
    pub fn reconcile_counts(
        &self,
        run: &str,
        filter: &Filter,
    ) -> Result<Vec<(Class, String, i64)>, NodeError> {
        let rows = self.store.read(|session| shown::counts(session, run, filter, COUNTED))?;
        Ok(rows.into_iter().map(|(class, state, count)| (Class::of(&class), state, count)).collect())
    }

    /// One difference of a run.
    pub fn reconcile_difference(
        &self,
        run: &str,
        certificate: &str,
    ) -> Result<Option<Difference>, NodeError> {
        let row = self.store.read(|session| shown::difference(session, run, certificate))?;
        row.map(Difference::read).transpose()
    }

    /// What became of a difference: each run that found it, oldest first; whether it was sent again; the run that did not find it.
    pub fn reconcile_history(&self, of: &Run, certificate: &str) -> Result<Vec<Step>, NodeError> {
        self.store.read(|session| -> Result<_, NodeError> {
            let mut steps = Vec::new();
            let mut last = of.watermark;
            let mut was_sent = false;
            let mut rows = shown::of_certificate(session, certificate, BACK)?;
            rows.reverse();
            for row in rows {
                let Some(found) = run::by_id(session, &row.run_id)? else { continue };
                let found = Run::read(found)?;
                if found.lane != of.lane {
                    continue;
                }
                last = last.max(found.watermark);
                was_sent |= row.state == "resent";
                steps.push(Step::Found(Box::new(found), Box::new(Difference::read(row)?)));
            }
            // A dead letter says why they lack it, sent again or not.
            let sent = run::sent(session, &of.lane, &[certificate.to_owned()])?;
            let newest = sent.into_iter().max_by_key(|item| item.state_seq);
            let told = newest.filter(|item| was_sent || item.state == "dead");
            steps.extend(told.map(|item| Step::Sent {
                state: item.state,
                at: item.done_at,
                error: item.error,
            }));
            if let Some(gone) = shown::done_after(session, &of.lane, last)? {
                steps.push(Step::Gone(Box::new(Run::read(gone)?)));
            }
            Ok(steps)
        })
    }

    /// Repairs one open difference.
    ///
    /// # Errors
    /// A run that was not finished; a difference that is not open any more, or that sending again cannot end; a database that cannot
    /// be written.
    pub fn reconcile_repair_one(
        self: &std::sync::Arc<Self>,
        run_id: &str,
        certificate: &str,
        how: How,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let of = self.repairable(run_id)?;
        let (province, actor, key) = (std::sync::Arc::clone(self), actor.clone(), certificate.to_owned());
        self.store.write(move |session| {
            run::lock(session, &of.id)?;
            let row = shown::difference(session, &of.id, &key)?.filter(|row| row.state == "open");
            let Some(one) = row.map(Difference::read).transpose()? else {
                return Err(NodeError::refused("这条差异已处理，或不在这次对账中", "请刷新页面查看现状"));
            };
            let ours = certificate::lock(session, &one.certificate)?;
            let (state, request) = match (how, &ours) {
                (How::Resend, Some(ours)) if one.can_resend() => {
                    run::send_again(session, &province.new_id(now), &of.lane, &ours.id, ours.state_seq, now)?;
                    ("resent", None)
                }
                (How::Resend, _) => {
                    let what = "重新归集不能消除这条差异：对方所记不比我方旧，或我方没有这份证照";
                    return Err(NodeError::refused(what, "请改为起草数据维护申请"));
                }
                (How::Draft, ours) => {
                    let id = request::draft(session, &province, &of, &one, ours.as_ref(), &actor, now)?;
                    ("drafted", Some(id))
                }
            };
            run::settle(session, &of.id, &one.certificate, state, request.as_deref())?;
            let area = ours.map(|ours| ours.area);
            let act = act(&of, &one, state, request, area, &actor, now);
            Ok(audit::append(session, province.new_id(now), std::slice::from_ref(&act))?)
        })
    }

    /// 数据维护申请 before a key (empty: the newest) within areas and kinds, newest first, without their forms.
    pub fn maintain_page(
        &self,
        within: &Within,
        before: &str,
        most: u32,
    ) -> Result<Vec<RequestRow>, NodeError> {
        Ok(self.store.read(|session| shown::requests(session, within, before, most))?)
    }

    /// Area and kind of a request, if there is such a one; no kind where its certificate is not on record.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn maintain_place(&self, id: &str) -> Result<Option<(String, String)>, NodeError> {
        self.store.read(|session| -> Result<_, NodeError> {
            let Some(row) = run::request(session, id)? else { return Ok(None) };
            let certificate = match &row.certificate_id {
                Some(id) => certificate::by_id(session, id)?,
                None => None,
            };
            Ok(Some((row.area, certificate.map(|one| one.kind).unwrap_or_default())))
        })
    }
}
