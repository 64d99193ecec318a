//! Field maps: our names to theirs and back, with nothing lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use link::files::{FieldMap, MapError};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const MAP: &str = r#"
name = "演示部级接口"
omit = ["internal.note"]

[[field]]
ours = "certificate_no"
theirs = "ZZBH"
required = true

[[field]]
ours = "status"
theirs = "ZT.DM"
codes = { "正常" = "1", "注销" = "2", "吊销" = 3 }

[[field]]
ours = "face.KZ_YHMC"
theirs = "YHMC"

[[field]]
ours = "entitlements"
theirs = "ZT.LB"

[[constant]]
theirs = "JKBB"
value = "1.0"
"#;

fn map() -> FieldMap {
    FieldMap::parse(MAP).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn names_values_and_constants_go_over_and_come_back() {
    let ours = object(
        json!({"certificate_no": "99", "status": "吊销", "face": {"KZ_YHMC": "演示公司"}, "entitlements": [1]}),
    );
    let theirs = map().to_theirs(&ours).unwrap();
    assert_eq!(
        Value::Object(theirs.clone()),
        json!({"ZZBH": "99", "ZT": {"DM": 3, "LB": [1]}, "YHMC": "演示公司", "JKBB": "1.0"})
    );
    assert_eq!(map().to_ours(&theirs).unwrap(), ours);
}

#[test]
fn what_the_map_does_not_know_is_refused_by_name() {
    let refuse = |value| map().to_theirs(&object(value)).unwrap_err();
    assert_eq!(
        refuse(json!({"certificate_no": "1", "face": {"X": 1}})),
        MapError::Unknown { field: "face.X".into() }
    );
    assert_eq!(
        refuse(json!({"certificate_no": "1", "face": {}})),
        MapError::Unknown { field: "face".into() }
    );
    assert_eq!(refuse(json!({})), MapError::Required { field: "certificate_no".into() });
    assert!(matches!(refuse(json!({"certificate_no": "1", "status": "转出"})), MapError::Code { .. }));
    assert!(map().to_theirs(&object(json!({"certificate_no": "1", "internal": {"note": 1}}))).is_ok());
    let back = |value| map().to_ours(&object(value)).unwrap_err();
    assert!(matches!(back(json!({"ZZBH": "1", "JKBB": "2.0"})), MapError::Constant { .. }));
    assert!(matches!(back(json!({"ZZBH": "1", "JKBB": "1.0", "ZT": {"DM": 9}})), MapError::Code { .. }));
    assert!(matches!(back(json!({"ZZBH": "1", "JKBB": "1.0", "XX": null})), MapError::Unknown { .. }));
}

#[test]
fn maps_that_could_not_be_read_backwards_are_refused() {
    let field = |text: &str| format!("name = \"x\"\n[[field]]\n{text}");
    let bad = [
        field("ours = \"a\"\ntheirs = \"b\"\ncodes = { \"x\" = 1, \"y\" = 1 }"),
        field("ours = \"a\"\ntheirs = \"b\"\n[[field]]\nours = \"a.c\"\ntheirs = \"d\""),
        field("ours = \"a\"\ntheirs = \"b\"\n[[constant]]\ntheirs = \"b\"\nvalue = 1"),
        field("ours = \"a..b\"\ntheirs = \"b\""),
        field("ours = \"a\"\ntheirs = \"b\"\nother = 1"),
        field("ours = \"a\"\ntheirs = \"b\"\ncodes = { \"x\" = 1.5 }"),
        "name = 1".to_owned(),
    ];
    for text in bad {
        assert!(FieldMap::parse(&text).is_err(), "{text}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), ".{0,8}".prop_map(Value::from)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-c.]{0,2}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_goes_over_comes_back(
        number in any_value(), status in prop::option::of(prop::sample::select(vec!["正常", "注销", "吊销"])),
        name in prop::option::of(any_value()), list in prop::option::of(any_value()), stray in prop::option::of(any_value()),
    ) {
        let mut ours = object(json!({"certificate_no": number}));
        if let Some(status) = status { ours.insert("status".into(), status.into()); }
        if let Some(name) = name { ours.insert("face".into(), json!({"KZ_YHMC": name})); }
        if let Some(list) = list { ours.insert("entitlements".into(), list); }
        let known = stray.is_none();
        if let Some(stray) = stray { ours.insert("stray".into(), stray); }
        match map().to_theirs(&ours) {
            Ok(theirs) => prop_assert_eq!(map().to_ours(&theirs).unwrap(), ours),
            Err(_) => prop_assert!(!known),
        }
    }

    #[test]
    fn any_objects_and_any_maps_are_read_without_panic(text in ".{0,80}", value in any_value()) {
        let _ = FieldMap::parse(&text);
        if let Value::Object(object) = value {
            let _ = map().to_theirs(&object);
            let _ = map().to_ours(&object);
        }
    }
}
