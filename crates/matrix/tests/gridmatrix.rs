//! Grid Matrix by itself: round trips, options, and matrices that are no symbol.

use matrix::gridmatrix::{GmOptions, decode, encode};
use matrix::{MatrixError, Symbol};
use proptest::prelude::*;

const ANY: GmOptions = GmOptions { version: None, level: None };

fn forced(version: u8, level: u8) -> GmOptions {
    GmOptions { version: Some(version), level: Some(level) }
}

/// Text in pieces that make the planner change its mind, with characters beyond GB 2312 and beyond the BMP.
fn texts() -> impl Strategy<Value = String> {
    "([0-9]{1,9}|[0-9 +.,-]{1,9}|\r\n|[a-z ]{1,9}|[A-Z ]{1,9}|[道路运输许可证]{1,6}|\\PC{1,4}|[\x00-\x7f]{1,5}){1,12}"
}

#[test]
fn a_certificate_identifier_survives() {
    let text = "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0";
    let read = decode(&encode(text, ANY).expect("encodes")).expect("reads");
    assert_eq!(read.text.as_deref(), Some(text));
    assert_eq!((read.version, read.level, read.eci, read.corrected), (3, 4, None, 0));
}

#[test]
fn a_character_outside_gb2312_announces_gb18030() {
    let read = decode(&encode("王喆", ANY).expect("encodes")).expect("reads");
    assert_eq!((read.text.as_deref(), read.eci), (Some("王喆"), Some(32)));
}

#[test]
fn a_free_level_gives_way_in_the_version_asked_for() {
    let options = GmOptions { version: Some(1), level: None };
    let read = decode(&encode("许可证号", options).expect("fits at level 4")).expect("reads");
    assert_eq!((read.version, read.level), (1, 4));
}

#[test]
fn a_level_is_a_minimum_where_the_version_is_free() {
    let read =
        decode(&encode("A", GmOptions { version: None, level: Some(1) }).expect("fits")).expect("reads");
    assert_eq!((read.version, read.level), (1, 4));
}

#[test]
fn the_largest_text_takes_the_largest_symbol_at_the_lowest_level() {
    // 9191 bits: start, filler count, 916 groups of three digits, one of two, end.
    let text = "7".repeat(3 * 916);
    let read = decode(&encode(&text, ANY).expect("fits")).expect("reads");
    assert_eq!((read.text, read.version, read.level), (Some(text), 13, 1));
}

#[test]
fn a_text_beyond_the_largest_symbol_is_refused() {
    let error = encode(&"7".repeat(2760), ANY).expect_err("too long");
    assert!(matches!(error, MatrixError::TooLong { capacity: 9191, .. }), "{error}");
}

#[test]
fn bad_options_are_refused() {
    assert_eq!(encode("A", forced(14, 1)), Err(MatrixError::Version(14)));
    assert_eq!(encode("A", forced(0, 1)), Err(MatrixError::Version(0)));
    assert_eq!(encode("A", forced(4, 6)), Err(MatrixError::Level(6)));
    assert_eq!(encode("A", forced(1, 3)), Err(MatrixError::LevelTooLow { version: 1, level: 3, least: 4 }));
    assert_eq!(encode("", ANY), Err(MatrixError::Empty));
}

#[test]
fn a_character_that_gb18030_loses_is_named() {
    assert_eq!(encode("道\u{e5e5}路", ANY), Err(MatrixError::Character('\u{e5e5}')));
}

#[test]
fn matrices_of_another_size_are_refused() {
    for width in [1, 6, 17, 24, 42 + 6, 163] {
        let symbol = Symbol::new(width, vec![true; width * width], 0).expect("square");
        assert_eq!(decode(&symbol), Err(MatrixError::Size { width }));
    }
}

#[test]
fn a_symbol_on_its_side_is_refused_or_unreadable() {
    let symbol = encode("道路运输证 12345", ANY).expect("encodes");
    let turned = |x: usize, y: usize| symbol.get(y, symbol.width() - 1 - x);
    let width = symbol.width();
    let modules = (0..width * width).map(|i| turned(i % width, i / width)).collect();
    assert!(decode(&Symbol::new(width, modules, 6).expect("square")).is_err());
}

#[test]
fn a_blank_page_is_no_symbol() {
    let blank = Symbol::new(30, vec![false; 900], 6).expect("square");
    assert!(matches!(decode(&blank), Err(MatrixError::Frame { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out(text in texts()) {
        match encode(&text, ANY) {
            Ok(symbol) => prop_assert_eq!(decode(&symbol).expect("reads").text, Some(text)),
            Err(error) => prop_assert!(matches!(error, MatrixError::Character(_)), "{}", error),
        }
    }

    #[test]
    fn every_version_and_level_carries_short_texts(version in 1_u8..=13, level in 1_u8..=5, text in "[A-Z]{1,5}") {
        match encode(&text, forced(version, level)) {
            Ok(symbol) => {
                let read = decode(&symbol).expect("reads");
                prop_assert_eq!((read.text, read.version, read.level), (Some(text), version, level));
            }
            Err(error) => prop_assert!(version <= 3 && matches!(error, MatrixError::LevelTooLow { .. }), "{}", error),
        }
    }

    #[test]
    fn no_matrix_makes_the_reader_panic(version in 1_usize..=5, bits in prop::collection::vec(any::<bool>(), 66 * 66)) {
        let width = 12 * version + 6;
        let noise = Symbol::new(width, bits[..width * width].to_vec(), 6).expect("square");
        prop_assert!(decode(&noise).is_err());
    }

    #[test]
    fn noise_within_true_frames_never_panics(version in 1_usize..=5, bits in prop::collection::vec(any::<bool>(), 66 * 66)) {
        let width = 12 * version + 6;
        let framed = |i: usize| {
            let (x, y) = (i % width, i / width);
            let edge = [0, 5].contains(&(x % 6)) || [0, 5].contains(&(y % 6));
            if edge { (x / 6 + y / 6) % 2 == 0 } else { bits[i] }
        };
        let noise = Symbol::new(width, (0..width * width).map(framed).collect(), 6).expect("square");
        // A wrong answer is possible by chance in the smallest symbols; a panic is not.
        let _ = decode(&noise);
    }
}
