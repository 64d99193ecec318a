//! What is signed reads back; what anybody changed does not pass.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use codes::{CertificateId, Serial, TypeCode, Uscc, Validity};
use gm::sm2::SecretKey;
use jiff::civil::{Date, date};
use proof::{Code, CodeError, CodeType, PREFIX, SignedCode, Slots};
use proptest::prelude::*;

/// The alphanumeric alphabet of QR (ISO/IEC 18004, table 5): a code in it takes 5.5 bits a character.
const ALPHANUMERIC: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const ISSUERS: [&str; 3] = ["11990000MB0000000J", "11990101MB0000101Y", "11980000MB0000000E"];

fn keys() -> (gm::SoftwareKeys, SecretKey) {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap();
    let mut keys = gm::SoftwareKeys::new();
    keys.insert("code", SecretKey::from_bytes(&[7; 32]).unwrap());
    (keys, key)
}

fn signed(code: &Code) -> Result<String, CodeError> {
    code.sign(&*gm::KeyProvider::signing_key(&keys().0, "code").unwrap())
}

fn sample() -> Code {
    code("11100000000019713D072", ISSUERS[0], "990000202600000001", 1)
}

fn code(type_code: &str, issuer: &str, serial: &str, version: u16) -> Code {
    let parts = (TypeCode::parse(type_code), Uscc::parse(issuer), Serial::parse(serial));
    let (Ok(type_code), Ok(issuer), Ok(serial)) = parts else { panic!("{parts:?}") };
    Code {
        code_type: CodeType::Face,
        key_id: keys().1.public_key().key_id(),
        identifier: CertificateId::new(type_code, issuer, serial, version).unwrap(),
        status_index: 42,
        issued: date(2026, 5, 1),
        valid_from: date(2026, 5, 1),
        valid_to: Validity::Until(date(2032, 4, 30)),
    }
}

prop_compose! {
    fn any_day()(days in 0i64..65_535) -> Date {
        date(2000, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap()
    }
}

fn any_type() -> impl Strategy<Value = CodeType> {
    prop_oneof![
        Just(CodeType::Face),
        (any::<u32>(), 1u16.., any::<u16>()).prop_map(|(slot, life, grant)| CodeType::Present {
            slot,
            life,
            grant
        }),
        (1u16..).prop_map(|sheet| CodeType::Printed { sheet }),
    ]
}

prop_compose! {
    fn any_code()(
        number in 0u16..1000,
        definer in prop_oneof![Just("11100000000019713D"), Just(ISSUERS[0])],
        issuer in prop::sample::select(ISSUERS.to_vec()),
        serial in prop_oneof!["[0-9]{1,32}", "[0-9A-Z]{1,32}"],
        version in 1u16..1000,
        status_index: u32,
        days in (any_day(), any_day(), prop::option::of(any_day())),
        code_type in any_type(),
    ) -> Code {
        let mut code = code(&format!("{definer}{number:03}"), issuer, &serial, version);
        code.code_type = code_type;
        code.status_index = status_index;
        (code.issued, code.valid_from) = (days.0, days.1);
        code.valid_to = days.2.map_or(Validity::LongTerm, Validity::Until);
        code
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_signed_code_reads_back_and_holds(code in any_code()) {
        let text = signed(&code).unwrap();
        let read = SignedCode::decode(&text).unwrap();
        prop_assert_eq!(&read.code, &code);
        prop_assert_eq!(read.verify(keys().1.public_key()), Ok(&code));
    }

    #[test]
    fn a_code_fits_the_alphanumeric_mode_in_under_300_characters(code in any_code()) {
        let text = signed(&code).unwrap();
        prop_assert!(text.chars().all(|ch| ALPHANUMERIC.contains(ch)), "{}", text);
        prop_assert!(text.len() < 300, "{} characters", text.len());
    }

    #[test]
    fn spaces_that_a_scanner_adds_around_a_code_do_no_harm(code in any_code()) {
        let text = signed(&code).unwrap();
        prop_assert_eq!(SignedCode::decode(&format!("  {text}\r\n")).map(|read| read.code), Ok(code));
    }

    #[test]
    fn arbitrary_text_is_an_error_and_never_a_panic(text in ".{0,400}") {
        prop_assert!(SignedCode::decode(&text).is_err());
    }

    #[test]
    fn arbitrary_base45_is_never_believed(text in "[0-9A-Z $%*+./:-]{0,260}") {
        let decoded = SignedCode::decode(&format!("{PREFIX}{text}"));
        prop_assert!(decoded.is_err() || decoded.is_ok_and(|read| read.verify(keys().1.public_key()).is_err()));
    }
}

/// A change is refused when the text does not decode, or decodes to what the key did not sign.
fn refused(text: &str) -> bool {
    !SignedCode::decode(text).is_ok_and(|read| read.verify(keys().1.public_key()).is_ok())
}

#[test]
fn every_change_of_one_character_is_refused() {
    let text = signed(&sample()).unwrap();
    for at in 0..text.len() {
        for other in ALPHANUMERIC.chars().filter(|ch| text.as_bytes()[at] != *ch as u8) {
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(refused(&changed), "position {at}: {changed}");
        }
    }
}

#[test]
fn a_code_cut_anywhere_is_refused() {
    let text = signed(&sample()).unwrap();
    for end in 0..text.len() {
        assert!(refused(&text[..end]), "cut at {end}");
    }
}

#[test]
fn a_code_with_more_behind_it_is_refused() {
    let text = signed(&sample()).unwrap();
    for more in ["0", "00", "000", "000000"] {
        assert!(refused(&format!("{text}{more}")), "{more}");
    }
}

#[test]
fn a_code_of_another_key_is_refused() {
    let read = SignedCode::decode(&signed(&sample()).unwrap()).unwrap();
    let other = SecretKey::from_bytes(&[8; 32]).unwrap();
    assert_eq!(read.verify(other.public_key()), Err(CodeError::Signature));
}

#[test]
fn a_code_that_names_another_key_than_the_signing_one_is_refused() {
    let code = Code { key_id: [1; 8], ..sample() };
    let read = SignedCode::decode(&signed(&code).unwrap()).unwrap();
    assert_eq!(read.verify(keys().1.public_key()), Err(CodeError::Signature));
}

#[test]
fn text_of_another_system_is_named_as_foreign() {
    for text in ["", "https://example.invalid/c/1", "lz:ABC", "LZ", "11100000000019713D072"] {
        assert_eq!(SignedCode::decode(text), Err(CodeError::Foreign), "{text}");
    }
}

#[test]
fn another_version_is_named_with_its_number() {
    // The version is the first byte: with the second one it makes the first Base45 group, 2·256 + 1 = 513 → I, B, 0.
    let text = signed(&sample()).unwrap();
    let next = format!("{PREFIX}IB0{}", &text[PREFIX.len() + 3..]);
    assert_eq!(SignedCode::decode(&next), Err(CodeError::Version(2)));
}

#[test]
fn a_day_outside_2000_to_2179_cannot_be_coded_and_the_message_says_which() {
    for day in [date(1999, 12, 31), date(2179, 6, 6), Date::MAX, Date::MIN] {
        let code = Code { issued: day, ..sample() };
        assert_eq!(signed(&code), Err(CodeError::Date(day.to_string())));
    }
}

#[test]
fn the_first_and_the_last_day_can_be_coded() {
    for day in [date(2000, 1, 1), date(2179, 6, 5)] {
        let code = Code { issued: day, valid_from: day, valid_to: Validity::Until(day), ..sample() };
        assert_eq!(SignedCode::decode(&signed(&code).unwrap()).map(|read| read.code), Ok(code));
    }
}

#[test]
fn the_same_code_signed_twice_is_the_same_text() {
    assert_eq!(signed(&sample()), signed(&sample()));
}

#[test]
fn a_shown_code_without_life_and_a_sheet_without_number_cannot_be_made() {
    for code_type in [CodeType::Present { slot: 1, life: 0, grant: 0 }, CodeType::Printed { sheet: 0 }] {
        assert!(matches!(signed(&Code { code_type, ..sample() }), Err(CodeError::Field(_))));
    }
}

#[test]
fn each_slot_of_a_row_is_the_code_signed_by_itself() {
    let first = Code { code_type: CodeType::Present { slot: 848_000_000, life: 30, grant: 0 }, ..sample() };
    let key = gm::KeyProvider::signing_key(&keys().0, "code").unwrap();
    let row = Slots::sign(&first, 30, 3, &*key).unwrap();
    for n in 0..3 {
        let code_type = CodeType::Present { slot: 848_000_000 + 30 * n, life: 30, grant: 0 };
        assert_eq!(row.text(n), signed(&Code { code_type, ..sample() }).ok());
    }
    assert_eq!(row.text(3), None);
    assert!(Slots::sign(&sample(), 30, 3, &*key).is_err(), "a face code has no slots");
}
