//! Number rules and seal policies: which one decides, and what it gives.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalogue::{Catalogue, DataFile, NumberRule};
use jiff::civil::date;
use proptest::prelude::*;

fn with(path: &str, text: &str) -> Result<Catalogue, String> {
    let file = DataFile { path: path.to_owned(), text: text.to_owned() };
    Catalogue::with(&[file]).map_err(|error| error.to_string())
}

fn rule(serial: &str) -> Result<NumberRule, String> {
    let text = format!("rules = [{{ kinds = [\"*\"], valid_from = \"2019-01-01\", serial = \"{serial}\" }}]");
    with("number-rules.toml", &text).map(|catalogue| catalogue.number_rules[0].clone())
}

#[test]
fn the_default_rule_is_area_year_and_eight_digits() {
    let rule = &Catalogue::builtin().unwrap().number_rules[0];
    assert_eq!(rule.serial("990100", 2026, 42).as_deref(), Some("990100202600000042"));
}

#[test]
fn literals_stand_where_the_rule_puts_them() {
    assert_eq!(rule("J{counter:3}X{year}").unwrap().serial("990100", 2026, 7).as_deref(), Some("J007X2026"));
}

#[test]
fn a_counter_that_has_run_out_gives_nothing() {
    let rule = rule("{counter:2}").unwrap();
    assert_eq!(rule.serial("990100", 2026, 99).as_deref(), Some("99"));
    assert_eq!(rule.serial("990100", 2026, 100), None);
}

#[test]
fn impossible_rules_are_refused_with_the_rule_named() {
    for serial in [
        "",
        "{area}{year}",
        "{counter}",
        "{counter:x}",
        "{counter:0}",
        "{counter:20}",
        "{counter:4}{counter:4}",
        "{city}{counter:4}",
        "{counter:4",
        "a{counter:4}",
        "许{counter:4}",
        "{area}{area}{area}{area}{counter:9}",
    ] {
        let message = rule(serial).map(|_| ()).unwrap_err();
        assert!(message.contains("number-rules.toml") && message.contains(serial), "{serial}: {message}");
    }
}

proptest! {
    /// What shares a counter has one series; what has another series can never have the same serial.
    #[test]
    fn one_series_never_gives_a_serial_twice(
        serial in prop::sample::select(vec!["{area}{year}{counter:8}", "X{counter:6}", "{year}{counter:6}", "{counter:9}{area}"]),
        places in prop::collection::vec((prop::sample::select(vec!["990000", "990100", "980000"]), 2024i16..2028), 1..40),
    ) {
        let rule = rule(serial).unwrap();
        let mut counters = std::collections::HashMap::<String, u64>::new();
        let mut seen = std::collections::HashSet::new();
        for (area, year) in places {
            let counter = counters.entry(rule.series(area, year)).or_default();
            *counter += 1;
            prop_assert!(seen.insert(rule.serial(area, year, *counter).unwrap()));
        }
    }
}

#[test]
fn the_first_policy_that_fits_kind_area_and_day_decides() {
    let text = "policies = [\n\
        { kinds = [\"taxi-driver\"], areas = [\"9901\"], valid_from = \"2024-01-01\", valid_to = \"2025-12-31\", seal = \"甲\" },\n\
        { kinds = [\"*\"], valid_from = \"2019-01-01\", seal = \"乙\" },\n]";
    let catalogue = with("seal-policy.toml", text).unwrap();
    let seal = |kind: &str, area: &str, year: i16| {
        let on = date(year, 6, 1);
        let policy = catalogue.seal_policies.iter().find(|policy| policy.covers(kind, area, on));
        policy.map(|policy| policy.seal.clone())
    };
    let expected = |name: &str| Some(name.to_owned());
    assert_eq!(seal("taxi-driver", "990101", 2024), expected("甲"));
    assert_eq!(seal("taxi-driver", "990200", 2024), expected("乙"));
    assert_eq!(seal("operation-licence", "990101", 2024), expected("乙"));
    assert_eq!(seal("taxi-driver", "990101", 2026), expected("乙"));
    assert_eq!(seal("taxi-driver", "990101", 2018), None);
}
