//! `outage`: 中断. Which leg was down and when, what that held back, and the two working days in which it must follow
//! (R7; `docs/collect.md`, "The outage clock").
//!
//! A record is open, then ended (its clock runs), then completed. Destinations are watched by their answers
//! ([`Province::collect_once`](crate::Province::collect_once) tells), senders by their silence ([`Province::outage_pulse`]).

mod clock;
mod proof;
mod pulse;
mod remaining;

use std::sync::Arc;

use codes::Deadline;
use serde::{Deserialize, Serialize};
use store::rows::outage::{self, Record};

use crate::audit::{self, Act, Actor};
use crate::{NodeError, Province};

pub use clock::Ticked;
pub(crate) use clock::heard;
pub use proof::{Proof, check_proof};
pub use remaining::OutageClock;
pub use store::rows::outage::Held;

/// Which way was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leg {
    /// From a business system to us.
    In,
    /// From us to a destination.
    Out,
}

impl Leg {
    /// Its name in rows and proofs.
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// What a person records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOutage {
    /// Which way.
    pub leg: Leg,
    /// The sender (`in`) or the lane (`out`).
    pub party: String,
    /// Announced beforehand?
    pub planned: bool,
    /// Microseconds UTC; may lie ahead for a planned one.
    pub started_at: i64,
    /// The end, where it is known or planned.
    pub ends_at: Option<i64>,
    /// Cause.
    pub cause: String,
    /// Emergency measures.
    pub measures: String,
}

/// An outage with what it held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownOutage {
    /// The record.
    pub record: Record,
    /// How much was held back.
    pub held: i64,
    /// How much of it is through.
    pub sent: i64,
    /// `2026-10-12 24:00`, with （暂估） where a year's calendar is not known; empty while it lasts.
    pub deadline: String,
}

impl Province {
    /// Opens a record by hand: a planned window, or what people noticed first. Its id.
    ///
    /// # Errors
    /// An end before the start; a destination that is none; one that is open already; a database that cannot be written.
    pub fn outage_open(
        self: &Arc<Self>,
        new: NewOutage,
        operator: &Actor,
        now: i64,
    ) -> Result<String, NodeError> {
        if new.ends_at.is_some_and(|end| end <= new.started_at) {
            return Err(NodeError::refused("中断的结束时间不晚于开始时间", "请核对起止时间"));
        }
        if new.planned && new.ends_at.is_none() {
            return Err(NodeError::refused("计划停机没有写明结束时间", "请填写计划的结束时间"));
        }
        if !new.planned && new.started_at > now {
            return Err(NodeError::refused("中断的开始时间晚于现在", "尚未发生的请登记为计划停机"));
        }
        if new.party.trim().is_empty() {
            return Err(NodeError::refused("没有写明中断的对方", "请填写业务系统或归集去向的名称"));
        }
        if new.leg == Leg::Out && !self.lanes.contains(&new.party) {
            let what = format!("“{}”不是本节点的归集去向", new.party);
            let fix = match self.lanes.as_slice() {
                [] => "本节点没有归集去向；业务系统的中断请选业务系统报送".to_owned(),
                lanes => format!("本节点的归集去向：{}；业务系统的中断请选业务系统报送", lanes.join("、")),
            };
            return Err(NodeError::refused(what, fix));
        }
        let record = Record {
            id: self.new_id(now),
            leg: new.leg.name().into(),
            party: new.party,
            kind: if new.planned { "planned" } else { "manual" }.into(),
            state: "open".into(),
            started_at: new.started_at,
            ended_at: new.ends_at,
            cause: new.cause,
            measures: new.measures,
            operator: operator.operator.clone(),
            ..Record::default()
        };
        let (province, operator) = (Arc::clone(self), operator.clone());
        self.store.write(move |session| {
            if !new.planned
                && let Some(open) = outage::open_of(session, &record.leg, &record.party, now)?
            {
                let what = format!("“{}”已有未结束的中断记录 {}", open.party, open.id);
                return Err(NodeError::refused(what, "请在该记录上补充原因和措施"));
            }
            outage::put(session, &record)?;
            audit::append(
                session,
                province.new_id(now),
                &[act("outage.open", &record, operator.clone(), now)],
            )?;
            Ok(record.id.clone())
        })
    }

    /// Adds cause and emergency measures to a record.
    ///
    /// # Errors
    /// No such record; a database that cannot be written.
    pub fn outage_describe(
        self: &Arc<Self>,
        id: &str,
        (cause, measures): (&str, &str),
        operator: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let (province, id, operator) = (Arc::clone(self), id.to_owned(), operator.clone());
        let (cause, measures) = (cause.to_owned(), measures.to_owned());
        self.store.write(move |session| {
            let mut record = outage::lock(session, &id)?.ok_or_else(|| unknown(&id))?;
            record.cause.clone_from(&cause);
            record.measures.clone_from(&measures);
            outage::put(session, &record)?;
            let act = act("outage.describe", &record, operator.clone(), now);
            Ok(audit::append(session, province.new_id(now), &[act])?)
        })
    }

    /// Ends an open record by hand; its clock begins to run. Said twice, the second one changes nothing.
    ///
    /// # Errors
    /// No such record; one that has ended, or has not begun; a database that cannot be written.
    pub fn outage_close(self: &Arc<Self>, id: &str, operator: &Actor, now: i64) -> Result<(), NodeError> {
        let (province, id, operator) = (Arc::clone(self), id.to_owned(), operator.clone());
        self.store.write(move |session| {
            let mut record = outage::lock(session, &id)?.ok_or_else(|| unknown(&id))?;
            if record.state != "open" {
                return Err(NodeError::refused("该中断已经结束", "无需再次操作；请刷新后核对结束时间"));
            }
            if record.started_at >= now {
                return Err(NodeError::refused("该中断尚未开始", "请在开始之后结束它"));
            }
            record.operator.clone_from(&operator.operator);
            clock::finish(session, &province, record, now, (&operator, now))
        })
    }

    /// Confirms that a sender whose outage has ended has sent everything: its clock stops, and the node will sign for it. A destination's
    /// outage is completed by its last receipt, by nobody's word.
    ///
    /// # Errors
    /// No such record; one that is still open, or completed, or a destination's; a database that cannot be written.
    pub fn outage_complete(self: &Arc<Self>, id: &str, operator: &Actor, now: i64) -> Result<(), NodeError> {
        let (province, id, operator) = (Arc::clone(self), id.to_owned(), operator.clone());
        self.store.write(move |session| {
            let mut record = outage::lock(session, &id)?.ok_or_else(|| unknown(&id))?;
            match (record.state.as_str(), record.leg.as_str()) {
                ("open", _) => Err(NodeError::refused("该中断还没有结束", "请先登记结束，再确认补报完毕")),
                ("ended", "in") => {
                    record.operator.clone_from(&operator.operator);
                    clock::complete(session, &province, record, (&operator, now))
                }
                ("ended", _) => {
                    let (held, sent, _) = outage::held_counts(session, &id)?;
                    let what = format!("该中断积压的 {held} 件中还有 {} 件未送达", held - sent);
                    Err(NodeError::refused(what, "请处理死信并等待补报完成，系统会自动办结"))
                }
                _ => Err(NodeError::refused("该中断已办结", "无需再次操作")),
            }
        })
    }

    /// The newest records that began before an instant (microseconds UTC; `i64::MAX` for the first page).
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn outage_list(&self, before: i64, most: u32) -> Result<Vec<Record>, NodeError> {
        self.outage_page((before, ""), most)
    }

    /// The newest records below a place: begin and row key of the last one of the page before.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn outage_page(&self, below: (i64, &str), most: u32) -> Result<Vec<Record>, NodeError> {
        Ok(self.store.read(|session| outage::list(session, below, most))?)
    }

    /// One record with its counts.
    ///
    /// # Errors
    /// No such record; a database that cannot be read.
    pub fn outage_show(&self, id: &str) -> Result<ShownOutage, NodeError> {
        self.store.read(|session| {
            let record = outage::by_id(session, id)?.ok_or_else(|| unknown(id))?;
            let (held, sent, _) = outage::held_counts(session, id)?;
            Ok(ShownOutage { held, sent, deadline: deadline_text(&record), record })
        })
    }
}

fn unknown(id: &str) -> NodeError {
    NodeError::refused(format!("没有编号为“{id}”的中断记录"), "请用 luzheng outage list 查看编号")
}

/// The deadline as people read it. 24:00 of a day is the instant at which the next one begins.
fn deadline_text(record: &Record) -> String {
    let Some(at) = record.deadline_at else { return String::new() };
    let day = ::lifecycle::day_of(at.saturating_sub(1)).date();
    let day = if record.provisional { Deadline::Provisional(day) } else { Deadline::Firm(day) };
    let note = if day.is_provisional() { "（暂估）" } else { "" };
    format!("{} 24:00{note}", day.date())
}

fn act(name: &str, record: &Record, actor: Actor, now: i64) -> Act {
    let mut act = Act { act: name.into(), at: now, actor, outcome: record.state.clone(), ..Act::default() };
    for (key, value) in
        [("outage", &record.id), ("leg", &record.leg), ("party", &record.party), ("kind", &record.kind)]
    {
        act.detail.insert(key.into(), value.clone());
    }
    act
}
