//! Validity extended by notice: kind, area and every edge of its dates.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalogue::{Catalogue, DataFile};
use jiff::civil::{Date, date};

const NOTICE: &str = r#"
[[override]]
notice = "演示通知"
kinds = ["taxi-driver"]
areas = ["9901"]
ended_from = "2026-01-20"
ended_to = "2026-02-20"
extended_to = "2026-03-31"
effective_from = "2026-01-25"
effective_to = "2026-03-15"
"#;

fn with(text: &str) -> Result<Catalogue, String> {
    let file = DataFile { path: "policy-overrides.toml".into(), text: text.into() };
    Catalogue::with(&[file]).map_err(|error| error.to_string())
}

/// The day to which a certificate of 9901 is extended.
fn extended(catalogue: &Catalogue, ended: Date, on: Date) -> Option<Date> {
    catalogue.extension("taxi-driver", "990102", ended, on).map(|one| one.extended_to)
}

#[test]
fn every_edge_of_the_dates_counts() {
    let catalogue = with(NOTICE).unwrap();
    let (to, on) = (Some(date(2026, 3, 31)), date(2026, 2, 25));
    assert_eq!(extended(&catalogue, date(2026, 1, 19), on), None);
    assert_eq!(extended(&catalogue, date(2026, 1, 20), on), to);
    assert_eq!(extended(&catalogue, date(2026, 2, 20), on), to);
    assert_eq!(extended(&catalogue, date(2026, 2, 21), on), None);
    let ended = date(2026, 1, 22);
    assert_eq!(extended(&catalogue, ended, date(2026, 1, 24)), None);
    assert_eq!(extended(&catalogue, ended, date(2026, 1, 25)), to);
    assert_eq!(extended(&catalogue, ended, date(2026, 3, 15)), to);
    assert_eq!(extended(&catalogue, ended, date(2026, 3, 16)), None);
}

#[test]
fn other_kinds_and_areas_are_not_extended() {
    let catalogue = with(NOTICE).unwrap();
    let (ended, on) = (date(2026, 1, 22), date(2026, 2, 1));
    assert!(catalogue.extension("taxi-driver", "990100", ended, on).is_some());
    assert!(catalogue.extension("taxi-driver", "990200", ended, on).is_none());
    assert!(catalogue.extension("qualification", "990100", ended, on).is_none());
}

#[test]
fn of_several_notices_the_longest_counts() {
    let longer = NOTICE.replace("2026-03-31", "2026-04-30").replace("演示通知", "演示再延长通知");
    let catalogue = with(&format!("{NOTICE}{longer}")).unwrap();
    assert_eq!(extended(&catalogue, date(2026, 1, 22), date(2026, 2, 1)), Some(date(2026, 4, 30)));
}

#[test]
fn slips_are_refused_by_name() {
    for (from, to, named) in [
        ("\"taxi-driver\"", "\"taxi\"", "taxi"),
        ("\"9901\"", "\"演示\"", "演示"),
        ("extended_to = \"2026-03-31\"", "extended_to = \"2026-02-19\"", "extended_to"),
        ("ended_to = \"2026-02-20\"", "ended_to = \"2026-01-19\"", "ended_to"),
        ("effective_to = \"2026-03-15\"", "effective_to = \"2026-01-01\"", "effective_to"),
        ("2026-01-25", "2026-02-30", "2026-02-30"),
        ("演示通知", " ", "notice"),
        ("effective_to", "effectiv_to", "effectiv_to"),
    ] {
        let message = with(&NOTICE.replace(from, to)).unwrap_err();
        assert!(message.contains("policy-overrides.toml") && message.contains(named), "{named}: {message}");
    }
}

#[test]
fn the_built_in_entry_is_marked_as_an_example() {
    let builtin = Catalogue::builtin().unwrap();
    assert!(!builtin.extensions.is_empty());
    for one in &builtin.extensions {
        assert!(one.illustrative && one.notice.contains("示例") && one.areas == ["99"], "{one:?}");
    }
}
