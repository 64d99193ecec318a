//! A subset is a complete, valid, repeatable TrueType file.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use font::{FontError, FontFile, GlyphCache};
use sources::{CERTIFICATE_TEXT, chars, kai, reopened, small_font, song};
use ttf_parser::{Face, Tag, name_id};

#[test]
fn every_character_maps_to_its_glyph() {
    let chars = chars(CERTIFICATE_TEXT);
    let subset = GlyphCache::new(song()).subset(&chars, "Map").unwrap();
    let face = Face::parse(&subset.bytes, 0).unwrap();
    for ch in chars {
        assert_eq!(face.glyph_index(ch).map(|id| id.0), subset.glyph(ch), "{ch}");
    }
}

#[test]
fn characters_outside_the_set_map_to_nothing() {
    let subset = small_font();
    let face = Face::parse(&subset.bytes, 0).unwrap();
    for ch in ['B', '9', '路', '\u{FFFF}', '𬱖'] {
        // Format 4 has to say something about U+FFFF; it says `.notdef`.
        assert_eq!(face.glyph_index(ch).filter(|id| id.0 != 0), None, "{ch}");
    }
}

fn assert_advances(source: FontFile) {
    let chars = chars(CERTIFICATE_TEXT);
    let copy = reopened(&GlyphCache::new(source.clone()).subset(&chars, "Wide").unwrap(), "Wide");
    for ch in chars {
        assert_eq!(copy.advance(ch), source.advance(ch), "{ch}");
    }
}

#[test]
fn cff_advances_are_kept() {
    assert_advances(song());
}

#[test]
fn truetype_advances_are_kept() {
    assert_advances(kai());
}

fn sum(bytes: &[u8]) -> u32 {
    let word = |w: &[u8]| w.iter().fold(0, |n, &b| n << 8 | u32::from(b)) << (8 * (4 - w.len()));
    bytes.chunks(4).fold(0, |sum: u32, w| sum.wrapping_add(word(w)))
}

#[test]
fn every_table_has_its_checksum() {
    let mut bytes = small_font().bytes;
    let head = bytes.windows(4).position(|w| w == b"head").unwrap();
    let offset = u32::from_be_bytes(bytes[head + 8..head + 12].try_into().unwrap()) as usize;
    // The head table is summed as if its adjustment were not there.
    bytes[offset + 8..offset + 12].fill(0);
    for i in 0..usize::from(bytes[5]) {
        let entry = &bytes[12 + 16 * i..28 + 16 * i];
        let number = |at: usize| u32::from_be_bytes(entry[at..at + 4].try_into().unwrap());
        let table = &bytes[number(8) as usize..(number(8) + number(12)) as usize];
        assert_eq!(number(4), sum(table), "table {i}");
    }
}

#[test]
fn the_whole_file_sums_to_the_magic_number() {
    assert_eq!(sum(&small_font().bytes), 0xB1B0_AFBA);
}

#[test]
fn order_and_repetition_do_not_matter() {
    let cache = GlyphCache::new(kai());
    let one = cache.subset(&chars("国道8A"), "Same").unwrap();
    let other = GlyphCache::new(kai()).subset(&chars("A8A道国8"), "Same").unwrap();
    assert_eq!(one, other);
}

#[test]
fn all_missing_characters_are_named() {
    let asked = chars("路\u{E001}证\u{10FFFD}\u{E001}");
    let refused = GlyphCache::new(song()).subset(&asked, "Gap").unwrap_err();
    let FontError::MissingGlyph { chars, .. } = &refused else { panic!("{refused}") };
    assert_eq!(chars, &['\u{E001}', '\u{10FFFD}']);
    assert!(refused.to_string().contains("U+E001"), "{refused}");
}

#[test]
fn invisible_characters_count_as_missing() {
    // Both fonts map the zero-width joiner to a blank glyph.
    let refused = GlyphCache::new(song()).subset(&['\u{200D}'], "Gap");
    assert!(matches!(refused, Err(FontError::MissingGlyph { .. })), "{refused:?}");
}

#[test]
fn notdef_is_a_visible_box() {
    let subset = GlyphCache::new(kai()).subset(&[], "Empty").unwrap();
    let face = Face::parse(&subset.bytes, 0).unwrap();
    let area = face.glyph_bounding_box(ttf_parser::GlyphId(0)).unwrap();
    assert_eq!((area.x_min, area.y_min, area.x_max, area.y_max), (100, -100, 900, 850));
}

#[test]
fn names_and_licence_are_written() {
    let subset = GlyphCache::new(kai()).subset(&['国'], "AAAAAB+路证楷体 1").unwrap();
    let face = Face::parse(&subset.bytes, 0).unwrap();
    let text = |id| face.names().into_iter().find(|n| n.name_id == id).and_then(|n| n.to_string()).unwrap();
    let ids = [name_id::FAMILY, name_id::FULL_NAME, name_id::POST_SCRIPT_NAME, name_id::LICENSE];
    assert_eq!(ids.map(text), ["AAAAAB+路证楷体 1", "AAAAAB+路证楷体 1", "AAAAAB+1", "SIL OFL 1.1"]);
}

#[test]
fn unfit_names_are_refused() {
    let cache = GlyphCache::new(kai());
    for name in ["", "a\nb", &"长".repeat(64)] {
        let refused = cache.subset(&['国'], name);
        assert!(matches!(refused, Err(FontError::InvalidName { .. })), "{name:?}");
    }
}

#[test]
fn a_font_that_forbids_embedding_is_refused() {
    let mut bytes = small_font().bytes;
    let os2 = bytes.windows(4).position(|w| w == b"OS/2").unwrap();
    let offset = u32::from_be_bytes(bytes[os2 + 8..os2 + 12].try_into().unwrap()) as usize;
    // fsType 2: restricted licence embedding.
    bytes[offset + 9] = 2;
    let locked = GlyphCache::new(FontFile::parse(bytes.into(), "Small").unwrap());
    assert!(matches!(locked.subset(&['国'], "Copy"), Err(FontError::EmbeddingForbidden { .. })));
}

#[test]
fn thousands_of_characters_still_make_a_font() {
    // More than 8000 separate runs and more than 128 KiB of outlines: format 12 and long offsets.
    let source = song();
    let cache = GlyphCache::new(source.clone());
    let wanted: Vec<char> =
        ('\u{3400}'..='\u{9FFF}').step_by(2).filter(|&ch| source.covers(ch)).take(9000).collect();
    let subset = cache.subset(&wanted, "Many").unwrap();
    let face = Face::parse(&subset.bytes, 0).unwrap();
    assert!(wanted.iter().all(|&ch| face.glyph_index(ch).map(|id| id.0) == subset.glyph(ch)));
    let last = *wanted.last().unwrap();
    assert!(
        sources::gap(
            &source.outline(last).unwrap().unwrap(),
            &reopened(&subset, "Many").outline(last).unwrap().unwrap()
        ) < 2.0
    );
}

#[test]
fn exactly_the_promised_tables_are_there() {
    let subset = small_font();
    let face = ttf_parser::RawFace::parse(&subset.bytes, 0).unwrap();
    let tags: Vec<Tag> = face.table_records.into_iter().map(|record| record.tag).collect();
    let promised = [b"OS/2", b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"name", b"post"];
    assert_eq!(tags, promised.map(Tag::from_bytes));
}
