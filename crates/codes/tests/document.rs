//! Holders' document numbers.

use codes::{CodeError, CodeTables, DocumentKind, DocumentNumber, ResidentId, fifteen_to_eighteen};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 22);

fn parse(type_code: &str, text: &str) -> Result<DocumentNumber, CodeError> {
    DocumentNumber::parse(type_code, text, TODAY)
}

fn check_digit_of(body: &str) -> char {
    "0123456789X"
        .chars()
        .find(|c| ResidentId::parse(&format!("{body}{c}"), TODAY).is_ok())
        .expect("one holds")
}

fn warnings(number: &DocumentNumber) -> Vec<&'static str> {
    number.warnings().iter().map(codes::Warning::code).collect()
}

#[test]
fn published_identity_numbers_carry_birth_date_and_sex() {
    let woman = parse("111", "11010519491231002X").expect("GB 11643 example");
    assert_eq!((woman.birth_date(), woman.sex().map(|s| s.code())), (Some(date(1949, 12, 31)), Some("2")));
    let man = parse("111", "440524188001010014").expect("GB 11643 example");
    assert_eq!((man.birth_date(), man.sex().map(|s| s.code())), (Some(date(1880, 1, 1)), Some("1")));
}

#[test]
fn a_wrong_check_character_is_told_apart() {
    assert!(parse("111", "110105194912310021").expect_err("wrong").is_check_digit());
}

#[test]
fn a_lower_case_x_is_refused_with_the_fix() {
    let shown = parse("111", "11010519491231002x").expect_err("lower case").to_string();
    assert_eq!(shown, "公民身份号码第18位“x”不符合规则（应为数字或大写字母X），请改用大写字母“X”");
}

#[test]
fn a_birth_date_must_exist() {
    // 30 February; the one check character that holds lets the date be judged.
    let found = "0123456789X".chars().find_map(|c| match parse("111", &format!("11010519900230123{c}")) {
        Err(CodeError::CheckCharacter { .. }) => None,
        other => Some(other),
    });
    assert!(matches!(found, Some(Err(CodeError::Date { .. }))), "{found:?}");
}

#[test]
fn a_birth_date_after_today_is_refused_and_today_is_not() {
    let number = format!("11010520260301123{}", check_digit_of("11010520260301123"));
    assert!(ResidentId::parse(&number, date(2026, 3, 1)).is_ok());
    let early = ResidentId::parse(&number, date(2026, 2, 28));
    assert!(matches!(early, Err(CodeError::BirthInFuture { .. })), "{early:?}");
}

#[test]
fn an_abolished_area_is_a_warning_with_its_name() {
    // 110103 崇文区 was merged in 2010.
    let number =
        parse("111", &format!("11010319700101123{}", check_digit_of("11010319700101123"))).expect("valid");
    assert_eq!(warnings(&number), ["AREA_RETIRED"]);
    assert!(number.warnings()[0].to_string().contains("崇文区"));
}

#[test]
fn an_unknown_county_is_a_warning_and_an_unknown_province_an_error() {
    let number =
        parse("111", &format!("11019919700101123{}", check_digit_of("11019919700101123"))).expect("valid");
    assert_eq!(warnings(&number), ["AREA_UNKNOWN"]);
    let province = "0123456789X".chars().find_map(|c| match parse("111", &format!("77010119700101123{c}")) {
        Err(CodeError::CheckCharacter { .. }) => None,
        other => Some(other),
    });
    assert!(matches!(province, Some(Err(CodeError::Province { .. }))), "{province:?}");
}

#[test]
fn people_of_the_invented_province_have_valid_numbers() {
    let number =
        parse("111", &format!("99010119900101123{}", check_digit_of("99010119900101123"))).expect("valid");
    assert!(number.warnings().is_empty());
}

#[test]
fn fifteen_digits_become_eighteen() {
    assert_eq!(fifteen_to_eighteen("110105491231002").as_deref(), Ok("11010519491231002X"));
}

#[test]
fn an_old_number_is_accepted_with_a_warning_and_carries_its_dates() {
    let old = parse("111", "110105491231002").expect("old form");
    assert_eq!(warnings(&old), ["OLD_RESIDENT_NUMBER"]);
    assert_eq!((old.current_form(), old.birth_date()), ("11010519491231002X", Some(date(1949, 12, 31))));
    assert_eq!(old.as_str(), "110105491231002");
}

#[test]
fn residence_permits_follow_the_18_digit_rule() {
    for body in ["81000019900101123", "82000019900101123", "83000019900101123"] {
        let text = format!("{body}{}", check_digit_of(body));
        for type_code in ["111", "999"] {
            let permit = parse(type_code, &text).expect("valid");
            assert!(matches!(permit.kind(), DocumentKind::ResidencePermit(_)), "{permit:?}");
            assert!(permit.warnings().is_empty());
        }
    }
}

#[test]
fn numbers_follow_the_rule_of_their_type() {
    for (type_code, good) in [
        ("001", "11990000MB0000000J"),
        ("414", "E12345678"),
        ("511", "12345678"),
        ("511", "1234567890"),
        ("516", "H12345678"),
        ("516", "M1234567890"),
        ("114", "军字第2001988号"),
        ("999", "ABC-1"),
    ] {
        assert!(parse(type_code, good).is_ok(), "{type_code} {good}");
    }
    for (type_code, bad) in [
        ("001", "11010519491231002X"),
        ("414", "e12345678"),
        ("414", "1234"),
        ("511", "123456789"),
        ("516", "A12345678"),
        ("516", "H123456789"),
        ("516", ""),
        ("114", ""),
        ("114", "军字 1"),
        ("000", "1"),
    ] {
        assert!(parse(type_code, bad).is_err(), "{type_code} {bad}");
    }
}

#[test]
fn every_type_of_the_table_has_a_rule() {
    let tables = CodeTables::builtin();
    for (code, _) in tables.table("holder-document-type").expect("table").iter() {
        let result = parse(code, "12345678");
        assert!(!matches!(result, Err(CodeError::UnknownCode { .. })), "{code}");
    }
}

#[test]
fn debug_output_does_not_show_the_number() {
    let shown = format!("{:?}", parse("111", "11010519491231002X").expect("valid"));
    assert!(!shown.contains("110105") && !shown.contains("1949"), "{shown}");
}

proptest! {
    #[test]
    fn a_single_wrong_digit_is_found(at in 0usize..17, digit in 0u8..10) {
        let good = "11010519491231002X";
        let mut bytes = good.as_bytes().to_vec();
        bytes[at] = b'0' + digit;
        let changed = String::from_utf8(bytes).expect("ASCII");
        prop_assume!(changed != good);
        prop_assert!(parse("111", &changed).is_err());
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,20}", digits in "[0-9]{15,18}X?") {
        for type_code in ["001", "111", "114", "414", "511", "516", "999", text.as_str()] {
            let _ = (parse(type_code, &text), parse(type_code, &digits));
        }
        let _ = fifteen_to_eighteen(&text);
    }
}
