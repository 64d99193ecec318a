//! The small tables of a subset: `OS/2`, `head`, `hhea`, `maxp`, `name`, `post` (OpenType 1.9).

use crate::file::{FontFile, Metrics, Rights};
use crate::record::GlyphRecord;

/// 2025-01-01 in seconds since 1904: one date for all, so that equal subsets are equal bytes.
const MADE: u64 = 3_818_534_400;

/// What several tables need to know about the whole font.
pub(crate) struct Facts<'a> {
    name: &'a str,
    rights: &'a Rights,
    metrics: Metrics,
    glyphs: u16,
    pub(crate) long_loca: bool,
    /// Glyphs after these share the last one's advance.
    pub(crate) long_metrics: u16,
    bbox: [i16; 4],
    max_advance: u16,
    mean_advance: i16,
    min_right_bearing: i16,
    max_points: u16,
    max_contours: u16,
    first: u16,
    last: u16,
}

impl<'a> Facts<'a> {
    pub(crate) fn gather(
        font: &'a FontFile,
        name: &'a str,
        chars: &[char],
        records: &[&GlyphRecord],
        glyphs: u16,
        long_loca: bool,
    ) -> Self {
        let bmp = |ch: Option<&char>| ch.map_or(0, |&ch| u16::try_from(u32::from(ch)).unwrap_or(0xFFFF));
        let last_advance = records.last().map_or(0, |record| record.advance);
        let tail = records.iter().rev().take_while(|record| record.advance == last_advance).count();
        let total: u64 = records.iter().map(|record| u64::from(record.advance)).sum();
        let mut facts = Self {
            name,
            rights: font.rights(),
            metrics: font.metrics(),
            glyphs,
            long_loca,
            // `tail` is at least 1: `.notdef` is always there.
            long_metrics: glyphs - tail as u16 + 1,
            bbox: [i16::MAX, i16::MAX, i16::MIN, i16::MIN],
            max_advance: 0,
            mean_advance: i16::try_from(total / u64::from(glyphs)).unwrap_or(i16::MAX),
            min_right_bearing: i16::MAX,
            max_points: 0,
            max_contours: 0,
            first: bmp(chars.first()),
            last: bmp(chars.last()),
        };
        for record in records {
            facts.take(record);
        }
        facts
    }

    fn take(&mut self, record: &GlyphRecord) {
        self.max_advance = self.max_advance.max(record.advance);
        if record.contours == 0 {
            return;
        }
        let [x_min, y_min, x_max, y_max] = record.bbox;
        let [left, bottom, right, top] = self.bbox;
        self.bbox = [left.min(x_min), bottom.min(y_min), right.max(x_max), top.max(y_max)];
        let right_bearing = i32::from(record.advance) - i32::from(x_max);
        let right_bearing = i16::try_from(right_bearing).unwrap_or(i16::MAX);
        self.min_right_bearing = self.min_right_bearing.min(right_bearing);
        self.max_points = self.max_points.max(record.points);
        self.max_contours = self.max_contours.max(record.contours);
    }

    fn bold(&self) -> bool {
        self.rights.weight >= 700
    }
}

/// Big-endian numbers, one after another.
fn put<const N: usize>(out: &mut Vec<u8>, numbers: [u16; N]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// Version 4.
pub(crate) fn os2(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let Metrics { ascent, descent, cap_height, .. } = facts.metrics;
    put(out, [4, facts.mean_advance as u16, facts.rights.weight, 5, facts.rights.fs_type]);
    // Sub- and superscript, strikeout: customary shares of the em; family class and PANOSE unknown.
    put(out, [650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0, 0, 0, 0, 0, 0]);
    // Unicode ranges: left unstated, the cmap says it exactly.
    put(out, [0; 8]);
    out.extend_from_slice(b"NONE");
    let selection = if facts.bold() { 1 << 5 } else { 1 << 6 };
    put(out, [selection, facts.first, facts.last, ascent as u16, descent as u16, 0]);
    // Windows clips at these two, so they have to enclose every glyph.
    let (top, bottom) = (ascent.max(facts.bbox[3]), descent.min(facts.bbox[1]));
    put(out, [top.max(0) as u16, bottom.min(0).unsigned_abs()]);
    // Code pages Latin 1 (bit 0) and simplified Chinese (bit 18).
    put(out, [0x0004, 0x0001, 0, 0]);
    put(out, [0, cap_height as u16, 0, u16::from(b' '), 1]);
}

/// The checksum adjustment is filled in when the whole file is there.
pub(crate) fn head(facts: &Facts<'_>, out: &mut Vec<u8>) {
    put(out, [1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5]);
    // Flags: baseline at y = 0, left side bearing at x = 0. Then units per em.
    put(out, [0x0003, 1000]);
    out.extend_from_slice(&MADE.to_be_bytes());
    out.extend_from_slice(&MADE.to_be_bytes());
    put(out, facts.bbox.map(|side| side as u16));
    put(out, [u16::from(facts.bold()), 8, 2, u16::from(facts.long_loca), 0]);
}

pub(crate) fn hhea(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let Metrics { ascent, descent, .. } = facts.metrics;
    put(out, [1, 0, ascent as u16, descent as u16, 0, facts.max_advance]);
    // Bearings are xMin, so the extremes follow from the boxes.
    put(out, [facts.bbox[0] as u16, facts.min_right_bearing as u16, facts.bbox[2] as u16]);
    put(out, [1, 0, 0, 0, 0, 0, 0, 0, facts.long_metrics]);
}

/// Version 1.0: no composites, no instructions, one zone.
pub(crate) fn maxp(facts: &Facts<'_>, out: &mut Vec<u8>) {
    put(out, [1, 0, facts.glyphs, facts.max_points, facts.max_contours, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
}

/// Version 3: no glyph names.
pub(crate) fn post(out: &mut Vec<u8>) {
    put(out, [3, 0, 0, 0, (-75_i16) as u16, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}

/// Family, style, full and PostScript name, licence note; equal texts are stored once.
pub(crate) fn name(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let style = if facts.bold() { "Bold" } else { "Regular" };
    let postscript: String = facts.name.chars().filter(|&ch| is_postscript(ch)).collect();
    let postscript = if postscript.is_empty() { "Subset" } else { &postscript };
    let licence = facts.rights.licence.as_str();
    let records = [(1, facts.name), (2, style), (4, facts.name), (6, postscript), (13, licence)];
    let records = if licence.is_empty() { &records[..4] } else { &records[..] };
    put(out, [0, records.len() as u16, 6 + 12 * records.len() as u16]);
    let mut storage: Vec<u8> = Vec::with_capacity(256);
    let mut spans: [(u16, u16); 5] = [(0, 0); 5];
    for (i, &(id, text)) in records.iter().enumerate() {
        spans[i] = match records[..i].iter().position(|&(_, earlier)| earlier == text) {
            Some(same) => spans[same],
            None => {
                // Names and notes are bounded in length, so offsets stay small.
                let start = storage.len();
                storage.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
                ((storage.len() - start) as u16, start as u16)
            }
        };
        // Windows, Unicode basic plane, English (US).
        put(out, [3, 1, 0x0409, id, spans[i].0, spans[i].1]);
    }
    out.extend_from_slice(&storage);
}

/// OpenType `name` ID 6: printable ASCII without space and the PostScript delimiters.
fn is_postscript(ch: char) -> bool {
    ch.is_ascii_graphic() && !"[](){}<>/%".contains(ch)
}
