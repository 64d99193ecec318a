//! Puts prepared glyphs together into a complete TrueType font.

use crate::cmap;
use crate::error::FontError;
use crate::file::FontFile;
use crate::record::GlyphRecord;
use crate::sfnt::SfntWriter;
use crate::tables::{self, Facts};

/// Longest `glyf` table that short (halved, 16-bit) offsets reach.
const SHORT_LOCA_REACH: usize = 2 * 0xFFFF;
/// Longest name: the bound for PostScript names (OpenType `name` ID 6).
const NAME_LIMIT: usize = 63;

/// A finished small font.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subset {
    /// The TrueType file.
    pub bytes: Vec<u8>,
    /// The characters in it, ascending; character `i` is glyph `i + 1`.
    pub chars: Vec<char>,
}

impl Subset {
    /// Glyph number of `ch` in this subset; `None` when the subset does not hold it.
    pub fn glyph(&self, ch: char) -> Option<u16> {
        let place = self.chars.binary_search(&ch).ok()?;
        u16::try_from(place + 1).ok()
    }
}

/// `chars` ascending without repetition; `records[0]` is `.notdef`, `records[i + 1]` draws `chars[i]`.
pub(crate) fn build(
    font: &FontFile,
    name: &str,
    chars: Vec<char>,
    records: &[&GlyphRecord],
) -> Result<Subset, FontError> {
    if name.is_empty() || name.chars().count() > NAME_LIMIT || name.chars().any(char::is_control) {
        return Err(FontError::InvalidName { name: name.to_owned() });
    }
    // Glyph 65535 is reserved by several table formats.
    let count = u16::try_from(records.len())
        .ok()
        .filter(|&n| n < u16::MAX)
        .ok_or(FontError::TooManyGlyphs { count: chars.len() })?;
    let glyf_length: usize = records.iter().map(|record| record.bytes.len()).sum();
    let facts = Facts::gather(font, name, &chars, records, count, glyf_length > SHORT_LOCA_REACH);

    let mut file = SfntWriter::new(10, glyf_length + 12 * records.len() + 12 * chars.len() + 1024);
    file.table(b"OS/2", |out| tables::os2(&facts, out));
    file.table(b"cmap", |out| cmap::write(&chars, out));
    file.table(b"glyf", |out| records.iter().for_each(|record| out.extend_from_slice(&record.bytes)));
    file.table(b"head", |out| tables::head(&facts, out));
    file.table(b"hhea", |out| tables::hhea(&facts, out));
    file.table(b"hmtx", |out| hmtx(records, facts.long_metrics, out));
    file.table(b"loca", |out| loca(records, facts.long_loca, out));
    file.table(b"maxp", |out| tables::maxp(&facts, out));
    file.table(b"name", |out| tables::name(&facts, out));
    file.table(b"post", tables::post);
    Ok(Subset { bytes: file.finish(), chars })
}

/// Advance and bearing for the first `long_metrics` glyphs, the bearing alone for the rest.
fn hmtx(records: &[&GlyphRecord], long_metrics: u16, out: &mut Vec<u8>) {
    for (i, record) in records.iter().enumerate() {
        if i < usize::from(long_metrics) {
            out.extend_from_slice(&record.advance.to_be_bytes());
        }
        out.extend_from_slice(&record.bbox[0].to_be_bytes());
    }
}

/// Where each glyph starts, and where the last one ends. Records are of even length.
fn loca(records: &[&GlyphRecord], long: bool, out: &mut Vec<u8>) {
    let mut offset = 0_u32;
    let mut put = |offset: u32| {
        if long {
            out.extend_from_slice(&offset.to_be_bytes());
        } else {
            // Half of an offset that SHORT_LOCA_REACH bounds.
            out.extend_from_slice(&((offset / 2) as u16).to_be_bytes());
        }
    };
    put(offset);
    for record in records {
        offset += record.bytes.len() as u32;
        put(offset);
    }
}
