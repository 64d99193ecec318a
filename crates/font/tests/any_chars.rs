//! Whatever covered characters are asked for, in whatever threads, the subset is a font.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use std::sync::LazyLock;

use font::GlyphCache;
use proptest::prelude::*;
use sources::{chars, kai, song};
use ttf_parser::Face;

static SONG: LazyLock<GlyphCache> = LazyLock::new(|| GlyphCache::new(song()));
static KAI: LazyLock<GlyphCache> = LazyLock::new(|| GlyphCache::new(kai()));

fn any_char() -> impl Strategy<Value = char> {
    prop_oneof![
        prop::char::range(' ', '~'),
        prop::char::range('\u{3000}', '\u{303F}'),
        prop::char::range('\u{3400}', '\u{9FFF}'),
        prop::char::range('\u{FF00}', '\u{FFEF}'),
        prop::char::range('\u{20000}', '\u{2EBE0}'),
    ]
}

fn assert_font(cache: &GlyphCache, mut wanted: Vec<char>) -> Result<(), TestCaseError> {
    wanted.retain(|&ch| cache.covers(ch));
    let subset = cache.subset(&wanted, "Any").unwrap();
    let face = Face::parse(&subset.bytes, 0).unwrap();
    prop_assert_eq!(usize::from(face.number_of_glyphs()), subset.chars.len() + 1);
    for ch in wanted {
        let id = face.glyph_index(ch).unwrap();
        prop_assert_eq!(face.glyph_hor_advance(id), cache.advance(ch));
        prop_assert_eq!(face.glyph_bounding_box(id).is_some(), !ch.is_whitespace());
    }
    Ok(())
}

proptest! {
    #[test]
    fn of_a_cff_source(wanted in prop::collection::vec(any_char(), 0..60)) {
        assert_font(&SONG, wanted)?;
    }

    #[test]
    fn of_a_truetype_source(wanted in prop::collection::vec(any_char(), 0..60)) {
        assert_font(&KAI, wanted)?;
    }
}

#[test]
fn threads_that_meet_in_a_cold_cache_agree() {
    let cache = GlyphCache::new(kai());
    let wanted = chars("道路运输证玥喆堃");
    let files: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| cache.subset(&wanted, "Same").unwrap().bytes)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    assert!(files.windows(2).all(|pair| pair[0] == pair[1]));
}
