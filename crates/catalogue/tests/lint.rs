//! The lint takes any record and any photo without a panic, and says each thing once, in Chinese, with a fix.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalogue::{Catalogue, Lint, LiveKeys, duplicate_keys};
use jiff::civil::date;
use model::{Decision, FaceData, FaceValue, Record, Row};
use proptest::prelude::*;

thread_local! {
    static CATALOGUE: Catalogue = Catalogue::builtin().unwrap();
}

/// Texts that look like something, and texts that do not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[0-9X]{0,20}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[\u{4e00}-\u{9fff}]{0,8}",
        Just("长期".to_owned()),
        Just("91990100MALD8RUG6R".to_owned()),
        Just("-9999-01-01".to_owned()),
        Just("演A·12345".to_owned()),
        Just("1e9".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = FaceValue> {
    let row = prop::collection::btree_map(prop_oneof!["[A-Z]{2,6}", Just("LB".to_owned())], text(), 0..4);
    prop_oneof![
        4 => text().prop_map(FaceValue::Text),
        1 => prop::collection::vec(text(), 0..4).prop_map(FaceValue::List),
        1 => prop::collection::vec(row, 0..3).prop_map(|rows: Vec<Row>| FaceValue::Rows(rows)),
    ]
}

prop_compose! {
    fn record()(
        kind in 0usize..10,
        (record_id, uscc, area) in (text(), prop_oneof![text(), Just("11990000MB0000000J".to_owned())],
            prop_oneof![text(), Just("990100".to_owned()), Just("演演演".to_owned())]),
        decision in (text(), text()),
        values in prop::collection::vec(value(), 40),
        photo in prop::option::of(text()),
    ) -> Record {
        CATALOGUE.with(|catalogue| {
            let kinds = catalogue.kinds();
            let mut face = FaceData::default();
            let mut values = values.into_iter();
            if let Some(kind) = kinds.get(kind) {
                let shorts = kind.items.iter().map(|item| &item.short).chain(kind.groups.iter().map(|group| &group.short));
                for (short, value) in shorts.zip(&mut values) {
                    if let FaceValue::Text(text) = &value && text.is_empty() { continue }
                    face_set(&mut face, short, value);
                }
            }
            Record {
                record_id,
                source: "test".into(),
                kind: kinds.get(kind).map_or("unknown".into(), |kind| kind.slug.clone()),
                authority_uscc: uscc,
                area,
                decision: Decision { no: decision.0, date: decision.1 },
                face,
                photo,
            }
        })
    }
}

fn face_set(face: &mut FaceData, short: &str, value: FaceValue) {
    face.set(short, value);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_record_is_linted_without_panic_and_every_finding_is_complete(record in record(), photo: Vec<u8>) {
        CATALOGUE.with(|catalogue| {
            let lint = Lint::new(catalogue, date(2026, 6, 1));
            for finding in lint.record(&record, Some(&photo)) {
                prop_assert!(catalogue.rules.get(&finding.rule).is_some(), "{finding:?}");
                prop_assert!(!finding.what.is_empty() && !finding.fix.is_empty(), "{finding:?}");
                prop_assert!(!finding.item_name.is_empty(), "{finding:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_record_has_keys_without_panic_and_does_not_collide_with_itself(record in record()) {
        CATALOGUE.with(|catalogue| {
            let Some(kind) = Lint::new(catalogue, date(2026, 6, 1)).kind_of(&record) else { return Ok(()) };
            let mut live = LiveKeys::default();
            live.hold(duplicate_keys(kind, &record), &record.record_id);
            prop_assert_eq!(live.check(kind, &record, catalogue), vec![]);
            Ok(())
        })?;
    }

    #[test]
    fn any_bytes_are_a_photo_or_none(mut bytes: Vec<u8>, jpeg: bool) {
        let magic: &[u8] = if jpeg { &[0xFF, 0xD8, 0xFF] } else { b"\x89PNG\r\n\x1a\n" };
        bytes.splice(0..0, magic.iter().copied());
        prop_assert_eq!(catalogue::inspect_photo(&bytes), None);
    }
}

#[test]
fn an_empty_record_gives_the_envelope_and_the_kind() {
    CATALOGUE.with(|catalogue| {
        let findings = Lint::new(catalogue, date(2026, 6, 1)).record(&Record::default(), None);
        let items: Vec<&str> = findings.iter().map(|finding| finding.item.as_str()).collect();
        assert_eq!(items, ["record_id", "authority_uscc", "area", "decision.no", "decision.date", "kind"]);
    });
}
