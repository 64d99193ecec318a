//! Entries have one spelling.

use ledger::{Actor, Entry, LedgerError, Link, Object};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z.]{0,9}", "\\PC{0,6}", any::<String>()]
}

fn actor() -> impl Strategy<Value = Actor> {
    let maybe = || prop::option::of(text());
    (text(), maybe(), maybe(), maybe()).prop_map(|(client, operator, unit, staff_no)| Actor {
        client,
        operator,
        unit,
        staff_no,
    })
}

fn object() -> impl Strategy<Value = Object> {
    let link = prop_oneof![Just(Link::Apart), Just(Link::First), any::<[u8; 32]>().prop_map(Link::After)];
    (text(), link).prop_map(|(key, link)| Object { key, link })
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let head = (text(), any::<i64>(), actor(), prop::option::of(text()), prop::option::of(text()));
    let details = prop::collection::btree_map(text(), text(), 0..4);
    let tail =
        (prop::option::of(object()), prop::option::of(text()), text(), details, any::<Option<[u8; 32]>>());
    (head, tail).prop_map(
        |((act, at, actor, purpose, case_no), (object, area, outcome, detail, subject_sm3))| Entry {
            act,
            at,
            actor,
            purpose,
            case_no,
            object,
            area,
            outcome,
            detail,
            subject_sm3,
        },
    )
}

fn rule(bytes: &str) -> String {
    match Entry::parse(bytes.as_bytes()) {
        Err(LedgerError::Entry { rule }) => rule,
        other => panic!("{other:?}"),
    }
}

const PLAIN: &str = r#"{"v":1,"act":"a","at":5,"actor":{"client":"c"},"outcome":"done"}"#;

#[test]
fn the_shortest_entry_is_read() {
    assert_eq!(Entry::parse(PLAIN.as_bytes()).unwrap().canonical(), PLAIN.as_bytes());
}

#[test]
fn another_version_is_refused_by_name() {
    assert!(rule(&PLAIN.replace(r#""v":1"#, r#""v":2"#)).contains("第 2 版"));
}

#[test]
fn white_space_order_escapes_nulls_and_empty_details_are_refused() {
    for other in [
        PLAIN.replace(",", ", "),
        PLAIN.replace(r#""act":"a","at":5"#, r#""at":5,"act":"a""#),
        PLAIN.replace("done", "\\u0064one"),
        PLAIN.replace(r#","outcome""#, r#","purpose":null,"outcome""#),
        PLAIN.replace(r#""done""#, r#""done","detail":{}"#),
    ] {
        assert!(rule(&other).contains("不是规定写法"), "{other}");
    }
}

#[test]
fn an_unknown_field_is_refused() {
    assert!(rule(&PLAIN.replace(r#""v":1"#, r#""v":1,"x":1"#)).contains("所定字段"));
}

#[test]
fn a_chain_without_an_object_is_refused() {
    assert!(rule(&PLAIN.replace(r#","outcome""#, r#","previous":"first","outcome""#)).contains("object"));
}

proptest! {
    #[test]
    fn an_entry_comes_back_from_its_bytes(entry in any_entry()) {
        prop_assert_eq!(Entry::parse(&entry.canonical()), Ok(entry));
    }

    #[test]
    fn changed_bytes_are_refused_or_another_entry(entry in any_entry(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = entry.canonical();
        let at = place.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Entry::parse(&bytes) {
            prop_assert_eq!(read.canonical(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Entry::parse(&bytes).is_err());
    }
}
