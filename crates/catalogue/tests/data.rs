//! The data that the program carries holds together, and says what the standards' lists say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use catalogue::{Catalogue, ItemType};

fn builtin() -> Catalogue {
    Catalogue::builtin().unwrap()
}

#[test]
fn the_nine_kinds_are_there_with_their_type_codes() {
    let catalogue = builtin();
    let codes: BTreeSet<&str> = catalogue.kinds().iter().map(|kind| kind.type_code.as_str()).collect();
    let expected = ["008", "013", "016", "071", "072", "073", "074", "075", "079"];
    let expected: BTreeSet<String> =
        expected.iter().map(|number| format!("11100000000019713D{number}")).collect();
    assert_eq!(codes, expected.iter().map(String::as_str).collect());
}

#[test]
fn every_file_of_the_kinds_folder_is_carried() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/kinds");
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let slugs: BTreeSet<String> =
        names.filter(|name| name != "common.toml").map(|name| name.replace(".toml", "")).collect();
    assert_eq!(slugs, builtin().kinds().iter().map(|kind| kind.slug.clone()).collect());
}

#[test]
fn what_could_not_be_read_is_marked_illustrative() {
    assert!(builtin().kinds().iter().all(|kind| kind.illustrative));
}

#[test]
fn every_kind_carries_the_common_items_of_the_metadata_first() {
    for kind in builtin().kinds() {
        let first: Vec<&str> = kind.items.iter().take(14).map(|item| item.short.as_str()).collect();
        assert_eq!(first[0], "ZZMC", "{}", kind.slug);
        assert!(first.contains(&"ZZBS") && first.contains(&"CZZTDM") && first.contains(&"ZZYXQJZRQ"));
    }
}

#[test]
fn personal_items_have_a_mask() {
    for kind in builtin().kinds() {
        for item in
            kind.items.iter().filter(|item| matches!(item.item_type, ItemType::Document | ItemType::Photo))
        {
            // The photo of a vehicle shows no person.
            let vehicle = kind.slug.contains("transport");
            assert!(item.mask.is_some() || vehicle, "{} {}", kind.slug, item.short);
        }
    }
}

#[test]
fn every_rule_that_a_kind_names_has_a_chinese_name() {
    let catalogue = builtin();
    for rule in catalogue.kinds().iter().flat_map(|kind| &kind.rules) {
        assert_ne!(catalogue.rules.name(&rule.rule), rule.rule);
    }
}

#[test]
fn a_kind_is_found_by_code_slug_and_name_on_days_of_its_effect_only() {
    let catalogue = builtin();
    let day = jiff::civil::date(2026, 6, 1);
    let found = catalogue.kind("taxi-driver", day).unwrap();
    assert_eq!(catalogue.kind(&found.type_code, day), Some(found));
    assert_eq!(catalogue.kind(&found.name, day), Some(found));
    assert_eq!(catalogue.kind("taxi-driver", jiff::civil::date(2019, 1, 1)), None);
    assert_eq!(catalogue.kind("Taxi-Driver", day), None);
}
