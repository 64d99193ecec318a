//! Legal dates and ends of validity.

use codes::{LegalDate, Validity};
use jiff::civil::date;
use proptest::prelude::*;

#[test]
fn only_the_iso_form_of_an_existing_day_is_a_legal_date() {
    assert_eq!(LegalDate::parse("2024-02-29").map(LegalDate::date), Ok(date(2024, 2, 29)));
    for text in [
        "",
        "20240229",
        "2024/2/29",
        "2024-2-29",
        "2023-02-29",
        "2024-02-29 ",
        "２024-02-29",
        "-024-02-29",
        "长期",
    ] {
        assert!(LegalDate::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_error_shows_the_right_form() {
    let shown = LegalDate::parse("20240229").expect_err("compact").to_string();
    assert_eq!(shown, "日期“20240229”不是有效日期，请按“年-月-日”填写，如2026-03-01");
}

#[test]
fn validity_is_a_date_or_long_term() {
    assert_eq!(Validity::parse("2026-12-31"), Ok(Validity::Until(date(2026, 12, 31))));
    assert_eq!(Validity::parse("长期"), Ok(Validity::LongTerm));
    assert!(Validity::parse("长期有效").is_err());
}

#[test]
fn the_last_day_still_counts() {
    let until = Validity::Until(date(2026, 12, 31));
    assert!(until.covers(date(2026, 12, 31)) && !until.covers(date(2027, 1, 1)));
    assert!(Validity::LongTerm.covers(date(9999, 12, 31)) && Validity::LongTerm > until);
}

#[test]
fn json_is_the_text() {
    assert_eq!(serde_json::to_string(&Validity::LongTerm).expect("json"), "\"长期\"");
    assert_eq!(serde_json::from_str::<LegalDate>("\"2026-01-02\"").expect("date").date(), date(2026, 1, 2));
}

proptest! {
    #[test]
    fn a_date_shown_reads_back(year in 1000i16..=9999, month in 1i8..=12, day in 1i8..=28) {
        let validity = Validity::Until(date(year, month, day));
        prop_assert_eq!(Validity::parse(&validity.to_string()), Ok(validity));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,12}") {
        let _ = (LegalDate::parse(&text), Validity::parse(&text));
    }
}
