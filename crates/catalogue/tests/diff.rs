//! What `diff` says about two catalogues.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalogue::{Catalogue, DataFile, diff};

const TAXI: &str = include_str!("../../../data/kinds/taxi-driver.toml");

fn changed(from: &str, to: &str) -> Catalogue {
    assert!(TAXI.contains(from), "{from}");
    let file = DataFile { path: "kinds/taxi-driver.toml".into(), text: TAXI.replacen(from, to, 1) };
    Catalogue::with(&[file]).unwrap()
}

fn lines(from: &str, to: &str) -> Vec<String> {
    diff(&Catalogue::builtin().unwrap(), &changed(from, to))
}

#[test]
fn equal_catalogues_differ_in_nothing() {
    let catalogue = Catalogue::builtin().unwrap();
    assert_eq!(diff(&catalogue, &catalogue), Vec::<String>::new());
}

#[test]
fn a_changed_text_shows_both_sides() {
    let lines = lines("version = \"2026.1\"", "version = \"2026.2\"");
    assert_eq!(lines, ["巡游出租汽车驾驶员证：版本由“2026.1”改为“2026.2”"]);
}

#[test]
fn an_item_added_and_taken_away_is_named() {
    let item = "  { short = \"KZ_XX\", name = \"星级\", type = \"text\" },\n  { short = \"KZ_GJ\"";
    assert_eq!(lines("  { short = \"KZ_GJ\"", item), ["巡游出租汽车驾驶员证：新增照面项 星级（KZ_XX）"]);
    let back = diff(&changed("  { short = \"KZ_GJ\"", item), &Catalogue::builtin().unwrap());
    assert_eq!(back, ["巡游出租汽车驾驶员证：删去照面项 星级（KZ_XX）"]);
}

#[test]
fn a_changed_item_and_a_changed_rule_are_named() {
    assert!(
        lines("type = \"code\", table = \"sex\", mandatory = true", "type = \"code\", table = \"sex\"")[0]
            .contains("KZ_XB")
    );
    assert!(lines("years = 6", "years = 3")[0].contains("规则"));
}

#[test]
fn a_new_effective_date_is_another_version_of_the_kind() {
    let lines = lines("effective_from = \"2020-03-01\"", "effective_from = \"2027-01-01\"");
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("删去") && lines[1].starts_with("新增") && lines[1].contains("2027-01-01"),
        "{lines:?}"
    );
}
