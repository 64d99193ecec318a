//! Two questions with two answers: what was in force, and what did the record say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use codes::Validity;
use lifecycle::{
    Act, Carrier, Decision, EventKind, History, Outcome, Past, Rules, State, day_of, decide, release,
};
use world::{applied, day, event, grant, live, outcome, qualified, rules, take};

const TODAY: &str = "2026-06-01";

/// 12:00 in Shanghai on a day, in microseconds UTC.
fn noon(text: &str) -> i64 {
    let days = (day(text).date() - day("1970-01-01").date()).get_days();
    (i64::from(days) * 24 + 4) * 3_600_000_000
}

#[test]
fn a_late_hold_was_in_force_but_not_on_record() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let late = event("w", EventKind::Withhold, "2026-05-01");
    let decision = decide(&rules, &history, &late, day("2026-05-20"));
    history.record(&late, &decision, noon("2026-05-20"));
    assert!(history.as_recorded(noon("2026-05-10")).holds.is_empty());
    assert_eq!(history.in_force(day("2026-05-10")).holds.len(), 1);
    assert_eq!(history.as_recorded(noon("2026-05-20")).holds.len(), 1);
    assert!(history.in_force(day("2026-04-30")).holds.is_empty());
}

#[test]
fn the_day_begins_in_shanghai() {
    // 2026-05-31T16:00:00Z is midnight there.
    let midnight = noon(TODAY) - 12 * 3_600_000_000;
    assert_eq!(day_of(midnight), day(TODAY));
    assert_eq!(day_of(midnight - 1), day("2026-05-31"));
    assert!(day_of(i64::MIN) < day_of(i64::MAX));
}

#[test]
fn valid_to_24_00_of_the_last_day() {
    let mut state = live("transport-certificate").origin().clone();
    state.valid_to = Some(Validity::Until(day(TODAY).date()));
    assert!(!state.expired(day(TODAY)));
    assert!(state.expired(day("2026-06-02")));
}

#[test]
fn an_inspection_counts_through_its_last_day() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let mut inspected = event("a", EventKind::AnnualInspection, "2025-06-01");
    inspected.due = Some(day(TODAY));
    take(&rules, &mut history, &inspected, day(TODAY));
    let state = history.state(day(TODAY));
    assert!(!state.annual_overdue(day(TODAY)));
    assert!(state.annual_overdue(day("2026-06-02")));
}

#[test]
fn an_unknown_end_is_not_over() {
    let state = State::record("transport-certificate", [Carrier::Ic]);
    assert!(!state.expired(day("2099-01-01")));
}

#[test]
fn a_scheduled_revocation_shows_on_its_day() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let decision = take(&rules, &mut history, &event("r", EventKind::Revoke, "2026-06-10"), day(TODAY));
    let effect = applied(&decision);
    assert_eq!(effect.issue_on, day("2026-06-10"));
    assert_eq!(rules.status_name(&effect.state, day("2026-06-09")), "正常");
    assert_eq!(rules.status_name(&effect.state, day("2026-06-10")), "吊销");
    assert_eq!(rules.status_code(&effect.state, day("2026-06-10")), 4);
}

#[test]
fn the_changes_are_said_in_chinese() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let mut renewal = event("y", EventKind::Renew, TODAY);
    renewal.valid_to = Some(Validity::LongTerm);
    let decision = take(&rules, &mut history, &renewal, day(TODAY));
    let wanted = ["有效期至：2027-12-31 → 长期", "版本：001 → 002"];
    assert_eq!(applied(&decision).changes, wanted);
}

#[test]
fn the_status_code_shows_holds_and_lost_entitlements() {
    let (rules, mut history) = (rules(), qualified(&["02001", "03001"]));
    assert_eq!(rules.status_code(&history.state(day(TODAY)), day(TODAY)), 0);
    let mut part = event("p", EventKind::Revoke, "2026-05-01");
    part.entitlements = vec![grant("03001")];
    take(&rules, &mut history, &part, day(TODAY));
    take(&rules, &mut history, &event("w", EventKind::Withhold, "2026-05-02"), day(TODAY));
    assert_eq!(rules.status_code(&history.state(day(TODAY)), day(TODAY)), 1 << 4 | 1 << 5);
    assert_eq!(rules.status_code(&State::unknown("qualification"), day(TODAY)), 7);
}

#[test]
fn the_first_decision_is_the_licence_and_its_vehicles_wait_for_a_person() {
    let (rules, mut history) = (rules(), live("operation-licence"));
    let decision = take(&rules, &mut history, &event("r", EventKind::Revoke, TODAY), day(TODAY));
    let acts: Vec<&Act> = applied(&decision).acts.iter().map(|act| &act.act).collect();
    assert_eq!(acts, [&Act::WorkItem, &Act::WorkItem]);
}

#[test]
fn an_operator_closes_a_gap_by_answering_the_missing_number() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let mut second = event("b", EventKind::StopService, "2026-05-02");
    second.sequence = Some(2);
    take(&rules, &mut history, &second, day(TODAY));
    let mut missing = event("缺号 1", EventKind::Correct, "2026-05-02");
    missing.sequence = Some(1);
    let answer =
        Past { event: missing, outcome: Outcome::Refused, deltas: Vec::new(), state_seq: 0, recorded_at: 0 };
    let history = History::restore(history.origin().clone(), [answer], history.waiting().to_vec());
    let (_, decision) = release(&rules, &history, day(TODAY)).unwrap();
    assert_eq!(outcome(&decision), "办");
}

#[test]
fn a_wait_lasts_through_its_last_day() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let early = take(&rules, &mut history, &event("a", EventKind::Restore, TODAY), day(TODAY));
    assert!(matches!(early, Decision::Wait { until, .. } if until == day("2026-06-04")));
    assert!(release(&rules, &history, day("2026-06-04")).is_none());
    let (_, over) = release(&rules, &history, day("2026-06-05")).unwrap();
    assert_eq!(outcome(&over), "人工 WAIT_OVER");
}

#[test]
fn decision_numbers_count_as_people_count() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    let numbered = |id: &str, kind, number: &str| {
        let mut event = event(id, kind, TODAY);
        event.decision_no = number.into();
        event
    };
    // The tenth decision comes first and lifts what the ninth sets: it waits, and then both fit.
    take(&rules, &mut history, &numbered("b", EventKind::Restore, "〔2026〕10号"), day(TODAY));
    take(&rules, &mut history, &numbered("a", EventKind::Withhold, "〔2026〕9号"), day(TODAY));
    let order: Vec<&str> = history.past().iter().map(|past| &*past.event.event_id).collect();
    assert_eq!(order, ["a", "b"]);
    assert!(history.state(day(TODAY)).holds.is_empty());
}

#[test]
fn the_thousandth_version_is_refused() {
    let mut state = live("transport-certificate").origin().clone();
    state.version = 999;
    let decision = decide(&rules(), &History::new(state), &event("c", EventKind::Change, TODAY), day(TODAY));
    assert_eq!(outcome(&decision), "拒 VERSION_FULL");
}

#[test]
fn a_later_change_of_the_rules_leaves_the_past() {
    let (rules, mut history) = (rules(), live("transport-certificate"));
    take(&rules, &mut history, &event("s", EventKind::StopService, "2026-05-01"), day(TODAY));
    // From now on vehicles have no 停运 at all.
    let strict = r#"
slug = "vehicle"
name = "道路运输证类"
family = "RB"
kinds = ["transport-certificate"]
version = "x"
effective_from = "2000-01-01"
"#;
    let strict = Rules::with(&[strict]).unwrap();
    let late = event("l", EventKind::ReportLoss, "2026-04-01");
    let decision = decide(&strict, &history, &late, day(TODAY));
    assert_eq!(applied(&decision).state.holds.len(), 2);
}
