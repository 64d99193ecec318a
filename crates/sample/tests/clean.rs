//! Clean records keep every rule, judged here by functions of their own and by the product's lint.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::collections::HashSet;

use catalogue::{Catalogue, Lint, LiveKeys, duplicate_keys};
use jiff::civil::Date;
use model::{FaceValue, Record};
use sample::{SampleOptions, generate};

fn options() -> SampleOptions {
    SampleOptions { count: 1800, seed: 7, ..SampleOptions::default() }
}

fn clean_records(catalogue: &Catalogue) -> Vec<Record> {
    let sample = generate(options(), catalogue).unwrap();
    sample.iter().filter(|case| case.truth.is_none()).map(|case| case.record).collect()
}

/// GB 11643, as ISO 7064 MOD 11-2 writes it: a running remainder instead of weights.
fn resident_check(id: &str) -> bool {
    let (digits, check) = id.split_at(17);
    let rest = digits.bytes().fold(0, |rest, digit| (rest + u32::from(digit - b'0')) * 2 % 11);
    let expected = (12 - rest) % 11;
    check == if expected == 10 { "X".to_owned() } else { expected.to_string() }
}

/// GB 32100: the check character counts once, so that the whole sum is a multiple of 31.
fn uscc_check(code: &str) -> bool {
    const SET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1];
    let ranks = code.chars().map(|character| SET.find(character).unwrap());
    ranks.zip(weights).map(|(rank, weight)| rank * weight).sum::<usize>() % 31 == 0
}

fn date(record: &Record, short: &str) -> Option<Date> {
    record.face.text(short).and_then(|text| text.parse().ok())
}

#[test]
fn check_digits_are_right() {
    let catalogue = Catalogue::builtin().unwrap();
    for record in clean_records(&catalogue) {
        let number = record.face.text("CZZTDM").unwrap();
        match record.face.text("CZZTDMLXDM").unwrap() {
            "111" => assert!(resident_check(number), "{number}"),
            "001" => assert!(uscc_check(number), "{number}"),
            _ => {}
        }
    }
}

#[test]
fn documents_and_areas_are_those_of_no_real_place() {
    let catalogue = Catalogue::builtin().unwrap();
    for record in clean_records(&catalogue) {
        let number = record.face.text("CZZTDM").unwrap();
        match record.face.text("CZZTDMLXDM").unwrap() {
            "111" => assert!(number.starts_with("99"), "{number}"),
            "001" => assert!(number[2..].starts_with("99"), "{number}"),
            _ => {}
        }
        assert!(record.area.starts_with("99") && record.source == "sample");
    }
}

#[test]
fn dates_are_in_order_and_reach_the_end_of_2028() {
    let catalogue = Catalogue::builtin().unwrap();
    let horizon = jiff::civil::date(2028, 12, 31);
    for record in clean_records(&catalogue) {
        let decided: Date = record.decision.date.parse().unwrap();
        let (issued, start) = (date(&record, "ZZBFRQ").unwrap(), date(&record, "ZZYXQQSRQ").unwrap());
        assert!(decided <= issued && issued <= start && start <= options().today, "{}", record.record_id);
        let ends =
            ["ZZYXQJZRQ", "KZ_NSYXQ", "KZ_CXKHYXQ"].into_iter().filter_map(|short| date(&record, short));
        assert!(ends.into_iter().all(|end| end >= horizon), "{}", record.record_id);
        let first = date(&record, "KZ_CLRQ").or(date(&record, "KZ_CCLZRQ")).unwrap_or(issued);
        assert!(first <= start, "{}", record.record_id);
        if let Some(FaceValue::Rows(rows)) = record.face.get("KZ_CYZG") {
            for row in rows {
                let day = |short: &str| row[short].parse::<Date>().unwrap();
                assert!(day("CCLZRQ") <= day("YXQS") && day("YXQS") <= start && day("YXQZ") >= horizon);
            }
        }
    }
}

#[test]
fn the_lint_finds_nothing_in_clean_records() {
    let catalogue = Catalogue::builtin().unwrap();
    let sample = generate(SampleOptions { wrong_per_mille: 0, ..options() }, &catalogue).unwrap();
    let lint = Lint::new(&catalogue, options().today);
    let mut keys = LiveKeys::default();
    for (number, case) in sample.iter().enumerate() {
        let mut findings = lint.record(&case.record, Some(&[]));
        // Photos are another test's: an empty one stands for all of them here.
        findings.retain(|finding| finding.rule != "PHOTO_DAMAGED");
        let kind = lint.kind_of(&case.record).unwrap();
        findings.extend(keys.check(kind, &case.record, &catalogue));
        keys.hold(duplicate_keys(kind, &case.record), &case.record.record_id);
        assert!(findings.is_empty(), "{number}: {findings:?}");
    }
}

#[test]
fn numbers_stay_unique_in_a_large_sample() {
    let catalogue = Catalogue::builtin().unwrap();
    let options = SampleOptions { count: 60_000, wrong_per_mille: 0, ..options() };
    let sample = generate(options, &catalogue).unwrap();
    for kind in sample.kinds() {
        let mut numbers = HashSet::new();
        let mut plates = HashSet::new();
        for case in kind.range.clone().filter_map(|number| sample.case(number)) {
            let text = |short: &str| case.record.face.text(short).map(str::to_owned);
            assert!(numbers.insert((case.record.authority_uscc.clone(), text("ZZBH"))), "{:?}", text("ZZBH"));
            if let Some(plate) = text("KZ_CLHP") {
                assert!(plates.insert((plate.clone(), text("KZ_CPYS"))), "{plate}");
            }
        }
    }
}

#[test]
fn names_and_lists_are_as_varied_as_real_ones() {
    let catalogue = Catalogue::builtin().unwrap();
    let records = clean_records(&catalogue);
    let names: Vec<_> = records.iter().filter_map(|record| record.face.text("CZZT")).collect();
    assert!(names.iter().any(|name| name.contains('·')));
    assert!(
        names
            .iter()
            .any(|name| name.chars().any(|character| "玥喆堃璟翀垚鋆珺淼犇㛃䶮㼆".contains(character)))
    );
    assert!(names.iter().all(|name| (2..=40).contains(&name.chars().count())));
    let rows = |record: &Record| match record.face.get("KZ_CYZG") {
        Some(FaceValue::Rows(rows)) => rows.len(),
        _ => 0,
    };
    let most = records.iter().map(rows).max();
    assert_eq!(most, Some(4));
}
