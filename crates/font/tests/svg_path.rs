//! The path text of supplied glyphs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use font::{FontError, Outline, Segment};
use proptest::prelude::*;

fn read(path: &str) -> Vec<Segment> {
    Outline::from_svg_path(path).unwrap().segments
}

#[test]
fn the_box_runs_down_from_880_above_the_baseline() {
    assert_eq!(read("M0 0L1000 1000"), [Segment::Move(0.0, 0.88), Segment::Line(1.0, -0.12)]);
}

#[test]
fn relative_and_absolute_commands_agree() {
    let absolute = "M100 100 L200 100 H300 V200 Q350 250 300 300 C200 400 150 350 100 300 Z";
    let relative = "m100 100 l100 0 h100 v100 q50 50 0 100 c-100 100 -150 50 -200 0 z";
    assert_eq!(read(absolute), read(relative));
}

#[test]
fn numbers_may_touch() {
    assert_eq!(read("M1-2.5L.5.25L1e1+3,4-5"), read("M 1 -2.5 L 0.5 0.25 L 10 3 L 4 -5"));
}

#[test]
fn pairs_after_a_move_are_lines() {
    assert_eq!(read("m10 10 5 5 5 5"), read("M10 10 L15 15 L20 20"));
}

#[test]
fn a_contour_after_close_starts_where_the_last_one_did() {
    assert_eq!(read("M10 10L20 10L20 20Zl5 5"), read("M10 10L20 10L20 20ZM10 10L15 15"));
}

#[test]
fn faults_are_placed() {
    let place = |path: &str| match Outline::from_svg_path(path) {
        Err(FontError::SvgPath { at, .. }) => at,
        other => panic!("{path}: {other:?}"),
    };
    assert_eq!(place("L1 1"), 1);
    assert_eq!(place("10 10"), 0);
    assert_eq!(place("M1 1 A5 5 0 0 1 9 9"), 5);
    assert_eq!(place("M1 x"), 3);
    assert_eq!(place("M1 1e9"), 3);
    assert_eq!(place("M1 1Z 5"), 6);
    assert_eq!(place("M1 1字"), 4);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(path in "[MLHVQCZmlhvqczA0-9eE+., \\-字]{0,60}") {
        let _ = Outline::from_svg_path(&path);
    }

    #[test]
    fn whole_coordinates_come_through_exactly(points in prop::collection::vec((0..1000i32, 0..1000i32), 1..20)) {
        let path: String =
            points.iter().enumerate().map(|(i, (x, y))| format!("{}{x} {y}", if i == 0 { 'M' } else { 'L' })).collect();
        let back: Vec<(i32, i32)> = read(&path)
            .iter()
            .map(|segment| match *segment {
                Segment::Move(x, y) | Segment::Line(x, y) => {
                    ((x * 1000.0).round() as i32, (880.0 - y * 1000.0).round() as i32)
                }
                ref other => panic!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(back, points);
    }
}
