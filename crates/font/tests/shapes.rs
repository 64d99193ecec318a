//! What a subset draws is what its source draws.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use font::{FontFile, GlyphCache, Outline};
use proptest::prelude::*;
use sources::{CERTIFICATE_TEXT, chars, distance, gap, kai, polygons, reopened, song, winding};

fn each_glyph(source: FontFile, check: impl Fn(char, &Outline, &Outline)) {
    let cache = GlyphCache::new(source.clone());
    let chars = chars(CERTIFICATE_TEXT);
    let copy = reopened(&cache.subset(&chars, "Shapes").unwrap(), "Shapes");
    for ch in chars {
        let drawn = |font: &FontFile| font.outline(ch).unwrap().unwrap();
        check(ch, &drawn(&source), &drawn(&copy));
    }
}

fn assert_same_lines(ch: char, source: &Outline, copy: &Outline) {
    let gap = gap(source, copy);
    assert!(gap < 2.0, "{ch} is off by {gap}/1000 em");
}

/// Ink and paper on a grid; points close to an edge may fall either side.
fn assert_same_ink(ch: char, source: &Outline, copy: &Outline) {
    let (source, copy) = (polygons(source), polygons(copy));
    for (column, row) in (0..26).flat_map(|c| (0..26).map(move |r| (c, r))) {
        let at = (column as f32 * 40.0 + 1.7, row as f32 * 40.0 - 121.3);
        if distance(&source, at) > 2.0 {
            assert_eq!(winding(&source, at) != 0, winding(&copy, at) != 0, "{ch} at {at:?}");
        }
    }
}

/// TrueType fills to the right of a contour's direction: ink has negative winding.
fn assert_clockwise(ch: char, _: &Outline, copy: &Outline) {
    let copy = polygons(copy);
    for (column, row) in (0..26).flat_map(|c| (0..26).map(move |r| (c, r))) {
        let number = winding(&copy, (column as f32 * 40.0 + 1.7, row as f32 * 40.0 - 121.3));
        assert!(number <= 0, "{ch} has winding {number}");
    }
}

#[test]
fn cff_lines_stay_within_two_units() {
    each_glyph(song(), assert_same_lines);
}

#[test]
fn truetype_lines_stay_within_two_units() {
    each_glyph(kai(), assert_same_lines);
}

#[test]
fn cff_holes_stay_holes() {
    each_glyph(song(), assert_same_ink);
}

#[test]
fn truetype_holes_stay_holes() {
    each_glyph(kai(), assert_same_ink);
}

#[test]
fn cff_contours_turn_clockwise() {
    each_glyph(song(), assert_clockwise);
}

#[test]
fn truetype_contours_turn_clockwise() {
    each_glyph(kai(), assert_clockwise);
}

#[test]
fn the_middle_of_hui_is_paper_inside_two_frames() {
    let cache = GlyphCache::new(song());
    let copy = reopened(&cache.subset(&['回'], "Hui").unwrap(), "Hui");
    let polygons = polygons(&copy.outline('回').unwrap().unwrap());
    let ink: Vec<bool> = (0..1000).map(|x| winding(&polygons, (x as f32 + 0.5, 380.0)) != 0).collect();
    let edges = ink.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!((edges, ink[500]), (8, false));
}

proptest! {
    #[test]
    fn any_supplied_cubic_is_drawn_within_two_units(p in prop::array::uniform6(0..1000i32)) {
        let [a, b, c, d, e, f] = p;
        let path = format!("M0 0 C{a} {b} {c} {d} {e} {f} L1000 1000 Z");
        let outline = Outline::from_svg_path(&path).unwrap();
        let cache = GlyphCache::new(song());
        cache.supply('\u{E000}', outline.clone(), 1000).unwrap();
        let copy = reopened(&cache.subset(&['\u{E000}'], "Cubic").unwrap(), "Cubic");
        let drawn = copy.outline('\u{E000}').unwrap().unwrap();
        prop_assert!(gap(&outline, &drawn) < 2.0);
    }
}
