//! USCC, VIN and plates.

use codes::{AreaLevel, CodeError, Plate, PlateKey, PlateKind, Uscc, Vin};
use proptest::prelude::*;

const MINISTRY: &str = "11100000000019713D";

#[test]
fn real_usccs_hold() {
    for text in
        [MINISTRY, "11330105002500287C", "11430000006122244L", "11220000013544541J", "11990000MB0000000J"]
    {
        assert_eq!(Uscc::parse(text).expect(text).as_str(), text);
    }
}

#[test]
fn the_area_of_a_uscc_is_characters_3_to_8() {
    let uscc = Uscc::parse("11330105002500287C").expect("real");
    assert_eq!((uscc.area().as_str(), uscc.area().level()), ("330105", AreaLevel::County));
}

#[test]
fn the_check_error_names_both_characters() {
    let error = Uscc::parse("11990000MB0000000K").expect_err("wrong check");
    assert_eq!(error.to_string(), "统一社会信用代码第18位校验码应为“J”，实为“K”，请核对原件");
    assert!(error.is_check_digit());
}

#[test]
fn lower_case_full_width_and_blanks_are_errors_with_a_fix() {
    for (text, fix) in [
        ("11100000000019713d", "请改用大写字母“D”"),
        ("1110000000001971３D", "请改用半角大写字符“3”"),
        ("11100000000019713D ", "请删去空格"),
        ("111000000OO019713D", "疑为数字0"),
    ] {
        let shown = Uscc::parse(text).expect_err(text).to_string();
        assert!(shown.contains(fix), "{shown}");
    }
}

#[test]
fn a_letter_in_the_area_is_refused_at_its_place() {
    let error = Uscc::parse("11A00000000019713D").expect_err("letter in the area");
    assert!(matches!(error, CodeError::Character { position: 3, .. }), "{error}");
}

#[test]
fn a_vin_holds_by_its_check_digit() {
    assert!(Vin::parse("1M8GDM9AXKP042788").expect("real").check_digit_holds());
    assert!(!Vin::parse("1M8GDM9A1KP042788").expect("shape").check_digit_holds());
}

#[test]
fn a_vin_has_no_i_o_or_q() {
    for c in ["I", "O", "Q"] {
        assert!(Vin::parse(&format!("1M8GDM9AXKP04278{c}")).is_err(), "{c}");
    }
}

#[test]
fn plates_are_told_apart_by_their_pattern() {
    for (number, colour, kind) in [
        ("辽A12345", "1", PlateKind::Ordinary),
        ("演B9K8L7", "2", PlateKind::Ordinary),
        ("试AD12345", "94", PlateKind::NewEnergySmall),
        ("演AFA1234", "94", PlateKind::NewEnergySmall),
        ("演A12345D", "93", PlateKind::NewEnergyLarge),
        ("演A1234挂", "2", PlateKind::Trailer),
        ("京A1234学", "2", PlateKind::Learner),
        ("粤Z1234港", "3", PlateKind::HongKong),
        ("粤Z1234澳", "3", PlateKind::Macau),
        ("京A1234警", "4", PlateKind::Police),
        ("沪A1234领", "3", PlateKind::Consulate),
    ] {
        let plate = Plate::parse(number, colour).expect(number);
        assert_eq!((plate.kind(), plate.warnings()), (kind, &[][..]), "{number}");
    }
}

#[test]
fn plates_outside_every_pattern_are_refused() {
    for number in [
        "",
        "辽",
        "A12345",
        "辽112345",
        "辽I12345",
        "辽A1234",
        "辽A123456",
        "辽A1I345",
        "辽A1234使",
        "辽AL12345",
        "辽A12345L",
    ] {
        assert!(Plate::parse(number, "1").is_err(), "{number}");
    }
}

#[test]
fn an_unknown_colour_is_refused() {
    assert!(matches!(Plate::parse("辽A12345", "7"), Err(CodeError::UnknownCode { .. })));
}

#[test]
fn a_colour_against_the_pattern_is_a_finding() {
    let blue = Plate::parse("辽AD12345", "1").expect("accepted");
    assert_eq!(blue.warnings()[0].code(), "NEW_ENERGY_COLOUR");
    assert!(blue.warnings()[0].to_string().contains("实为蓝色（1）"));
    let green = Plate::parse("辽A12345", "94").expect("accepted");
    assert_eq!(green.warnings()[0].code(), "ORDINARY_COLOUR");
}

#[test]
fn the_key_of_a_vehicle_is_number_and_colour() {
    let blue = Plate::parse("辽A12345", "1").expect("plate");
    let yellow = Plate::parse("辽A12345", "2").expect("plate");
    assert_ne!(blue.key(), yellow.key());
    assert_eq!(yellow.key().to_string(), "辽A12345（黄色）");
}

#[test]
fn a_plate_key_from_outside_is_checked() {
    let key = Plate::parse("辽A12345", "2").expect("plate").key().clone();
    let json = serde_json::to_string(&key).expect("json");
    assert_eq!(json, r#"{"number":"辽A12345","colour":"2"}"#);
    assert_eq!(serde_json::from_str::<PlateKey>(&json).expect("back"), key);
    assert!(serde_json::from_str::<PlateKey>(&json.replace("12345", "1I345")).is_err());
}

proptest! {
    #[test]
    fn a_uscc_with_the_computed_check_reads_back(body in "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}") {
        let text = format!("{body}{}", Uscc::check_digit(&body));
        let uscc = Uscc::parse(&text).expect("computed");
        prop_assert_eq!(uscc.to_string(), text.clone());
        prop_assert_eq!(text.parse::<Uscc>(), Ok(uscc));
    }

    #[test]
    fn a_substituted_or_swapped_character_of_a_uscc_is_found(at in 0usize..17, new in "[0-9A-HJ-NPQRTUWXY]") {
        let body: String = MINISTRY.chars().enumerate().map(|(i, c)| if i == at { new.clone() } else { c.to_string() }).collect();
        prop_assume!(body != MINISTRY);
        prop_assert!(Uscc::parse(&body).is_err());
        let mut swapped: Vec<char> = MINISTRY.chars().collect();
        swapped.swap(at, at + 1);
        let swapped: String = swapped.into_iter().collect();
        prop_assert!(swapped == MINISTRY || Uscc::parse(&swapped).is_err());
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,24}") {
        let _ = (Uscc::parse(&text), Vin::parse(&text), Plate::parse(&text, "1"), Plate::parse("辽A12345", &text));
        let _ = Uscc::check_digit(&text);
    }

    #[test]
    fn texts_of_the_right_length_never_panic(text in "[辽A-Za-z0-9挂ＡIO]{6,19}") {
        let _ = (Uscc::parse(&text), Vin::parse(&text), Plate::parse(&text, "1"));
    }
}
