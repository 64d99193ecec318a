//! What an event does, once it may happen.

use std::collections::BTreeSet;

use crate::check::Case;
use crate::delta::Delta;
use crate::event::Grant;
use crate::history::History;
use crate::kind::Base;
use crate::message::Message;
use crate::state::{Cycle, Entitlement, Registration, State};
use crate::table::{Carried, Last, Scope, Versioning};
use crate::undo;

/// Versions have three digits.
const LAST_VERSION: u16 = 999;

/// The deed of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acted {
    pub deltas: Vec<Delta>,
    pub hints: Vec<Message>,
}

pub(crate) fn act(
    case: &Case,
    history: &History,
    place: usize,
    mut hints: Vec<Message>,
) -> Result<Acted, Message> {
    let mut deltas = Vec::new();
    if !case.state.known {
        deltas.push(Delta::Known);
    }
    if case.event.entitlements.is_empty() {
        whole(case, &mut deltas);
    } else {
        named(case, &mut deltas, &mut hints)?;
    }
    carry(case, &mut deltas)?;
    if !case.row.undoes.is_empty() {
        deltas.extend(undo::reversal(case, history, place)?);
    }
    last_entitlement(case, &mut deltas, &mut hints)?;
    deltas.extend(case.event.links.iter().cloned().map(Delta::Link));
    if issues(case) {
        if case.state.version >= LAST_VERSION {
            return case.refuse("VERSION_FULL", "");
        }
        deltas.push(Delta::NewVersion);
    } else if case.state.version == 0 {
        hints.push(case.say("UNCONVERTED", ""));
    }
    if case.failed() {
        hints.push(case.say("CHECK_FAILED", case.event.result.as_deref().unwrap_or_default()));
    }
    let left = not_carried(case);
    if !left.is_empty() {
        hints.push(case.say("NOT_CARRIED", &left.join("、")));
    }
    Ok(Acted { deltas, hints })
}

/// Does a sealed file follow? An unconverted record gets one only by the events of L6.1; a failed check gives none.
fn issues(case: &Case) -> bool {
    if case.failed() {
        return !case.state.known;
    }
    if case.state.version == 0 {
        return !case.state.known || case.row.converts;
    }
    match case.row.version {
        Versioning::Always => true,
        Versioning::WithFace => case.event.has_face,
        Versioning::Never => false,
    }
}

/// Steps are written even where they change nothing now: a late event may come in before, and then they do.
fn whole(case: &Case, deltas: &mut Vec<Delta>) {
    deltas.extend(case.row.to.map(Delta::Base));
    deltas.extend(case.row.removes.iter().cloned().map(Delta::RemoveHold));
    deltas.extend(case.row.adds.iter().cloned().map(Delta::AddHold));
}

fn named(case: &Case, deltas: &mut Vec<Delta>, hints: &mut Vec<Message>) -> Result<(), Message> {
    let mut seen = BTreeSet::new();
    for grant in &case.event.entitlements {
        if !seen.insert(&grant.code) {
            return case.refuse("ENTITLEMENT_TWICE", &grant.code);
        }
        let present = case.state.entitlements.get(&grant.code);
        match (case.row.scope, present) {
            (Scope::Initial, _) | (Scope::Add, None) => deltas.push(granted(case, grant)),
            (Scope::Add, Some(one)) if one.base == Base::Normal => {
                return case.refuse("ENTITLEMENT_LIVE", &grant.code);
            }
            (Scope::Add, Some(one)) => {
                let lost = format!("{}（已{}）", grant.code, one.base);
                hints.push(case.say("ENTITLEMENT_REGAINED", &lost));
                deltas.push(granted(case, grant));
            }
            (_, None) => return case.refuse("ENTITLEMENT_UNKNOWN", &grant.code),
            (_, Some(one)) if one.base.is_terminal() => {
                return case.refuse("ENTITLEMENT_ENDED", &format!("{}已{}", grant.code, one.base));
            }
            (_, Some(one)) => part(case, grant, one, deltas)?,
        }
    }
    Ok(())
}

fn granted(case: &Case, grant: &Grant) -> Delta {
    Delta::Entitlement(Entitlement {
        code: grant.code.clone(),
        base: Base::Normal,
        holds: BTreeSet::new(),
        valid_from: grant.valid_from.or(case.event.valid_from),
        valid_to: grant.valid_to.or(case.event.valid_to),
        authority: grant.authority.clone().or_else(|| case.event.authority.clone()),
    })
}

/// The event on one entitlement that is there; the others stay as they are.
fn part(case: &Case, grant: &Grant, one: &Entitlement, deltas: &mut Vec<Delta>) -> Result<(), Message> {
    let (row, code) = (case.row, &grant.code);
    let about = |hold: &str| format!("{hold}（{code}）");
    if !row.needs.is_empty() && !row.needs.iter().any(|hold| one.holds.contains(hold)) {
        return case.refuse("HOLD_ABSENT", &about(&case.names(&row.needs)));
    }
    if let Some(hold) = row.adds.as_ref().filter(|hold| one.holds.contains(*hold)) {
        return case.refuse("HOLD_PRESENT", &about(case.rules.hold_name(hold)));
    }
    deltas.extend(row.to.map(|base| Delta::EntitlementBase { code: code.clone(), base }));
    let step =
        |hold: &crate::Hold, held| Delta::EntitlementHold { code: code.clone(), hold: hold.clone(), held };
    deltas.extend(row.removes.iter().map(|hold| step(hold, false)));
    deltas.extend(row.adds.iter().map(|hold| step(hold, true)));
    let new = grant.valid_to.or(case.event.valid_to);
    if let Some(valid_to) = new.filter(|_| row.carries.contains(&Carried::Validity)) {
        if row.must_extend && one.valid_to.is_some_and(|old| valid_to <= old) {
            return case.refuse("VALIDITY_NOT_LATER", &format!("{code} 新的 {valid_to} 不晚于原来的"));
        }
        deltas.push(Delta::EntitlementTo { code: code.clone(), valid_to });
        // The certificate lasts as long as its longest entitlement.
        deltas.push(Delta::ExtendTo(valid_to));
    }
    Ok(())
}

fn carry(case: &Case, deltas: &mut Vec<Delta>) -> Result<(), Message> {
    let event = case.event;
    // The dates of an event on single entitlements are theirs.
    let parts = !event.entitlements.is_empty() && case.row.scope != Scope::Initial;
    let cycle = |old: &Cycle| {
        // A failed check does not take away what the last one gave.
        let due = if case.failed() { event.due.or(old.due) } else { event.due };
        Cycle { last: Some(event.effective_on), due, result: event.result.clone() }
    };
    for carried in &case.row.carries {
        match carried {
            Carried::Validity if !parts => {
                deltas.extend(event.valid_from.map(Delta::ValidFrom));
                deltas.extend(event.valid_to.map(Delta::ValidTo));
            }
            Carried::Authority if !parts => deltas.extend(event.authority.clone().map(Delta::Authority)),
            Carried::Validity | Carried::Authority => {}
            Carried::Annual => deltas.push(Delta::Annual(cycle(&case.state.annual))),
            Carried::Integrity => deltas.push(Delta::Integrity(cycle(&case.state.integrity))),
            Carried::Registration => {
                let registration = Registration { since: event.effective_on, until: event.due };
                deltas.push(Delta::Registration(Some(registration)));
            }
        }
    }
    if case.row.deregisters {
        if case.state.registration.is_none() {
            return case.refuse("NOT_REGISTERED", "");
        }
        deltas.push(Delta::Registration(None));
    }
    Ok(())
}

/// A certificate without any live entitlement says nothing: it follows its last one, unless the row forbids that.
fn last_entitlement(case: &Case, deltas: &mut Vec<Delta>, hints: &mut Vec<Message>) -> Result<(), Message> {
    let Some(to) = case.row.to.filter(|_| !case.event.entitlements.is_empty()) else { return Ok(()) };
    let mut after: State = case.state.clone();
    after.apply(deltas);
    if after.entitlements.values().any(|one| one.base == Base::Normal) {
        return Ok(());
    }
    if case.row.last == Last::Refuse {
        return case.refuse("LAST_ENTITLEMENT", "");
    }
    hints.push(case.say("LAST_ENTITLEMENT_LOST", to.name()));
    deltas.push(Delta::Base(to));
    Ok(())
}

/// What the event brings and this kind of event does not take: said, so that nobody believes it was taken.
fn not_carried(case: &Case) -> Vec<&'static str> {
    let (event, carries) = (case.event, &case.row.carries);
    let cycles = [Carried::Annual, Carried::Integrity, Carried::Registration];
    let cycle = carries.iter().any(|one| cycles.contains(one));
    let grants = matches!(case.row.scope, Scope::Add | Scope::Initial);
    let validity = carries.contains(&Carried::Validity) || grants;
    let authority = carries.contains(&Carried::Authority) || grants;
    let given = [
        ("有效期", !validity && (event.valid_from.is_some() || event.valid_to.is_some())),
        ("发证机关", !authority && event.authority.is_some()),
        ("下次日期", !cycle && event.due.is_some()),
        ("结果", !cycle && event.result.is_some()),
        ("被撤回的事件", case.row.undoes.is_empty() && event.undoes.is_some()),
    ];
    given.into_iter().filter(|(_, left)| *left).map(|(name, _)| name).collect()
}
