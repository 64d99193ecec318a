//! Vectors for characters that no font has.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use font::{FontError, GlyphCache, Outline, Segment};
use sources::{gap, kai, reopened};

const RARE: char = '\u{E815}';

fn square() -> Outline {
    Outline::from_svg_path("M100 100H900V800H100Z").unwrap()
}

#[test]
fn a_supplied_glyph_is_part_of_the_subset() {
    let cache = GlyphCache::new(kai());
    cache.supply(RARE, square(), 1000).unwrap();
    let copy = reopened(&cache.subset(&['国', RARE], "Rare").unwrap(), "Rare");
    assert!(gap(&square(), &copy.outline(RARE).unwrap().unwrap()) < 0.01);
}

#[test]
fn a_supplied_glyph_is_covered_and_measured() {
    let cache = GlyphCache::new(kai());
    assert!(!cache.covers(RARE));
    cache.supply(RARE, square(), 950).unwrap();
    assert_eq!((cache.covers(RARE), cache.advance(RARE)), (true, Some(950)));
    assert_eq!(cache.outline(RARE), Ok(Some(square())));
}

#[test]
fn the_fonts_own_glyph_cannot_be_replaced() {
    let refused = GlyphCache::new(kai()).supply('8', square(), 500);
    assert_eq!(refused, Err(FontError::AlreadyCovered { ch: '8' }));
}

#[test]
fn a_supplied_glyph_cannot_be_changed() {
    let cache = GlyphCache::new(kai());
    cache.supply(RARE, square(), 1000).unwrap();
    assert_eq!(cache.supply(RARE, square(), 1000), Ok(()));
    assert_eq!(cache.supply(RARE, square(), 900), Err(FontError::AlreadyCovered { ch: RARE }));
}

#[test]
fn a_blank_vector_is_refused() {
    let cache = GlyphCache::new(kai());
    for path in ["", "M1 1Z", "M1 1L900 900Z"] {
        let blank = Outline::from_svg_path(path).unwrap();
        assert_eq!(cache.supply(RARE, blank, 1000), Err(FontError::BlankOutline { ch: RARE }), "{path}");
    }
}

#[test]
fn an_unbounded_vector_is_refused() {
    let cache = GlyphCache::new(kai());
    for far in [f32::NAN, f32::INFINITY, 17.0, -1e30] {
        let segments = vec![Segment::Move(0.0, 0.0), Segment::Line(far, 1.0), Segment::Line(1.0, 0.0)];
        let refused = cache.supply(RARE, Outline { segments }, 1000);
        assert_eq!(refused, Err(FontError::OutlineTooLarge { ch: RARE }), "{far}");
    }
}
