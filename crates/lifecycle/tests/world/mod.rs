//! Events and histories for tests: an event has what its kind needs, unless a test takes it away.
#![allow(dead_code)] // each test target uses its own part

use codes::{LegalDate, Validity};
use lifecycle::{
    Carrier, Decision, Delta, Effect, Entitlement, Event, EventKind, Grant, History, Rules, State, decide,
    release,
};

pub fn day(text: &str) -> LegalDate {
    LegalDate::parse(text).unwrap()
}

pub fn rules() -> Rules {
    Rules::builtin().unwrap()
}

pub fn grant(code: &str) -> Grant {
    Grant { code: code.into(), valid_from: None, valid_to: None, authority: None }
}

/// An event of one source with everything that its kind may require. The digest follows the content.
pub fn event(id: &str, kind: EventKind, on: &str) -> Event {
    use EventKind as E;
    let faces = [
        E::FirstIssue,
        E::TransferIn,
        E::Change,
        E::Correct,
        E::AddItem,
        E::RemoveItem,
        E::Reissue,
        E::Replace,
    ];
    let decided = [E::Withhold, E::Annul, E::Revoke, E::Reinstate];
    let validity = match kind {
        E::FirstIssue | E::TransferIn => Some("2027-12-31"),
        E::Renew => Some("2033-12-31"),
        _ => None,
    };
    Event {
        source: "运政".into(),
        event_id: id.into(),
        digest: format!("{id} {kind} {on}"),
        kind,
        sequence: None,
        occurred_at: 0,
        effective_on: day(on),
        decision_no: if decided.contains(&kind) { "演运罚〔2026〕1号".into() } else { String::new() },
        entitlements: Vec::new(),
        valid_from: None,
        valid_to: validity.map(|text| Validity::parse(text).unwrap()),
        due: (kind == E::AnnualInspection).then(|| day("2027-06-30")),
        result: None,
        authority: None,
        has_face: faces.contains(&kind),
        undoes: None,
        links: Vec::new(),
    }
}

/// A live, converted certificate, valid to the end of 2027, as a history without events.
pub fn live(kind: &str) -> History {
    let mut state = State::record(kind, [Carrier::Paper]);
    state.apply(&[Delta::ValidTo(Validity::parse("2027-12-31").unwrap()), Delta::NewVersion]);
    History::new(state)
}

/// A live qualification with these categories.
pub fn qualified(codes: &[&str]) -> History {
    let mut state = live("qualification").origin().clone();
    for code in codes {
        state.apply(&[Delta::Entitlement(entitlement(code))]);
    }
    History::new(state)
}

pub fn entitlement(code: &str) -> Entitlement {
    Entitlement {
        code: code.into(),
        base: lifecycle::Base::Normal,
        holds: Default::default(),
        valid_from: None,
        valid_to: None,
        authority: None,
    }
}

/// Decides and records, then lets go what may go, in the way of the node.
pub fn take(rules: &Rules, history: &mut History, event: &Event, today: LegalDate) -> Decision {
    let decision = decide(rules, history, event, today);
    history.record(event, &decision, history.past().len() as i64);
    while let Some((index, next)) = release(rules, history, today) {
        let event = history.waiting()[index].event.clone();
        history.record(&event, &next, history.past().len() as i64);
    }
    decision
}

pub fn applied(decision: &Decision) -> &Effect {
    match decision {
        Decision::Apply(effect) | Decision::ApplyLate(effect) => effect,
        other => panic!("{other:?}"),
    }
}

/// `办`, `迟办`, `等 CODE`, `拒 CODE`, `人工 CODE`, `重复`, `冲突`.
pub fn outcome(decision: &Decision) -> String {
    match decision {
        Decision::Apply(_) => "办".into(),
        Decision::ApplyLate(_) => "迟办".into(),
        Decision::Wait { why, .. } => format!("等 {}", why.code),
        Decision::Refuse(why) => format!("拒 {}", why.code),
        Decision::WorkItem(why) => format!("人工 {}", why.code),
        Decision::Same { .. } => "重复".into(),
        Decision::Conflict(_) => "冲突".into(),
    }
}
