//! Numbers, spacing and references as GB/T 33190 writes them.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

use ofd::Rect;
use ofd::notation::{boundary, delta, mm, parse_array, parse_box, parse_delta, parse_matrix};
use ofd::path::{PathError, resolve};
use proptest::prelude::*;

#[test]
fn millimetres_have_at_most_three_decimals_and_no_trailing_zeros() {
    let cases = [
        (0.0, "0"),
        (-0.0001, "0"),
        (1.5, "1.5"),
        (210.0, "210"),
        (0.353, "0.353"),
        (-12.0405, "-12.041"),
        (3.007, "3.007"),
        (f64::NAN, "0"),
    ];
    for (value, text) in cases {
        assert_eq!(mm(value), text);
    }
}

#[test]
fn a_boundary_is_four_numbers() {
    assert_eq!(boundary(&Rect::new(0.0, 1.25, 10.0, 4.5)), "0 1.25 10 4.5");
}

#[test]
fn runs_of_three_or_more_equal_steps_are_counted() {
    assert_eq!(delta(&[4.0, 4.0]), "4 4");
    assert_eq!(delta(&[4.0, 4.0, 4.0, 2.5, 3.0, 3.0, 3.0, 3.0]), "g 3 4 2.5 g 4 3");
    assert_eq!(delta(&[]), "");
}

#[test]
fn a_count_from_a_stranger_is_cut_to_the_length_of_the_text() {
    assert_eq!(parse_delta("g 18446744073709551615 2", 3), Some(vec![2.0; 3]));
    assert_eq!(parse_delta("1 g 2", 9), None);
    assert_eq!(parse_delta("g x 2", 9), None);
}

#[test]
fn numbers_off_every_page_are_no_numbers() {
    for text in ["NaN", "inf", "1e9", "1,2", "0x10"] {
        assert_eq!(parse_array(text, 4), None, "{text}");
    }
    assert_eq!(parse_box("0 0 -1 5"), None);
    assert_eq!(parse_matrix("1 0 0 1 0"), None);
}

#[test]
fn references_count_from_the_file_or_from_the_root() {
    let good = [
        ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml"),
        ("Doc_0/Document.xml", "/Doc_0/Signs/S.xml", "Doc_0/Signs/S.xml"),
        ("Doc_0/Pages/P/Content.xml", "../../Res/./a.png", "Doc_0/Res/a.png"),
        ("Doc_0/Document.xml", " Pages//x.xml\n", "Doc_0/Pages/x.xml"),
    ];
    for (base, loc, path) in good {
        assert_eq!(resolve(base, loc).as_deref(), Ok(path));
    }
}

#[test]
fn references_never_leave_the_package() {
    assert!(matches!(resolve("a/b.xml", "../../c"), Err(PathError::Escapes { .. })));
    assert!(matches!(resolve("b.xml", "/../c"), Err(PathError::Escapes { .. })));
    for loc in ["", "/", "x/.."] {
        assert!(matches!(resolve("b.xml", loc), Err(PathError::Empty { .. })), "{loc}");
    }
    for loc in ["..\\c", "C:/c", "a\0b", "http://host/c"] {
        assert!(matches!(resolve("b.xml", loc), Err(PathError::Forbidden { .. })), "{loc}");
    }
}

proptest! {
    #[test]
    fn a_number_reads_back_within_half_a_thousandth(value in -1e6f64..1e6) {
        let back: f64 = mm(value).parse().unwrap();
        prop_assert!((back - value).abs() <= 0.000_500_1);
    }

    #[test]
    fn spacing_reads_back(steps in prop::collection::vec((0u16..4).prop_map(|n| f64::from(n) * 1.25), 0..40)) {
        prop_assert_eq!(parse_delta(&delta(&steps), steps.len()), Some(steps));
    }

    #[test]
    fn any_reference_resolves_inside_or_fails(base in "[a-z./]{0,12}", loc in "[a-z./\\\\: ]{0,16}") {
        if let Ok(path) = resolve(&base, &loc) {
            prop_assert!(path.split('/').all(|p| !matches!(p, "" | "." | "..")), "{}", path);
        }
    }
}
