//! What a clerk would know: every scenario of `scenarios.toml` ends as it says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use std::collections::BTreeMap;

use codes::{LegalDate, Validity};
use lifecycle::{
    Base, Carrier, Decision, Delta, Event, EventKind, EventRef, Grant, History, Link, Relation, State,
};
use serde::Deserialize;
use world::{applied, day, grant, outcome, rules, take};

#[derive(Deserialize)]
struct File {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    kind: String,
    /// 正常 (default), 未转换, 无记录, or a terminal base.
    start: Option<String>,
    valid_to: Option<Validity>,
    #[serde(default)]
    have: Vec<String>,
    today: Option<LegalDate>,
    events: Vec<Step>,
    end: End,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    event: EventKind,
    on: LegalDate,
    /// The event's id; `e1`, `e2` … without it.
    id: Option<String>,
    digest: Option<String>,
    source: Option<String>,
    seq: Option<u64>,
    at: Option<i64>,
    no: Option<String>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    grants: Vec<Grant>,
    to: Option<Validity>,
    due: Option<LegalDate>,
    #[serde(default)]
    due_none: bool,
    result: Option<String>,
    face: Option<bool>,
    undoes: Option<String>,
    link: Option<Link>,
    today: Option<LegalDate>,
    expect: String,
    /// Whether a version is issued.
    issues: Option<u16>,
    collect: Option<bool>,
    #[serde(default)]
    hints: Vec<String>,
    #[serde(default)]
    acts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// The day asked for; the scenario's today without it.
    on: Option<LegalDate>,
    status: String,
    version: Option<u16>,
    valid_to: Option<Validity>,
    annual_due: Option<LegalDate>,
    registered: Option<bool>,
    #[serde(default)]
    entitlements: BTreeMap<String, Base>,
    live: Option<Vec<String>>,
    waiting: Option<usize>,
    usable: Option<bool>,
}

fn origin(scenario: &Scenario) -> State {
    let start = scenario.start.as_deref().unwrap_or("正常");
    if start == "无记录" {
        return State::unknown(&scenario.kind);
    }
    let mut state = State::record(&scenario.kind, [Carrier::Paper]);
    state.valid_to = Some(scenario.valid_to.unwrap_or(Validity::Until(day("2027-12-31").date())));
    if start != "未转换" {
        state.apply(&[Delta::NewVersion, Delta::Base(Base::parse(start).unwrap())]);
    }
    for code in &scenario.have {
        state.apply(&[Delta::Entitlement(world::entitlement(code))]);
    }
    state
}

fn event(step: &Step, number: usize) -> Event {
    let id = step.id.clone().unwrap_or_else(|| format!("e{number}"));
    let mut event = world::event(&id, step.event, &step.on.to_string());
    event.digest = step.digest.clone().unwrap_or(event.digest);
    event.source = step.source.clone().unwrap_or(event.source);
    event.sequence = step.seq;
    event.occurred_at = step.at.unwrap_or_default();
    event.decision_no = step.no.clone().unwrap_or(event.decision_no);
    event.entitlements = step.codes.iter().map(|code| grant(code)).chain(step.grants.clone()).collect();
    event.valid_to = step.to.or(event.valid_to);
    event.due = step.due.or(event.due).filter(|_| !step.due_none);
    event.result.clone_from(&step.result);
    event.has_face = step.face.unwrap_or(event.has_face);
    event.undoes = step.undoes.as_ref().map(|id| EventRef { source: "运政".into(), event_id: id.clone() });
    event.links = step.link.iter().cloned().collect();
    event
}

fn check_step(place: &str, step: &Step, decision: &Decision) {
    assert_eq!(outcome(decision), step.expect, "{place}: {decision:?}");
    let effect = match decision {
        Decision::Apply(_) | Decision::ApplyLate(_) => applied(decision),
        _ => return,
    };
    assert_eq!(effect.version, step.issues, "{place}: version");
    if let Some(collect) = step.collect {
        assert_eq!(effect.collect, collect, "{place}: collect");
    }
    let hints: Vec<&str> = effect.hints.iter().map(|hint| &*hint.code).collect();
    assert_eq!(hints, step.hints, "{place}: hints");
    let relation = |relation: Relation| serde_json::to_value(relation).unwrap().as_str().unwrap().to_owned();
    let act = |act: &lifecycle::LinkAct| format!("{} {}", relation(act.relation), act.message.code);
    let acts: Vec<String> = effect.acts.iter().map(act).collect();
    assert_eq!(acts, step.acts, "{place}: acts");
}

fn check_end(name: &str, end: &End, state: &State, history: &History, on: LegalDate) {
    let rules = rules();
    assert_eq!(rules.status_name(state, on), end.status, "{name}: status");
    if let Some(version) = end.version {
        assert_eq!(state.version, version, "{name}: version");
    }
    if end.valid_to.is_some() {
        assert_eq!(state.valid_to, end.valid_to, "{name}: valid_to");
    }
    if end.annual_due.is_some() {
        assert_eq!(state.annual.due, end.annual_due, "{name}: annual");
    }
    if let Some(registered) = end.registered {
        assert_eq!(state.registration.is_some(), registered, "{name}: registration");
    }
    for (code, base) in &end.entitlements {
        assert_eq!(state.entitlements[code].base, *base, "{name}: {code}");
    }
    if let Some(live) = &end.live {
        let found: Vec<&String> = state.entitlements.keys().filter(|code| state.entitled(code, on)).collect();
        assert_eq!(found, live.iter().collect::<Vec<_>>(), "{name}: live");
    }
    assert_eq!(history.waiting().len(), end.waiting.unwrap_or(0), "{name}: waiting");
    if let Some(usable) = end.usable {
        assert_eq!(rules.may_be_used(state, on), usable, "{name}: usable");
    }
}

#[test]
fn every_scenario_ends_as_written() {
    let file: File = toml::from_str(include_str!("scenarios.toml")).unwrap();
    let rules = rules();
    for scenario in &file.scenario {
        let today = scenario.today.unwrap_or(day("2026-06-01"));
        let mut history = History::new(origin(scenario));
        for (index, step) in scenario.events.iter().enumerate() {
            let event = event(step, index + 1);
            let decision = take(&rules, &mut history, &event, step.today.unwrap_or(today));
            check_step(&format!("{} #{}", scenario.name, index + 1), step, &decision);
        }
        let on = scenario.end.on.unwrap_or(today);
        check_end(&scenario.name, &scenario.end, &history.in_force(on), &history, on);
    }
    assert!(file.scenario.len() >= 60, "{}", file.scenario.len());
}
