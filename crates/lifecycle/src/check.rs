//! May the event happen in this state?

use crate::effect::{self, Acted};
use crate::event::Event;
use crate::history::History;
use crate::load::Rules;
use crate::message::Message;
use crate::state::{Hold, State};
use crate::status;
use crate::table::{Expired, Input, OnRecord, Row, Scope, Table};

const NEW_END: &str = "新的有效期截止日期";

/// What one event is judged by.
pub(crate) struct Case<'a> {
    pub rules: &'a Rules,
    pub table: &'a Table,
    pub row: &'a Row,
    /// The state before the event, on its day of effect.
    pub state: &'a State,
    pub event: &'a Event,
}

impl Case<'_> {
    pub(crate) fn say(&self, code: &str, detail: &str) -> Message {
        self.rules.say(code, self.event.kind, detail)
    }

    pub(crate) fn refuse<T>(&self, code: &str, detail: &str) -> Result<T, Message> {
        Err(self.say(code, detail))
    }

    /// Whether the event is a check that was not passed.
    pub(crate) fn failed(&self) -> bool {
        self.event.result.as_ref().is_some_and(|result| self.row.fails.contains(result))
    }

    pub(crate) fn names(&self, holds: &[Hold]) -> String {
        let names: Vec<&str> = holds.iter().map(|hold| self.rules.hold_name(hold)).collect();
        names.join("、")
    }
}

/// Judges an event in its place: what it would do, or why it may not happen. Knows no "today": the same place gives the
/// same answer whenever it is asked, so that a late event can be tried without harm.
pub(crate) fn judge(rules: &Rules, history: &History, place: usize, event: &Event) -> Result<Acted, Message> {
    let state = &history.before(place);
    let table = rules
        .table(&state.kind, event.effective_on)
        .ok_or_else(|| rules.say("KIND_UNKNOWN", event.kind, &state.kind))?;
    let row =
        table.row(event.kind).ok_or_else(|| rules.say("EVENT_NOT_APPLICABLE", event.kind, &table.name))?;
    let case = Case { rules, table, row, state, event };
    let mut hints = Vec::new();
    record(&case, &mut hints)?;
    base(&case)?;
    expiry(&case, &mut hints)?;
    holds(&case, &mut hints)?;
    inputs(&case)?;
    effect::act(&case, history, place, hints)
}

fn record(case: &Case, hints: &mut Vec<Message>) -> Result<(), Message> {
    match (case.row.on_record, case.state.known) {
        (OnRecord::Forbidden, true) => case.refuse("ALREADY_ON_RECORD", ""),
        (OnRecord::Required, false) => case.refuse("CERTIFICATE_UNKNOWN", ""),
        (OnRecord::Optional, false) if !case.event.has_face => case.refuse("CERTIFICATE_UNKNOWN", ""),
        (OnRecord::Optional, false) => {
            // L6.1: it does not wait for a 初领 that was on paper.
            hints.push(case.say("STOCK_UNKNOWN", ""));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn base(case: &Case) -> Result<(), Message> {
    if case.row.base.contains(&case.state.base) {
        return Ok(());
    }
    // Only 复议/诉讼恢复 asks for an ended certificate, and finds a live one.
    let code = if case.state.base.is_terminal() { "TERMINAL" } else { "NOTHING_TO_UNDO" };
    case.refuse(code, case.state.base.name())
}

fn expiry(case: &Case, hints: &mut Vec<Message>) -> Result<(), Message> {
    let over = status::days_over(case.state, case.event.effective_on);
    let end = case.state.valid_to.map_or_else(String::new, |end| end.to_string());
    match (case.row.expired, over) {
        (Expired::Required, None) => {
            let end = if end.is_empty() { "未登记" } else { &end };
            case.refuse("NOT_EXPIRED", end)
        }
        (Expired::Allow | Expired::Required, _) | (_, None) => Ok(()),
        (Expired::Refuse, Some(_)) => case.refuse("EXPIRED", &end),
        (Expired::Late, Some(days)) if days > i32::from(case.table.limits.renewal_late_days) => {
            let limit = case.table.limits.renewal_late_days;
            case.refuse("RENEWAL_TOO_LATE", &format!("{end} 到期，已逾 {days} 天，超过 {limit} 天"))
        }
        // Otherwise the new document would be born expired.
        (Expired::Late, Some(_)) if !case.event.gives_validity() => case.refuse("INPUT_MISSING", NEW_END),
        (Expired::Late | Expired::Hint, Some(_)) => {
            hints.push(case.say("EXPIRED_NOW", &end));
            Ok(())
        }
    }
}

fn holds(case: &Case, hints: &mut Vec<Message>) -> Result<(), Message> {
    let (row, held) = (case.row, &case.state.holds);
    let blocking: Vec<Hold> = row.blocked_by.iter().filter(|hold| held.contains(*hold)).cloned().collect();
    if !blocking.is_empty() {
        return case.refuse("HOLD_BLOCKS", &case.names(&blocking));
    }
    // Holds of single entitlements are looked at where the entitlements are.
    if case.event.entitlements.is_empty() {
        if !row.needs.is_empty() && !row.needs.iter().any(|hold| held.contains(hold)) {
            return case.refuse("HOLD_ABSENT", &case.names(&row.needs));
        }
        if let Some(hold) = row.adds.as_ref().filter(|hold| held.contains(*hold)) {
            return case.refuse("HOLD_PRESENT", case.rules.hold_name(hold));
        }
    }
    let standing: Vec<Hold> = row.hinted_by.iter().filter(|hold| held.contains(*hold)).cloned().collect();
    if !standing.is_empty() {
        hints.push(case.say("HOLD_STANDS", &case.names(&standing)));
    }
    Ok(())
}

fn inputs(case: &Case) -> Result<(), Message> {
    let event = case.event;
    for input in &case.row.requires {
        let (given, name) = match input {
            Input::Face => (event.has_face, "新的照面数据"),
            // Whoever fails gets no next date.
            Input::Due => (event.due.is_some() || case.failed(), "下次日期（有效期至）"),
            Input::Decision => (!event.decision_no.trim().is_empty(), "决定文号"),
            Input::Validity => (event.gives_validity(), NEW_END),
        };
        if !given {
            return case.refuse("INPUT_MISSING", name);
        }
    }
    let named = event.entitlements.is_empty();
    match case.row.scope {
        Scope::Whole if !named => return case.refuse("PART_NOT_ALLOWED", ""),
        Scope::Part | Scope::Add if named => return case.refuse("PART_MISSING", ""),
        _ => {}
    }
    let mut ends = vec![(event.valid_from, event.valid_to)];
    ends.extend(event.entitlements.iter().map(|one| (one.valid_from, one.valid_to)));
    for (from, to) in ends {
        if let (Some(from), Some(to)) = (from, to)
            && !to.covers(from.date())
        {
            return case.refuse("VALIDITY_BACKWARDS", &format!("{from} 至 {to}"));
        }
    }
    let old = case.state.valid_to;
    match event.valid_to.filter(|_| case.row.must_extend && event.entitlements.is_empty()) {
        Some(new) if old.is_some_and(|old| new <= old) => {
            let old = old.map_or_else(String::new, |old| old.to_string());
            case.refuse("VALIDITY_NOT_LATER", &format!("新的 {new}，原来 {old}"))
        }
        _ => Ok(()),
    }
}
