//! What the clerk reads: the row is named, the code that was meant is proposed, an ended certificate holds nothing.

#![allow(clippy::unwrap_used, reason = "a test")]

use catalogue::{Catalogue, DuplicateKey, Lint, LiveKeys, duplicate_keys};
use jiff::civil::date;
use model::{FaceValue, Finding, Record, Row, Severity};

fn lint(kind: &str, items: &[(&str, FaceValue)]) -> Vec<Finding> {
    let mut record = Record { record_id: "1".into(), kind: kind.into(), ..Record::default() };
    for (short, value) in items {
        record.face.set(*short, value.clone());
    }
    let catalogue = Catalogue::builtin().unwrap();
    let findings = Lint::new(&catalogue, date(2026, 6, 1)).record(&record, None);
    let given = |finding: &Finding| {
        finding.rule != "ITEM_MISSING" && items.iter().any(|(short, _)| finding.item.starts_with(short))
    };
    findings.into_iter().filter(given).collect()
}

fn one(kind: &str, short: &str, text: &str) -> Finding {
    let mut findings = lint(kind, &[(short, text.into())]);
    assert_eq!(findings.len(), 1, "{short} {text}: {findings:?}");
    findings.remove(0)
}

fn row(pairs: &[(&str, &str)]) -> Row {
    pairs.iter().map(|(short, text)| ((*short).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_finding_in_a_group_names_its_row_and_one_wrong_row_does_not_hide_another() {
    let dates = |from: &str, to: &str| row(&[("LB", "02001"), ("YXQS", from), ("YXQZ", to)]);
    let mut rows = vec![dates("2020.01.01", "2026-01-01"), dates("2026-01-01", "2025-01-01")];
    rows[0].insert("LB".into(), "01001".into());
    let findings = lint("qualification", &[("KZ_CYZG", FaceValue::Rows(rows))]);
    let told: Vec<(&str, &str)> = findings.iter().map(|one| (one.item.as_str(), one.rule.as_str())).collect();
    assert_eq!(told, [("KZ_CYZG.YXQS", "FORMAT"), ("KZ_CYZG.YXQZ", "DATE_ORDER")]);
    assert!(findings[0].what.starts_with("从业资格第 1 行的有效起始日期"), "{}", findings[0].what);
    assert!(findings[1].what.starts_with("从业资格第 2 行的有效起始日期"), "{}", findings[1].what);
}

#[test]
fn the_code_that_was_meant_is_proposed() {
    for (kind, short, text, code) in [
        ("taxi-driver", "KZ_XB", "女", "“2”"),
        ("taxi-driver", "KZ_GJ", "cn", "“CHN”"),
        ("taxi-driver", "KZ_GJ", "美国", "“USA”"),
        ("operation-licence", "KZ_JYFW", "2101", "“02101”"),
        ("operation-licence", "KZ_JYFW", "０２１０１", "“02101”"),
        ("operation-licence", "KZ_JYFW", "02101/02201", "“02101”、“02201”"),
        ("operation-licence", "KZ_JYZT", "8", "1（营业）"),
    ] {
        let finding = one(kind, short, text);
        assert_eq!(finding.rule, "CODE_UNKNOWN");
        assert!(finding.fix.contains(code), "{text}: {}", finding.fix);
    }
    // A code that the kind may not carry is not proposed for a slip.
    assert!(!one("operation-licence", "KZ_JYFW", "3131").fix.contains("03131"));
}

#[test]
fn class_7_belongs_to_the_radioactive_licence_alone() {
    for (kind, code, fits) in [
        ("dangerous-goods-licence", "03170", false),
        ("dangerous-goods-licence", "03131", true),
        ("radioactive-licence", "03270", true),
        ("radioactive-licence", "03000", false),
    ] {
        let findings = lint(kind, &[("KZ_JYFW", code.into())]);
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules.is_empty(), fits, "{kind} {code}");
        assert!(fits || rules == ["CODE_NOT_ALLOWED"]);
    }
}

#[test]
fn blanks_in_latin_names_are_right_and_beside_chinese_characters_odd() {
    assert_eq!(lint("taxi-driver", &[("CZZT", "JOHN A. SMITH".into())]), vec![]);
    for name in ["周　军", "周 军", "JOHN 周"] {
        assert_eq!(one("taxi-driver", "CZZT", name).severity, Severity::Hint, "{name}");
    }
    for name in ["周?军", "周？", "周*军", "周\u{FFFD}军", "周\u{200B}军", "周\u{2028}军"] {
        let finding = one("taxi-driver", "CZZT", name);
        assert_eq!((finding.rule.as_str(), finding.severity), ("FORMAT", Severity::Error), "{name}");
    }
}

#[test]
fn numbers_say_what_is_wrong_with_them() {
    for (text, why) in [
        ("-1", "不能为负"),
        ("1,000", "不能含逗号"),
        ("5.0001", "小数超过三位"),
        ("5座", "不能带单位"),
        ("５", "全角"),
        ("1e1", "科学计数"),
        ("五", "不是数字"),
        ("0", "小于 1 座"),
        ("9.5", "超过 9 座"),
        ("4.5", "不是整数"),
        ("1.2.3", "不是数字"),
        ("1234567890", "位数过多"),
        ("", ""),
    ] {
        let findings = lint("ride-hailing-transport", &[("KZ_ZW", text.into())]);
        assert!(findings.iter().all(|finding| finding.what.contains(why)), "{text}: {findings:?}");
        assert_eq!(findings.len(), usize::from(!text.is_empty()), "{text}");
    }
    assert_eq!(lint("ride-hailing-transport", &[("KZ_ZW", "5.0".into())]), vec![]);
}

#[test]
fn two_numbers_in_one_field_are_suspected() {
    let other =
        |number: &str| lint("taxi-driver", &[("CZZTDMLXDM", "999".into()), ("CZZTDM", number.into())]);
    assert_eq!(other("USA880312025"), vec![]);
    assert!(other("USA880312025/E12345678")[0].what.contains("两个号码"));
}

fn vehicle(record_id: &str, begin: &str, end: &str) -> Record {
    let mut record =
        Record { record_id: record_id.into(), kind: "transport-certificate".into(), ..Record::default() };
    let items =
        [("KZ_CLHP", "演A12345"), ("KZ_CPYS", "2"), ("ZZBH", "1"), ("ZZYXQQSRQ", begin), ("ZZYXQJZRQ", end)];
    items.into_iter().for_each(|(short, text)| record.face.set(short, text));
    record
}

#[test]
fn a_certificate_holds_its_vehicle_to_its_last_day_and_its_number_for_ever() {
    let catalogue = Catalogue::builtin().unwrap();
    let kind = catalogue.kind("transport-certificate", date(2026, 6, 1)).unwrap();
    let rules = |held: &Record, new: &Record, today: Option<(i16, i8, i8)>| {
        // As a journal keeps the keys: rule, value, last day.
        let stored = duplicate_keys(kind, held).into_iter();
        let stored = stored.map(|key| DuplicateKey::stored(&key.rule, &key.value, catalogue::last_day(held)));
        let mut live = LiveKeys::default();
        live.hold(stored.collect(), &held.record_id);
        if let Some((year, month, day)) = today {
            live.advance(date(year, month, day));
        }
        live.check(kind, new, &catalogue).into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let held = vehicle("1", "2020-01-01", "2026-05-31");
    let twice = ["DUPLICATE", "LIVE_TWICE"];
    assert_eq!(rules(&held, &vehicle("2", "2026-05-31", "长期"), None), twice);
    assert_eq!(rules(&held, &vehicle("2", "2026-06-01", "长期"), None), ["DUPLICATE"]);
    assert_eq!(rules(&held, &vehicle("2", "2026-05-31", "长期"), Some((2026, 6, 1))), ["DUPLICATE"]);
    assert_eq!(rules(&vehicle("1", "2020-01-01", "长期"), &vehicle("2", "2026-06-01", "长期"), None), twice);
}

#[test]
fn of_two_holders_the_one_that_ends_later_counts() {
    let catalogue = Catalogue::builtin().unwrap();
    let kind = catalogue.kind("transport-certificate", date(2026, 6, 1)).unwrap();
    let mut live = LiveKeys::default();
    for (id, end) in [("1", "2024-12-31"), ("2", "2028-12-31"), ("3", "2025-12-31")] {
        live.hold(duplicate_keys(kind, &vehicle(id, "2020-01-01", end)), id);
    }
    let found = live.check(kind, &vehicle("4", "2026-06-01", "长期"), &catalogue);
    let live_twice = found.iter().find(|finding| finding.rule == "LIVE_TWICE").unwrap();
    assert!(
        live_twice.what.contains("记录“2”") && live_twice.what.contains("演A12345"),
        "{}",
        live_twice.what
    );
}
