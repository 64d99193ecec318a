//! Detection, the end of an outage, its deadline and alarms.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use store::Session;
use store::rows::certificate::{Work, insert_work};
use store::rows::outage::{self, Pulse, Record};
use store::rows::result::{self, ResultRow};
use store::rows::work;

use super::{act, deadline_text, pulse};
use crate::audit::{self, Actor};
use crate::{NodeError, Province};

const HOUR: i64 = 3_600_000_000;
/// A destination that does not answer for longer is down.
const DOWN_AFTER: i64 = 5 * 60 * 1_000_000;
/// Working days in which everything held back must follow (L5.3).
const WORKING_DAYS: u16 = 2;
/// The second alarm comes so long before the deadline.
const LAST_HOURS: i64 = 4 * HOUR;

/// What a tick did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Records opened.
    pub opened: usize,
    /// Records that ended.
    pub ended: usize,
    /// Records completed.
    pub completed: usize,
    /// Alarms raised.
    pub alarms: usize,
}

impl Province {
    /// A sender was heard at an instant (microseconds UTC): to be called at each intake, once for a batch is enough. Ends a
    /// detected silence of that sender.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn outage_pulse(self: &Arc<Self>, source: &str, at: i64) -> Result<(), NodeError> {
        let (province, source) = (Arc::clone(self), source.to_owned());
        self.store.write(move |session| {
            let mut found = outage::pulse(session, "in", &source)?.unwrap_or_else(|| blank("in", &source));
            pulse::learn(&mut found, at, &province.data.calendar);
            outage::put_pulse(session, &found)?;
            if let Some(open) =
                outage::open_of(session, "in", &source, at)?.filter(|open| open.kind == "detected")
            {
                finish(session, &province, open, at, (&Actor::node(), at))?;
            }
            Ok(())
        })
    }

    /// Moves all clocks to `now` (microseconds UTC): finds silent senders and destinations, ends planned windows, follows what was
    /// held back, raises alarms. To be called every minute.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn outage_tick(self: &Arc<Self>, now: i64) -> Result<Ticked, NodeError> {
        let province = Arc::clone(self);
        let calendar = self.data.calendar.clone();
        self.store.write(move |session| {
            let mut ticked = Ticked::default();
            for found in outage::pulses(session)? {
                let since = match found.leg.as_str() {
                    "in" => pulse::silent_since(&found, now, &calendar),
                    _ => found.silent_since.filter(|since| now.saturating_sub(*since) > DOWN_AFTER),
                };
                let Some(since) = since else { continue };
                // Locks the pulse: two processes must not open two records.
                outage::pulse(session, &found.leg, &found.party)?;
                ticked.opened +=
                    usize::from(open(session, &province, (&found.leg, &found.party), since, now)?);
            }
            for id in outage::unfinished(session)? {
                if let Some(record) = outage::lock(session, &id)? {
                    advance(session, &province, record, now, &mut ticked)?;
                }
            }
            Ok(ticked)
        })
    }
}

fn blank(leg: &str, party: &str) -> Pulse {
    Pulse { leg: leg.into(), party: party.into(), hours: "0".repeat(48), ..Pulse::default() }
}

/// A destination answered, or stayed silent; in the caller's transaction, before it marks anything as sent. When it answered
/// last, microseconds UTC.
pub(crate) fn heard(
    session: &mut Session,
    province: &Province,
    lane: &str,
    answered: Option<bool>,
    now: i64,
) -> Result<Option<i64>, NodeError> {
    let found = outage::pulse(session, "out", lane)?;
    let Some(answered) = answered else { return Ok(found.map(|found| found.last_at)) };
    let mut found = found.unwrap_or_else(|| blank("out", lane));
    if answered {
        found.last_at = now;
        found.heard += 1;
        found.silent_since = None;
        if let Some(open) = outage::open_of(session, "out", lane, now)?.filter(|open| open.kind == "detected")
        {
            finish(session, province, open, now, (&Actor::node(), now))?;
        }
    } else {
        let since = *found.silent_since.get_or_insert(now);
        if now.saturating_sub(since) > DOWN_AFTER {
            open(session, province, ("out", lane), since, now)?;
        }
    }
    outage::put_pulse(session, &found)?;
    Ok((found.heard > 0).then_some(found.last_at))
}

/// Opens a detected outage, unless the leg has an open one.
fn open(
    session: &mut Session,
    province: &Province,
    (leg, party): (&str, &str),
    since: i64,
    now: i64,
) -> Result<bool, NodeError> {
    if outage::open_of(session, leg, party, now)?.is_some() {
        return Ok(false);
    }
    let cause =
        if leg == "in" { "业务系统在惯常时段没有报送" } else { "归集去向没有应答" };
    let record = Record {
        id: province.new_id(now),
        leg: leg.into(),
        party: party.into(),
        kind: "detected".into(),
        state: "open".into(),
        started_at: since,
        cause: cause.into(),
        ..Record::default()
    };
    outage::put(session, &record)?;
    audit::append(session, province.new_id(now), &[act("outage.open", &record, Actor::node(), now)])?;
    let why = format!("与“{party}”的连接中断（{cause}）；请查明原因，登记应急措施");
    open_work(session, province, (&record, "OUTAGE_OPEN"), why, now)?;
    Ok(true)
}

/// Ends an outage: lists what it held back and starts its clock.
pub(super) fn finish(
    session: &mut Session,
    province: &Province,
    mut record: Record,
    ended_at: i64,
    (who, now): (&Actor, i64),
) -> Result<(), NodeError> {
    let day = ::lifecycle::day_of(ended_at).date();
    // The day of the end does not count (`domain.md`, "Reconciliation and outages").
    let deadline = province.data.calendar.nth_working_day_after(day, WORKING_DAYS);
    record.state = "ended".into();
    record.ended_at = Some(ended_at);
    record.deadline_at = Some(end_of(deadline.date()));
    record.provisional = deadline.is_provisional();
    let span = (record.started_at, ended_at);
    if record.leg == "out" {
        outage::hold_items(session, &record.id, &record.party, span)?;
        outage::follow_items(session, &record.id)?;
    }
    outage::put(session, &record)?;
    let (held, _, _) = outage::held_counts(session, &record.id)?;
    let mut act = act("outage.end", &record, who.clone(), now);
    act.detail.insert("held".into(), held.to_string());
    act.detail.insert("deadline".into(), deadline_text(&record));
    audit::append(session, province.new_id(now), &[act])?;
    if record.provisional {
        let why =
            format!("中断补报期限 {} 所在年度尚无放假安排；请在公布后更新工作日历", deadline_text(&record));
        open_work(session, province, (&record, "OUTAGE_CALENDAR"), why, now)?;
    }
    Ok(())
}

/// Closes the clock of an outage.
pub(super) fn complete(
    session: &mut Session,
    province: &Province,
    mut record: Record,
    (who, now): (&Actor, i64),
) -> Result<(), NodeError> {
    follow(session, &record)?;
    let (held, _, last) = outage::held_counts(session, &record.id)?;
    record.state = "completed".into();
    // A sender's outage is completed by somebody's word; a destination's by its last receipt.
    record.completed_at = if record.leg == "in" { Some(now) } else { last.or(record.ended_at) };
    outage::put(session, &record)?;
    for code in WORK {
        work::close(session, &format!("{}-{code}", record.id), ("node", "该中断已办结"), now)?;
    }
    let mut act = act("outage.complete", &record, who.clone(), now);
    act.detail.insert("held".into(), held.to_string());
    Ok(audit::append(session, province.new_id(now), &[act])?)
}

fn follow(session: &mut Session, record: &Record) -> Result<(), NodeError> {
    if record.leg == "out" {
        outage::follow_items(session, &record.id)?;
    } else if let Some(ended) = record.ended_at {
        outage::hold_events(session, &record.id, &record.party, (record.started_at, ended))?;
    }
    Ok(())
}

fn advance(
    session: &mut Session,
    province: &Province,
    mut record: Record,
    now: i64,
    ticked: &mut Ticked,
) -> Result<(), NodeError> {
    let node = Actor::node();
    if record.state == "open" {
        if let Some(end) = record.ended_at.filter(|end| *end <= now) {
            ticked.ended += 1;
            finish(session, province, record, end, (&node, now))?;
        }
        return Ok(());
    }
    follow(session, &record)?;
    let (held, sent, _) = outage::held_counts(session, &record.id)?;
    if record.leg == "out" && held == sent {
        ticked.completed += 1;
        return complete(session, province, record, (&node, now));
    }
    let level = alarm_due(&record, now);
    if level > record.alarm {
        ticked.alarms += 1;
        record.alarm = level;
        outage::put(session, &record)?;
        alarm(session, province, &record, held - sent, now)?;
    }
    Ok(())
}

/// Half of the time gone: 1; the last hours: 2; missed: 3.
fn alarm_due(record: &Record, now: i64) -> i64 {
    let (Some(ended), Some(deadline)) = (record.ended_at, record.deadline_at) else { return 0 };
    match now {
        now if now >= deadline => 3,
        now if now >= deadline - LAST_HOURS => 2,
        now if now >= ended + (deadline - ended) / 2 => 1,
        _ => 0,
    }
}

fn alarm(
    session: &mut Session,
    province: &Province,
    record: &Record,
    left: i64,
    now: i64,
) -> Result<(), NodeError> {
    let (code, text) = match record.alarm {
        1 => ("OUTAGE_HALF", "补报期限已过半"),
        2 => ("OUTAGE_LAST_HOURS", "补报期限只剩不到四小时"),
        _ => ("OUTAGE_MISSED", "补报期限已过"),
    };
    let todo = if record.leg == "out" {
        format!("尚有 {left} 件未送达；请处理死信并核对归集去向")
    } else {
        "尚未确认业务系统已补报完毕；请与该系统核对后确认".to_owned()
    };
    let why = format!("与“{}”中断的{text}（{}），{todo}", record.party, deadline_text(record));
    open_work(session, province, (record, code), why.clone(), now)?;
    let mut act = act("outage.alarm", record, Actor::node(), now);
    act.outcome = code.into();
    audit::append(session, province.new_id(now), &[act])?;
    if record.leg == "in" {
        let body = serde_json::json!({ "outage": record.id, "code": code, "why": why });
        let line = ResultRow {
            seq: 0,
            source: record.party.clone(),
            event_id: String::new(),
            certificate_id: None,
            what: "outage.alarm".into(),
            body: body.to_string(),
            recorded_at: now,
        };
        result::insert(session, &[line])?;
    }
    Ok(())
}

/// Codes of the work items that an outage opens.
const WORK: [&str; 5] =
    ["OUTAGE_OPEN", "OUTAGE_CALENDAR", "OUTAGE_HALF", "OUTAGE_LAST_HOURS", "OUTAGE_MISSED"];

/// A work item of the whole province, named after its outage, so that its end finds it.
fn open_work(
    session: &mut Session,
    province: &Province,
    (record, code): (&Record, &str),
    why: String,
    now: i64,
) -> Result<(), NodeError> {
    let one = Work {
        id: format!("{}-{code}", record.id),
        area: province.area.clone(),
        code: code.into(),
        why,
        opened_at: now,
        ..Work::default()
    };
    Ok(insert_work(session, &one)?)
}

/// 24:00 of a day in Asia/Shanghai, microseconds UTC.
fn end_of(day: Date) -> i64 {
    let next = day.tomorrow().unwrap_or(day);
    Offset::constant(8).to_timestamp(next.at(0, 0, 0, 0)).map_or(i64::MAX, |at| at.as_microsecond())
}
