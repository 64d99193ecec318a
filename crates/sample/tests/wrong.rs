//! What is wrong is wrong in the way that the truth says, and in no other.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Catalogue, Lint, LiveKeys, duplicate_keys};
use model::Severity;
use sample::{SampleOptions, Truth, generate};

const CLASSES: [&str; 9] = [
    "BOX_OVERFLOW",
    "CHECK_DIGIT",
    "CODE_UNKNOWN",
    "DATE_ORDER",
    "DUPLICATE",
    "GLYPH_MISSING",
    "ITEM_MISSING",
    "LIVE_TWICE",
    "PHOTO_DAMAGED",
];

fn truths(options: SampleOptions) -> Vec<Truth> {
    let catalogue = Catalogue::builtin().unwrap();
    generate(options, &catalogue).unwrap().iter().filter_map(|case| case.truth).collect()
}

#[test]
fn three_in_a_hundred_are_wrong_and_every_class_is_there() {
    for (count, seed) in [(300, 1), (900, 7), (900, 8)] {
        let truths = truths(SampleOptions { count, seed, ..SampleOptions::default() });
        assert_eq!(truths.len(), count * 3 / 100);
        let classes: BTreeSet<_> = truths.iter().map(|truth| truth.rule).collect();
        assert_eq!(classes, BTreeSet::from(CLASSES), "{count} records of seed {seed}");
    }
}

#[test]
fn no_kind_is_spared() {
    let catalogue = Catalogue::builtin().unwrap();
    let sample = generate(SampleOptions::default(), &catalogue).unwrap();
    for kind in sample.kinds() {
        let wrong = kind.range.clone().filter_map(|number| sample.case(number)?.truth).count();
        assert!(wrong >= 2, "{}: {wrong}", kind.kind.name);
    }
}

/// The lint of single records cannot see a face: these two classes are found when the face is laid out.
const BY_FACE: [&str; 2] = ["BOX_OVERFLOW", "GLYPH_MISSING"];

#[test]
fn the_lint_finds_each_wrong_thing_and_nothing_else() {
    let catalogue = Catalogue::builtin().unwrap();
    let options = SampleOptions { count: 2700, seed: 11, wrong_per_mille: 200, ..SampleOptions::default() };
    let sample = generate(options, &catalogue).unwrap();
    let lint = Lint::new(&catalogue, options.today);
    let mut keys = LiveKeys::default();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..sample.count() {
        let case = sample.case(number).unwrap();
        // Drawing takes long without optimisation: only photos that should be damaged are looked at here.
        let damaged = case.truth.as_ref().is_some_and(|truth| truth.rule == "PHOTO_DAMAGED");
        let photo = if damaged { sample.photo(number).unwrap() } else { Vec::new() };
        let mut findings = lint.record(&case.record, Some(&photo));
        findings.retain(|finding| {
            finding.severity == Severity::Error && (damaged || finding.rule != "PHOTO_DAMAGED")
        });
        let kind = lint.kind_of(&case.record).unwrap();
        findings.extend(keys.check(kind, &case.record, &catalogue));
        keys.hold(duplicate_keys(kind, &case.record), &case.record.record_id);
        let found: Vec<_> =
            findings.iter().map(|finding| (finding.item.clone(), finding.rule.clone())).collect();
        let expected: Vec<_> = case.truth.iter().filter(|truth| !BY_FACE.contains(&truth.rule)).collect();
        let expected: Vec<_> =
            expected.iter().map(|truth| (truth.item.clone(), truth.rule.to_owned())).collect();
        assert_eq!(found, expected, "{}", case.record.record_id);
        if let Some(truth) = &case.truth {
            *seen.entry(truth.rule).or_default() += 1;
        }
    }
    assert!(seen.len() == CLASSES.len() && seen.values().all(|count| *count >= 50), "{seen:?}");
}

#[test]
fn a_name_that_is_too_long_for_a_box_fits_its_item() {
    let catalogue = Catalogue::builtin().unwrap();
    let sample = generate(SampleOptions { count: 2700, ..SampleOptions::default() }, &catalogue).unwrap();
    let long: Vec<_> = sample
        .iter()
        .filter(|case| case.truth.as_ref().is_some_and(|truth| truth.rule == "BOX_OVERFLOW"))
        .map(|case| case.record.face.text("CZZT").unwrap().chars().count())
        .collect();
    assert!(!long.is_empty() && long.iter().all(|length| (120..=200).contains(length)), "{long:?}");
}

#[test]
fn a_character_without_a_glyph_stands_in_the_named_item() {
    let catalogue = Catalogue::builtin().unwrap();
    let sample = generate(SampleOptions { count: 2700, ..SampleOptions::default() }, &catalogue).unwrap();
    let strange = |character: char| matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{2FE5}' | '\u{F0000}');
    for case in sample.iter() {
        let odd: Vec<_> = case
            .record
            .face
            .iter()
            .filter(|(_, value)| value.as_text().is_some_and(|text| text.contains(strange)))
            .map(|(short, _)| short.to_owned())
            .collect();
        let expected: Vec<_> = case
            .truth
            .iter()
            .filter(|truth| truth.rule == "GLYPH_MISSING")
            .map(|truth| truth.item.clone())
            .collect();
        assert_eq!(odd, expected);
    }
}

#[test]
fn a_sample_may_be_all_right() {
    assert!(truths(SampleOptions { wrong_per_mille: 0, ..SampleOptions::default() }).is_empty());
}
