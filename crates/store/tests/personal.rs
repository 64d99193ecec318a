//! Personal values: closed to whoever lacks the key, open in their own place only.

use proptest::prelude::*;
use store::{Blind, PersonalKey, PersonalKeys, StoreError};

fn keys() -> PersonalKeys {
    PersonalKeys::new(PersonalKey::new("k1", &[1; 32]), Vec::new(), &[9; 32])
}

#[test]
fn a_value_opens_only_in_its_place() {
    let sealed = keys().seal("table.column/1", "张三（演示）");
    assert_eq!(keys().open("table.column/1", &sealed).expect("opens").as_str(), "张三（演示）");
    assert!(matches!(keys().open("table.column/2", &sealed), Err(StoreError::Personal(_))));
}

#[test]
fn after_a_change_of_key_old_values_still_open() {
    let sealed = keys().seal("p", "x");
    let now =
        PersonalKeys::new(PersonalKey::new("k2", &[2; 32]), vec![PersonalKey::new("k1", &[1; 32])], &[9; 32]);
    assert_eq!(now.open("p", &sealed).expect("opens").as_str(), "x");
    assert_eq!(now.blind(Blind::Plate, "x"), keys().blind(Blind::Plate, "x"));
    assert!(now.seal("p", "x").starts_with("k2:"));
}

#[test]
fn spellings_of_one_name_meet() {
    let one = keys().blind(Blind::HolderName, "阿依古丽·买买提");
    assert_eq!(one, keys().blind(Blind::HolderName, "阿依古丽・买买提 "));
    assert_ne!(one, keys().blind(Blind::HolderNumber, "阿依古丽·买买提"));
    assert_eq!(keys().blind(Blind::Plate, "演A１２３４５"), keys().blind(Blind::Plate, "演a12345"));
}

proptest! {
    #[test]
    fn every_text_comes_back(text in ".{0,200}") {
        let opened = keys().open("p", &keys().seal("p", &text)).expect("opens");
        prop_assert_eq!(opened.as_str(), text);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}") {
        prop_assert!(keys().open("p", &text).is_err());
    }

    #[test]
    fn a_changed_value_is_refused(text in ".{1,40}", at in 0usize..1000, flip in 1u8..255) {
        let sealed = keys().seal("p", &text);
        let mut bytes = gm::base64::decode(&sealed[3..]).expect("ours");
        let place = at % bytes.len();
        bytes[place] ^= flip;
        let changed = format!("k1:{}", gm::base64::encode(&bytes));
        prop_assert!(keys().open("p", &changed).is_err());
    }
}
