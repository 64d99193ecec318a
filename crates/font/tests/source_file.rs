//! Choosing a face and reading its measures.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use font::{FontError, FontFile};
use proptest::prelude::*;
use sources::{kai, kai_bytes, small_font, song, song_bytes};

#[test]
fn each_regional_face_of_a_collection_can_be_picked() {
    // The glyph of 骨 differs between the mainland's and Japan's standard.
    let shape = |name| FontFile::parse(song_bytes(), name).unwrap().outline('骨').unwrap().unwrap();
    assert_ne!(shape("Noto Serif CJK SC"), shape("Noto Serif CJK JP"));
}

#[test]
fn a_localised_family_name_is_accepted() {
    assert!(FontFile::parse(kai_bytes(), "霞鹜文楷").is_ok());
}

#[test]
fn an_unknown_face_is_answered_with_the_faces_there_are() {
    let Err(refused) = FontFile::parse(song_bytes(), "宋体") else { panic!("there is no such face") };
    let FontError::NoSuchFace { found, .. } = &refused else { panic!("{refused}") };
    assert!(found.iter().any(|name| name == "Noto Serif CJK SC"), "{found:?}");
}

#[test]
fn measures_are_in_thousandths() {
    let (song, kai) = (song().metrics(), kai().metrics());
    assert_eq!((song.units_per_em, song.ascent, song.descent, song.cap_height), (1000, 1151, -286, 729));
    assert_eq!((kai.units_per_em, kai.ascent, kai.descent), (1000, 928, -256));
}

#[test]
fn advances_are_in_thousandths() {
    assert_eq!((song().advance('国'), kai().advance('国')), (Some(1000), Some(1000)));
    assert!(song().advance('i') < song().advance('W'));
}

#[test]
fn coverage_is_told_honestly() {
    let song = song();
    let covered: Vec<bool> = ['䶮', '𬱖', ' ', '\u{200D}', '\u{E000}'].map(|ch| song.covers(ch)).to_vec();
    assert_eq!(covered, [true, true, true, false, false]);
}

#[test]
fn a_truncated_font_is_refused_or_its_glyph_is() {
    let bytes = small_font().bytes;
    for length in 0..bytes.len() {
        let Ok(font) = FontFile::parse(bytes[..length].into(), "Small") else { continue };
        // Without its last tables the font may open; it must not claim a blank 国.
        assert!(
            font.outline('国').is_ok_and(|o| o.is_none_or(|o| !o.is_blank())) || font.outline('国').is_err()
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = FontFile::parse(bytes.into(), "Small");
    }

    #[test]
    fn a_damaged_font_never_panics(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let subset = small_font();
        let mut bytes = subset.bytes;
        for (place, value) in hits {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(font) = FontFile::parse(bytes.into(), "Small") {
            let _ = font::GlyphCache::new(font).subset(&subset.chars, "Copy");
        }
    }
}
