//! 证照标识 against published identifiers and by property.

use codes::{CertificateId, CodeError, Serial, TypeCode, Uscc};
use proptest::prelude::*;

/// Published by other ministries, recomputed in standards.md 2.3; the third has an area as issuer.
const PUBLISHED: [&str; 3] = [
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
];
const AREA_ISSUER: &str = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9";
const WRONG_CHECK: &str =
    "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M";
/// Synthetic: the issuer is fictitious, its check digit holds.
const OURS: [&str; 2] = [
    "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.210100000001.001.4",
    "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.210100000001.002.2",
];

fn ours() -> CertificateId {
    CertificateId::parse_strict(OURS[0]).expect("a vector")
}

fn names(text: &str) -> Vec<&'static str> {
    CertificateId::parse_warn(text).expect("splits").1.iter().map(codes::Warning::code).collect()
}

#[test]
fn published_identifiers_are_read_strictly_and_shown_unchanged() {
    for text in PUBLISHED.iter().chain(&OURS) {
        assert_eq!(CertificateId::parse_strict(text).expect(text).to_string(), **text);
    }
}

#[test]
fn a_strict_identifier_gives_no_warning_and_converts() {
    for text in PUBLISHED {
        let (id, warnings) = CertificateId::parse_warn(text).expect(text);
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(id.strict().expect(text).to_string(), text);
    }
}

#[test]
fn new_computes_the_check_character() {
    let id = CertificateId::new(
        TypeCode::parse("11100000000019713D013").expect("type"),
        Uscc::parse("11210000MB0000000J").expect("issuer"),
        Serial::parse("210100000001").expect("serial"),
        1,
    );
    assert_eq!(id.expect("version 1").to_string(), OURS[0]);
}

#[test]
fn another_version_keeps_the_serial_and_changes_the_check() {
    assert_eq!(ours().with_version(2).expect("version 2").to_string(), OURS[1]);
}

#[test]
fn versions_end_at_999_and_begin_at_1() {
    assert_eq!(ours().with_version(0), Err(CodeError::Version { found: 0 }));
    assert_eq!(ours().with_version(1000), Err(CodeError::Version { found: 1000 }));
    assert!(ours().with_version(999).is_ok());
}

#[test]
fn an_area_as_issuer_is_refused_strictly() {
    assert!(matches!(CertificateId::parse_strict(AREA_ISSUER), Err(CodeError::Length { actual: 6, .. })));
}

#[test]
fn an_area_as_issuer_is_a_warning_in_foreign_identifiers() {
    assert_eq!(names(AREA_ISSUER), ["ISSUER_IS_AREA"]);
}

#[test]
fn the_sample_with_a_wrong_check_character_is_refused_strictly() {
    assert!(CertificateId::parse_strict(WRONG_CHECK).is_err());
}

#[test]
fn the_sample_with_a_wrong_check_character_is_read_with_the_rule_s_answer() {
    let (id, warnings) = CertificateId::parse_warn(WRONG_CHECK).expect("splits");
    assert!(warnings.contains(&codes::Warning::CheckMismatch { expected: 'D', found: 'M' }), "{warnings:?}");
    assert_eq!((id.check(), id.to_string().as_str()), ('M', WRONG_CHECK));
    assert!(id.strict().is_err());
}

#[test]
fn version_000_is_a_warning_in_foreign_identifiers() {
    let text = OURS[0].replace(".001.", ".000.");
    assert!(names(&text).contains(&"VERSION_ZERO"));
    assert!(CertificateId::parse_strict(&text).is_err());
}

#[test]
fn wrong_usccs_inside_are_warnings_of_their_own() {
    assert!(names(&OURS[0].replace("0000J.", "0000K.")).contains(&"ISSUER_CHECK"));
    assert!(names(&OURS[0].replace("713D013", "713E013")).contains(&"TYPE_CODE_CHECK"));
}

#[test]
fn what_cannot_be_split_is_refused_even_for_foreign_identifiers() {
    for text in [
        "",
        "1.2.156.3005.2",
        "1.2.156.3005.3.11100000000019713D013.11210000MB0000000J.1.001.4",
        "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.1.1.001.4",
        "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J..001.4",
        "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.1.01.4",
        "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.1.+01.4",
        "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.1.001.44",
        "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.a.001.4",
        "1.2.156.3005.2.11100000000019713D013.1121.1.001.4",
        "1.2.156.3005.2.1.11210000MB0000000J.1.001.4",
    ] {
        assert!(CertificateId::parse_warn(text).is_err(), "{text}");
    }
}

#[test]
fn the_compact_form_reads_back() {
    assert_eq!(CertificateId::parse_compact(&ours().compact()), Ok(ours()));
}

#[test]
fn json_is_the_dotted_text_and_a_wrong_one_is_refused() {
    let json = serde_json::to_string(&ours()).expect("json");
    assert_eq!(json, format!("\"{}\"", OURS[0]));
    assert_eq!(serde_json::from_str::<CertificateId>(&json).expect("back"), ours());
    assert!(serde_json::from_str::<CertificateId>(&json.replace(".4\"", ".5\"")).is_err());
}

#[test]
fn most_adjacent_transpositions_are_found() {
    let (mut tried, mut found) = (0, 0);
    for text in PUBLISHED.iter().chain(&OURS) {
        let chars: Vec<char> = text.chars().collect();
        for i in 15..chars.len() - 1 {
            let mut swapped = chars.clone();
            swapped.swap(i, i + 1);
            if swapped != chars {
                tried += 1;
                found +=
                    usize::from(CertificateId::parse_strict(&swapped.iter().collect::<String>()).is_err());
            }
        }
    }
    assert!(tried > 150 && found * 100 >= tried * 99, "{found} of {tried}");
}

proptest! {
    #[test]
    fn an_identifier_made_reads_back(serial in "[0-9A-Z]{1,32}", version in 1u16..=999) {
        let base = ours();
        let serial = Serial::parse(&serial).expect("a serial");
        let id = CertificateId::new(base.type_code().clone(), base.issuer().clone(), serial, version).expect("in range");
        prop_assert_eq!(CertificateId::parse_strict(&id.to_string()), Ok(id.clone()));
        prop_assert_eq!(CertificateId::parse_compact(&id.compact()), Ok(id));
    }

    #[test]
    fn any_single_substituted_character_is_found(
        serial in "[0-9A-Z]{1,32}", version in 1u16..=999, at in any::<prop::sample::Index>(), new in "[0-9A-Z.]",
    ) {
        let base = ours();
        let serial = Serial::parse(&serial).expect("a serial");
        let id = CertificateId::new(base.type_code().clone(), base.issuer().clone(), serial, version).expect("in range");
        let text = id.to_string();
        let at = at.index(text.len());
        prop_assume!(text[at..=at] != new);
        let changed = format!("{}{new}{}", &text[..at], &text[at + 1..]);
        prop_assert!(CertificateId::parse_strict(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,80}", tail in "\\PC{0,60}") {
        let _ = (CertificateId::parse_strict(&text), CertificateId::parse_warn(&text));
        let rooted = format!("1.2.156.3005.2.{tail}");
        let _ = (CertificateId::parse_strict(&rooted), CertificateId::parse_warn(&rooted));
        let _ = (CertificateId::parse_compact(&text), TypeCode::parse(&text), Serial::parse(&text));
    }

    #[test]
    fn structured_noise_never_panics(text in "1\\.2\\.156\\.3005\\.2(\\.[0-9A-Z]{0,22}){4,6}") {
        if let Ok((id, _)) = CertificateId::parse_warn(&text) {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
