//! The rules as data: what is committed loads, what a province overlays counts from its day, and slips are named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use lifecycle::{EventKind, Hold, Rules};
use world::{day, event, live, outcome, rules};

/// The slugs of `data/kinds`.
const KINDS: [&str; 9] = [
    "dangerous-goods-licence",
    "operation-licence",
    "qualification",
    "radioactive-licence",
    "ride-hailing-driver",
    "ride-hailing-licence",
    "ride-hailing-transport",
    "taxi-driver",
    "transport-certificate",
];

/// A vehicle table of a province with something in it.
fn overlay(more: &str) -> String {
    format!(
        "slug = \"vehicle\"\nname = \"道路运输证类\"\nfamily = \"RB\"\nkinds = [\"transport-certificate\"]\n\
         version = \"x\"\neffective_from = \"2026-06-01\"\n{more}"
    )
}

#[test]
fn every_kind_has_a_table() {
    let rules = rules();
    for kind in KINDS {
        assert!(rules.table(kind, day("2020-03-01")).is_some(), "{kind}");
    }
}

#[test]
fn every_kind_of_event_exists_somewhere() {
    let rules = rules();
    let known = |event: &EventKind| rules.tables().iter().any(|table| table.knows(*event));
    assert!(EventKind::ALL.iter().all(known));
    assert_eq!(EventKind::ALL.len(), 28);
}

#[test]
fn every_table_says_that_it_is_illustrative() {
    assert!(rules().tables().iter().all(|table| table.illustrative));
}

#[test]
fn names_and_slugs_are_read_back() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::parse(kind.name()), Some(*kind));
        assert_eq!(EventKind::parse(kind.slug()), Some(*kind));
        let text = serde_json::to_string(kind).unwrap();
        assert_eq!(text, format!("\"{}\"", kind.name()));
    }
}

#[test]
fn a_provinces_table_counts_from_its_day() {
    let strict = overlay("without = [\"挂失\"]");
    let rules = Rules::with(&[&strict]).unwrap();
    let decide = |on: &str| {
        let event = event("e", EventKind::ReportLoss, on);
        outcome(&lifecycle::decide(&rules, &live("transport-certificate"), &event, day("2026-06-10")))
    };
    assert_eq!(decide("2026-05-31"), "办");
    assert_eq!(decide("2026-06-01"), "拒 EVENT_NOT_APPLICABLE");
}

#[test]
fn a_hold_that_nobody_listed_is_refused() {
    let row = "[[event]]\nevent = \"停运\"\nbasis = \"x\"\nadds = \"扣留\"\n";
    let error = Rules::with(&[&overlay(row)]).unwrap_err().to_string();
    assert!(error.contains("扣留") && error.contains("[[hold]]"), "{error}");
}

#[test]
fn an_unknown_field_is_refused_with_its_line() {
    let error = Rules::with(&[&overlay("colour = \"red\"")]).unwrap_err().to_string();
    assert!(error.contains("第 7 行"), "{error}");
}

#[test]
fn a_row_without_a_basis_is_refused() {
    let row = "[[event]]\nevent = \"停运\"\nbasis = \"\"\nadds = \"停运\"\n";
    let error = Rules::with(&[&overlay(row)]).unwrap_err().to_string();
    assert!(error.contains("依据"), "{error}");
}

#[test]
fn no_table_may_end_a_tied_certificate() {
    let rule = "[[consequence]]\nevents = [\"注销\"]\nrelation = \"under\"\nact = { event = \"注销\" }\ncode = \"PAIR\"\n";
    let error = Rules::with(&[&overlay(rule)]).unwrap_err().to_string();
    assert!(error.contains("后果不能是事件"), "{error}");
}

#[test]
fn a_table_that_ends_before_it_begins_is_refused() {
    let error = Rules::with(&[&overlay("effective_to = \"2026-05-31\"")]).unwrap_err().to_string();
    assert!(error.contains("effective_to"), "{error}");
}

#[test]
fn a_missing_sentence_is_refused() {
    let error = Rules::with(&["slug = \"messages\"\nmessages = []"]).unwrap_err().to_string();
    assert!(error.contains("ALREADY_ON_RECORD"), "{error}");
}

#[test]
fn an_unknown_hold_forbids_use() {
    let mut state = live("transport-certificate").origin().clone();
    state.holds.insert(Hold("seized".into()));
    assert!(!rules().may_be_used(&state, day("2026-06-01")));
}
