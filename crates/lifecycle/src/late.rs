//! An event in its place in effective time: does it change what came after?

use codes::LegalDate;

use crate::changes;
use crate::check::judge;
use crate::decide::{Decision, Effect};
use crate::delta::Delta;
use crate::effect::Acted;
use crate::event::Event;
use crate::history::{History, Outcome, Past};
use crate::kind::EventKind;
use crate::load::Rules;
use crate::state::Relation;
use crate::table::{Act, LinkAct};

/// Puts a permitted event in its place, if everything after it stays as it was answered.
pub(crate) fn fit(
    rules: &Rules,
    history: &History,
    place: usize,
    event: &Event,
    acted: Acted,
    today: LegalDate,
) -> Decision {
    let past = Past {
        event: event.clone(),
        outcome: Outcome::Applied,
        deltas: acted.deltas.clone(),
        state_seq: history.last_seq().saturating_add(1),
        // Not read by anything here; the caller knows the instant and writes it.
        recorded_at: 0,
    };
    let rest = history.past().get(place..).unwrap_or_default();
    let late = rest.iter().any(|later| later.outcome == Outcome::Applied);
    let mut all = history.past().to_vec();
    all.insert(place, past);
    let with = History::in_order(history.origin().clone(), all);
    if let Some((code, other)) = contradiction(rules, history, &with, place, event, &acted) {
        let about = format!("{}“{}”（{}）", other.event.effective_on, other.event.kind, other.event.event_id);
        return Decision::WorkItem(rules.say(code, event.kind, &about));
    }
    let effect = Box::new(effect(rules, &with, place, event, acted, today));
    if late { Decision::ApplyLate(effect) } else { Decision::Apply(effect) }
}

/// The first later event that would have been answered otherwise. Both answers are computed now, so that a change of the
/// rules in between is not mistaken for a contradiction.
fn contradiction<'a>(
    rules: &Rules,
    without: &'a History,
    with: &History,
    place: usize,
    event: &Event,
    acted: &Acted,
) -> Option<(&'static str, &'a Past)> {
    let issues = acted.deltas.contains(&Delta::NewVersion);
    without.past().iter().enumerate().skip(place).find_map(|(index, later)| {
        // A face that came later may not know of this change; a new file now would be older than it looks. A source
        // that counts knew its earlier events, whatever days they name.
        let known = later.event.source == event.source
            && later.event.sequence.zip(event.sequence).is_some_and(|(later, this)| later < this);
        if issues && !known && later.deltas.contains(&Delta::NewVersion) {
            return Some(("LATE_FACE", later));
        }
        let old = judge(rules, without, index, &later.event);
        let new = judge(rules, with, index + 1, &later.event);
        match (later.outcome, old, new) {
            (Outcome::Applied, Ok(old), Ok(new)) if old.deltas == new.deltas => None,
            (Outcome::Applied, Err(_), Err(_)) => None,
            (Outcome::Applied, _, _) => Some(("LATE_CONTRADICTS", later)),
            // It was refused for want of this one: a 恢复 before its 暂扣.
            (Outcome::Refused, Err(_), Ok(_)) => Some(("LATE_REVIVES", later)),
            _ => None,
        }
    })
}

fn effect(
    rules: &Rules,
    with: &History,
    place: usize,
    event: &Event,
    acted: Acted,
    today: LegalDate,
) -> Effect {
    let (before, after) = (with.before(place), with.before(place + 1));
    let all = with.before(with.past().len());
    let version = acted.deltas.contains(&Delta::NewVersion).then_some(all.version);
    let changes = changes::describe(rules, &before, &after);
    let mut hints = acted.hints;
    if event.effective_on > today {
        hints.push(rules.say("SCHEDULED", event.kind, &event.effective_on.to_string()));
    }
    let mut acts = Vec::new();
    let pair = pair(rules, event, &mut acts);
    if event.kind == EventKind::TransferOut && !pair {
        hints.push(rules.say("OUT_OF_PROVINCE", event.kind, ""));
    }
    consequences(rules, with, event, before.base != after.base, &mut acts);
    Effect {
        state: with.state(today),
        // What has no file yet is nothing that the ministry could hold.
        // An act that changes nothing in force (a late one) is counted all the same, and the ministry must not miss a count.
        collect: all.version > 0,
        issue_on: event.effective_on.max(today),
        deltas: acted.deltas,
        changes,
        version,
        acts,
        hints,
    }
}

/// 转出 and 转入 within the province are one act on two certificates (`domain.md`, "Link").
fn pair(rules: &Rules, event: &Event, acts: &mut Vec<LinkAct>) -> bool {
    let (relation, back, other) = match event.kind {
        EventKind::TransferOut => (Relation::TransferredTo, Relation::TransferredFrom, EventKind::TransferIn),
        EventKind::TransferIn => (Relation::TransferredFrom, Relation::TransferredTo, EventKind::TransferOut),
        _ => return false,
    };
    let before = acts.len();
    acts.extend(event.links.iter().filter(|link| link.relation == relation).map(|link| LinkAct {
        // Seen from the other one, which takes the event with this link.
        relation: back,
        target: Some(link.target.clone()),
        act: Act::Event(other),
        message: rules.say("PAIR", event.kind, other.name()),
    }));
    acts.len() > before
}

fn consequences(rules: &Rules, with: &History, event: &Event, base_changed: bool, acts: &mut Vec<LinkAct>) {
    let Some(table) = rules.table(&with.origin().kind, event.effective_on) else { return };
    for one in table.consequences.iter().filter(|one| one.events.contains(&event.kind)) {
        // An event on some entitlements leaves the licence standing: people must look, nothing more is known.
        let partly = !event.entitlements.is_empty() && !base_changed;
        let code = if partly && one.act == Act::WorkItem { "LICENCE_REDUCED" } else { &*one.code };
        acts.push(LinkAct {
            relation: one.relation,
            target: None,
            act: one.act,
            message: rules.say(code, event.kind, ""),
        });
    }
}
