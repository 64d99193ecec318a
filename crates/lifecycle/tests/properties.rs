//! What holds for every life, however odd.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use lifecycle::{Decision, Event, EventKind, History, Link, Outcome, Relation, Rules, State, decide};
use proptest::prelude::*;
use world::{day, event, grant, outcome, rules, take};

const TODAY: &str = "2026-06-01";
const KINDS: &[&str] =
    &["qualification", "taxi-driver", "transport-certificate", "operation-licence", "boat-licence"];

/// A starting point of any kind: unknown, unconverted or live.
fn origin() -> impl Strategy<Value = State> {
    (proptest::sample::select(KINDS), 0..3_u8).prop_map(|(kind, start)| match start {
        0 => State::unknown(kind),
        1 => State::record(kind, [lifecycle::Carrier::Paper]),
        _ => {
            let mut state = world::live(kind).origin().clone();
            for code in ["A", "B"] {
                state.apply(&[lifecycle::Delta::Entitlement(world::entitlement(code))]);
            }
            state
        }
    })
}

fn any_kind() -> impl Strategy<Value = EventKind> {
    proptest::sample::select(EventKind::ALL)
}

/// The kinds that change only the status, so that many orders of them are harmless.
fn light() -> impl Strategy<Value = EventKind> {
    use EventKind as E;
    proptest::sample::select(vec![
        E::ReportLoss,
        E::CancelLoss,
        E::StopService,
        E::ResumeService,
        E::Withhold,
        E::Restore,
        E::Cancel,
        E::Correct,
    ])
}

/// Events of one source, as many as asked, on days of this year, each with its own id and maybe with entitlements.
fn events(kind: impl Strategy<Value = EventKind>, most: usize) -> impl Strategy<Value = Vec<Event>> {
    let one = (kind, 1..=12_u8, 1..=28_u8, 0..5_u8, any::<bool>());
    prop::collection::vec(one, 1..=most).prop_map(|list| {
        let build = |(index, (kind, month, date, part, face)): (usize, (EventKind, u8, u8, u8, bool))| {
            let mut event = event(&format!("e{index}"), kind, &format!("2026-{month:02}-{date:02}"));
            event.entitlements = match part {
                0 => vec![grant("A")],
                1 => vec![grant("B")],
                2 => vec![grant("A"), grant("C")],
                _ => Vec::new(),
            };
            event.has_face |= face;
            event.links = vec![Link { relation: Relation::Under, target: format!("x{part}") }];
            event
        };
        list.into_iter().enumerate().map(build).collect()
    })
}

fn counted(mut events: Vec<Event>) -> Vec<Event> {
    for (index, event) in events.iter_mut().enumerate() {
        event.sequence = Some(index as u64 + 1);
    }
    events
}

fn live_out(rules: &Rules, origin: State, events: &[Event]) -> History {
    let mut history = History::new(origin);
    for event in events {
        take(rules, &mut history, event, day(TODAY));
    }
    history
}

/// A history without the instants of recording, which differ between orders of arrival.
fn outcomes(history: &History) -> Vec<(String, Outcome, u64)> {
    let one = |past: &lifecycle::Past| (past.event.event_id.clone(), past.outcome, past.state_seq);
    history.past().iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn counted_events_end_alike_in_any_order_of_arrival(
        (origin, events, shuffled) in (origin(), events(any_kind(), 8)).prop_flat_map(|(origin, events)| {
            let events = counted(events);
            (Just(origin), Just(events.clone()), Just(events).prop_shuffle())
        })
    ) {
        let rules = rules();
        let straight = live_out(&rules, origin.clone(), &events);
        let mixed = live_out(&rules, origin, &shuffled);
        prop_assert_eq!(straight.state(day(TODAY)), mixed.state(day(TODAY)));
        prop_assert_eq!(outcomes(&straight), outcomes(&mixed));
        prop_assert!(mixed.waiting().is_empty());
    }

    #[test]
    fn late_but_harmless_equals_in_order(
        origin in origin(), few in events(any_kind(), 8), light in events(light(), 6)
    ) {
        let rules = rules();
        for events in [few, light] {
            let mixed = live_out(&rules, origin.clone(), &events);
            let applied = mixed.past().iter().filter(|past| past.outcome == Outcome::Applied);
            let mut straight = History::new(origin.clone());
            for past in applied {
                let decision = take(&rules, &mut straight, &past.event, day(TODAY));
                prop_assert!(matches!(decision, Decision::Apply(_)), "{decision:?}");
            }
            let far = day("2027-01-01");
            prop_assert_eq!(straight.state(far), mixed.state(far));
        }
    }

    #[test]
    fn the_same_event_again_changes_nothing(origin in origin(), events in events(any_kind(), 6)) {
        let rules = rules();
        let mut history = live_out(&rules, origin, &events);
        let before = history.clone();
        for event in &events {
            let again = take(&rules, &mut history, event, day(TODAY));
            prop_assert!(matches!(again, Decision::Same { .. }), "{:?}", again);
            let mut other = event.clone();
            other.digest.push('!');
            prop_assert_eq!(outcome(&decide(&rules, &history, &other, day(TODAY))), "冲突");
        }
        prop_assert_eq!(history, before);
    }

    #[test]
    fn an_ended_certificate_stays_ended(origin in origin(), events in events(any_kind(), 12)) {
        let rules = rules();
        let far = day("2027-06-01");
        let mut history = History::new(origin);
        for event in events.iter().filter(|event| event.kind != EventKind::Reinstate) {
            let before = history.in_force(far).base;
            take(&rules, &mut history, event, day(TODAY));
            prop_assert!(!before.is_terminal() || history.in_force(far).base == before);
        }
    }

    #[test]
    fn lifting_one_hold_leaves_the_others(events in events(light(), 10)) {
        let rules = rules();
        let mut history = world::live("transport-certificate");
        for event in &events {
            let before = history.in_force(event.effective_on).holds;
            let decision = take(&rules, &mut history, event, day(TODAY));
            if matches!(decision, Decision::Apply(_)) && history.waiting().is_empty() {
                let after = history.in_force(event.effective_on).holds;
                prop_assert!(before.symmetric_difference(&after).count() <= 1);
            }
        }
    }

    #[test]
    fn the_count_is_gapless_and_the_steps_give_the_state(
        origin in origin(), events in events(any_kind(), 10)
    ) {
        let rules = rules();
        let history = live_out(&rules, origin.clone(), &events);
        let mut counts: Vec<u64> = history.past().iter().map(|past| past.state_seq).filter(|n| *n > 0).collect();
        counts.sort_unstable();
        prop_assert_eq!(&counts, &(1..=counts.len() as u64).collect::<Vec<_>>());
        let mut state = origin;
        for past in history.past() {
            state.apply(&past.deltas);
        }
        state.state_seq = counts.len() as u64;
        prop_assert_eq!(state, history.in_force(day("2027-06-01")));
    }

    #[test]
    fn a_stored_history_comes_back(origin in origin(), events in events(any_kind(), 10)) {
        let rules = rules();
        let history = live_out(&rules, origin.clone(), &events);
        let mut rows = history.past().to_vec();
        rows.sort_by_key(|past| past.recorded_at);
        let text = serde_json::to_string(&rows).unwrap();
        let rows: Vec<lifecycle::Past> = serde_json::from_str(&text).unwrap();
        let back = History::restore(origin, rows, history.waiting().to_vec());
        prop_assert_eq!(back, history);
    }

    #[test]
    fn a_state_with_scheduled_parts_moves_with_the_days(
        origin in origin(), events in events(any_kind(), 8), ahead in 0..400_i64
    ) {
        let rules = rules();
        let history = live_out(&rules, origin, &events);
        let today = day(TODAY);
        let then = today.date().saturating_add(jiff::Span::new().days(ahead)).into();
        prop_assert_eq!(history.state(today).on(then), history.state(then));
        let code = rules.status_code(&history.state(today), then);
        prop_assert_eq!(code, rules.status_code(&history.state(then), then));
    }

    #[test]
    fn any_event_text_is_answered(
        (kind, on, at, seq) in (any_kind(), "[0-9]{4}-[01][0-9]-[0-3][0-9]", any::<i64>(), any::<Option<u64>>()),
        (number, code, due) in (".{0,12}", ".{0,6}", any::<bool>()),
        origin in origin(),
    ) {
        let Ok(on) = on.parse::<codes::LegalDate>() else { return Ok(()) };
        let mut event = event("e", kind, TODAY);
        event.effective_on = on;
        event.occurred_at = at;
        event.sequence = seq;
        event.decision_no = number;
        event.entitlements.push(grant(&code));
        event.due = due.then_some(on);
        let decision = decide(&rules(), &History::new(origin), &event, day(TODAY));
        let text = serde_json::to_string(&decision).unwrap();
        prop_assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision);
    }
}
