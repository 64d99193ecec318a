//! What is written reads back the same, whatever the texts are.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::io::Cursor;
use std::sync::LazyLock;

use catalogue::{Catalogue, ItemType, Kind};
use model::{Decision, FaceData, FaceValue, Record, Row};
use proptest::collection::vec;
use proptest::prelude::*;
use records::{Format, read, write};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

fn kind(slug: &str) -> &'static Kind {
    CATALOGUE.kinds().iter().find(|kind| kind.slug == slug).unwrap()
}

/// Text that may stand in a cell: not blank, no control character, nothing that Excel writes for a damaged number.
fn text() -> impl Strategy<Value = String> {
    let free = "[^\\p{C}]{1,12}".prop_filter("blank", |text: &String| !text.trim().is_empty());
    let sharp = prop::sample::select(vec![
        "=1+1",
        "'=1",
        "''",
        "+86",
        "-",
        "@a",
        "\"引,号\"",
        "0123",
        "1.0",
        "王·李",
        "㛃䶮",
        " 前后 ",
        "a\nb",
    ]);
    prop_oneof![4 => free, 1 => sharp.prop_map(str::to_owned)]
}

fn value(kind: &'static Kind, short: &'static str) -> BoxedStrategy<FaceValue> {
    let item = kind.item(short);
    if let Some(group) = kind.group(short) {
        let names: Vec<_> = group.items.iter().map(|item| item.short.clone()).collect();
        let row =
            vec(text(), names.len()).prop_map(move |texts| names.iter().cloned().zip(texts).collect::<Row>());
        return vec(row, 1..4).prop_map(FaceValue::Rows).boxed();
    }
    match item.unwrap() {
        item if item.list => vec(text(), 1..5).prop_map(FaceValue::List).boxed(),
        _ => text().prop_map(FaceValue::Text).boxed(),
    }
}

fn record(kind: &'static Kind) -> impl Strategy<Value = Record> {
    let plain =
        kind.items.iter().filter(|item| item.item_type != ItemType::Photo).map(|item| item.short.as_str());
    let shorts: Vec<&str> = plain.chain(kind.groups.iter().map(|group| group.short.as_str())).collect();
    let face = prop::sample::subsequence(shorts.clone(), 0..=shorts.len()).prop_flat_map(move |shorts| {
        let values: Vec<_> = shorts.iter().map(|short| value(kind, short)).collect();
        (Just(shorts), values)
    });
    let key = prop::sample::select(vec![kind.slug.clone(), kind.name.clone(), kind.type_code.clone()]);
    let envelope = (text(), text(), key, text(), text(), prop::option::of(text()));
    (envelope, face).prop_map(|((record_id, source, kind, no, area, photo), (shorts, values))| {
        let mut face = FaceData::default();
        for (short, value) in shorts.into_iter().zip(values) {
            face.set(short, value);
        }
        let decision = Decision { no, date: "2026-05-01".into() };
        Record {
            record_id,
            source,
            kind,
            authority_uscc: "11990000MB0000000J".into(),
            area,
            decision,
            face,
            photo,
        }
    })
}

fn back(format: Format, kind: &Kind, records: &[Record]) -> Vec<Record> {
    let mut bytes = Vec::new();
    write(format, &mut bytes, kind, records).unwrap();
    read(format, Cursor::new(bytes), &CATALOGUE).map(|entry| entry.unwrap().record).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn json_lines_keep_records(records in vec(record(kind("qualification")), 0..4)) {
        prop_assert_eq!(back(Format::Jsonl, kind("qualification"), &records), records);
    }

    #[test]
    fn csv_keeps_records(records in vec(record(kind("qualification")), 0..4)) {
        prop_assert_eq!(back(Format::Csv, kind("qualification"), &records), records);
    }

    #[test]
    fn csv_keeps_lists(records in vec(record(kind("transport-certificate")), 0..4)) {
        prop_assert_eq!(back(Format::Csv, kind("transport-certificate"), &records), records);
    }

    #[test]
    fn xlsx_keeps_records(records in vec(record(kind("qualification")), 0..4)) {
        prop_assert_eq!(back(Format::Xlsx, kind("qualification"), &records), records);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        for format in [Format::Jsonl, Format::Csv, Format::Xlsx] {
            read(format, Cursor::new(&bytes), &CATALOGUE).for_each(drop);
        }
    }

    #[test]
    fn a_damaged_workbook_never_panics(place in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut bytes = Vec::new();
        let record = Record { record_id: "1".into(), kind: "qualification".into(), ..Record::default() };
        write(Format::Xlsx, &mut bytes, kind("qualification"), &[record]).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        read(Format::Xlsx, Cursor::new(&bytes), &CATALOGUE).for_each(drop);
    }
}

#[test]
fn every_kind_writes_headers_that_it_reads() {
    for kind in CATALOGUE.kinds() {
        let record = Record { record_id: "1".into(), kind: kind.slug.clone(), ..Record::default() };
        for format in [Format::Csv, Format::Xlsx] {
            let records = [record.clone()];
            assert_eq!(back(format, kind, &records), records, "{}", kind.name);
        }
    }
}

#[test]
fn a_value_without_a_cell_is_refused() {
    let mut record = Record { record_id: "7".into(), kind: "qualification".into(), ..Record::default() };
    record.face.set("KZ_NIX", "x");
    let error = write(Format::Csv, Vec::new(), kind("qualification"), &[record]).unwrap_err().to_string();
    assert!(error.contains("“7”") && error.contains("KZ_NIX"), "{error}");
}

#[test]
fn the_same_records_give_the_same_workbook() {
    let record = Record { record_id: "1".into(), kind: "qualification".into(), ..Record::default() };
    let bytes = || {
        let mut bytes = Vec::new();
        write(Format::Xlsx, &mut bytes, kind("qualification"), std::slice::from_ref(&record)).unwrap();
        bytes
    };
    assert_eq!(bytes(), bytes());
}
