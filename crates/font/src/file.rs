//! One face of a source font file: its metrics, its character map and its outlines.

use std::num::NonZeroU16;
use std::sync::Arc;

use ttf_parser::head::IndexToLocationFormat;
use ttf_parser::{GlyphId, RawFace, Tag, cff, cmap, glyf, head, hhea, hmtx, loca, maxp, os2};

use crate::error::FontError;
use crate::face;
use crate::outline::{EmPen, Outline};

/// The vertical measures of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// Font units per em in the source file.
    pub units_per_em: u16,
    /// From the baseline up to the top of a line, in 1/1000 em.
    pub ascent: i16,
    /// From the baseline to the bottom of a line, in 1/1000 em, negative below the baseline.
    pub descent: i16,
    /// Height of a flat capital letter, in 1/1000 em.
    pub cap_height: i16,
}

/// A face of a font file. Cheap to clone: the file's bytes are shared and never copied.
#[derive(Clone)]
pub struct FontFile {
    data: Arc<[u8]>,
    index: u32,
    name: String,
    metrics: Metrics,
    glyph_count: NonZeroU16,
    long_metrics: u16,
    loca_format: IndexToLocationFormat,
    rights: Rights,
}

/// What the source says about weight, licence and embedding; carried into each subset.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    pub(crate) weight: u16,
    pub(crate) fs_type: u16,
    pub(crate) may_embed: bool,
    pub(crate) licence: String,
}

impl FontFile {
    /// Reads a `.ttf`, `.otf` or `.ttc` and picks the face whose full name or family name is `face_name`.
    ///
    /// # Errors
    /// [`FontError::NoSuchFace`] lists the names there are; [`FontError::Malformed`] names the broken part.
    pub fn parse(data: Arc<[u8]>, face_name: &str) -> Result<Self, FontError> {
        let index = face::find(&data, face_name)?;
        let raw = RawFace::parse(&data, index).map_err(|_| FontError::Malformed { part: "文件头" })?;
        let head = table(&raw, b"head").and_then(head::Table::parse).ok_or(broken("head 表"))?;
        let hhea = table(&raw, b"hhea").and_then(hhea::Table::parse).ok_or(broken("hhea 表"))?;
        let maxp = table(&raw, b"maxp").and_then(maxp::Table::parse).ok_or(broken("maxp 表"))?;
        table(&raw, b"cmap").and_then(cmap::Table::parse).ok_or(broken("cmap 表"))?;
        if table(&raw, b"glyf").or(table(&raw, b"CFF ")).is_none() {
            return Err(broken("字形表（glyf 或 CFF）"));
        }
        let os2 = table(&raw, b"OS/2").and_then(os2::Table::parse);
        let milli = |units: i16| per_mille(i32::from(units), head.units_per_em);
        let metrics = Metrics {
            units_per_em: head.units_per_em,
            ascent: milli(hhea.ascender),
            descent: milli(hhea.descender),
            // 0.7 em is what most faces have; only old files leave the field out.
            cap_height: os2.and_then(|t| t.capital_height()).filter(|&h| h > 0).map_or(700, milli),
        };
        let rights = rights(&raw, os2.as_ref());
        Ok(Self {
            index,
            name: face_name.to_owned(),
            metrics,
            glyph_count: maxp.number_of_glyphs,
            long_metrics: hhea.number_of_metrics,
            loca_format: head.index_to_location_format,
            rights,
            data,
        })
    }

    /// The name by which the face was picked.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Vertical measures of the face.
    pub fn metrics(&self) -> Metrics {
        self.metrics
    }

    /// The glyph that the font's own map gives for `ch`; `None` when it gives none or `.notdef`.
    pub fn glyph(&self, ch: char) -> Option<GlyphId> {
        let map = cmap::Table::parse(self.table(b"cmap")?)?;
        map.subtables
            .into_iter()
            .filter(|subtable| subtable.is_unicode())
            .find_map(|subtable| subtable.glyph_index(u32::from(ch)).filter(|id| id.0 != 0))
    }

    /// Advance width of `ch` in 1/1000 em, rounded as in the subsets; `None` without a glyph.
    pub fn advance(&self, ch: char) -> Option<u16> {
        let id = self.glyph(ch)?;
        let metrics = hmtx::Table::parse(self.long_metrics, self.glyph_count, self.table(b"hmtx")?)?;
        let units = i32::from(metrics.advance(id)?);
        u16::try_from(per_mille(units, self.metrics.units_per_em)).ok()
    }

    /// True when the font really draws `ch`: a mapped glyph that is blank counts only for white space.
    pub fn covers(&self, ch: char) -> bool {
        matches!(self.outline(ch), Ok(Some(_)))
    }

    /// The shape of `ch`; `None` when the font does not cover it.
    ///
    /// Fonts map some characters to blank glyphs; outside white space that would be a character silently
    /// missing from a certificate, so it counts as not covered.
    ///
    /// # Errors
    /// [`FontError::BadOutline`] when the glyph is there but unreadable.
    pub fn outline(&self, ch: char) -> Result<Option<Outline>, FontError> {
        let Some(id) = self.glyph(ch) else { return Ok(None) };
        let bad = || FontError::BadOutline { face: self.name.clone(), ch };
        let outline = self.glyph_outline(id).ok_or_else(bad)?;
        Ok(Some(outline).filter(|o| !o.is_blank() || ch.is_whitespace()))
    }

    /// `None` when the glyph's data is broken.
    fn glyph_outline(&self, id: GlyphId) -> Option<Outline> {
        let mut pen = EmPen::new(self.metrics.units_per_em);
        let Some(data) = self.table(b"glyf") else {
            return match cff::Table::parse(self.table(b"CFF ")?)?.outline(id, &mut pen) {
                Ok(_) | Err(ttf_parser::CFFError::ZeroBBox) => Some(pen.finish()),
                Err(_) => None,
            };
        };
        let offsets = loca::Table::parse(self.glyph_count, self.loca_format, self.table(b"loca")?)?;
        let Some(range) = offsets.glyph_range(id) else { return Some(Outline::default()) };
        // A record without contours is a legal blank glyph, which the parser reports like a broken one.
        let blank = data.get(range)?.get(..2) == Some(&[0, 0]);
        let drawn = glyf::Table::parse(offsets, data)?.outline(id, &mut pen);
        (drawn.is_some() || blank).then(|| pen.finish())
    }

    fn table(&self, tag: &[u8; 4]) -> Option<&[u8]> {
        table(&RawFace::parse(&self.data, self.index).ok()?, tag)
    }

    pub(crate) fn rights(&self) -> &Rights {
        &self.rights
    }
}

impl std::fmt::Debug for FontFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FontFile").field("name", &self.name).field("metrics", &self.metrics).finish()
    }
}

fn broken(part: &'static str) -> FontError {
    FontError::Malformed { part }
}

fn table<'a>(raw: &RawFace<'a>, tag: &[u8; 4]) -> Option<&'a [u8]> {
    raw.table(Tag::from_bytes(tag))
}

/// OpenType OS/2 `fsType`; a font without the table states no restriction.
fn rights(raw: &RawFace<'_>, os2: Option<&os2::Table<'_>>) -> Rights {
    let fs_type =
        table(raw, b"OS/2").and_then(|t| t.get(8..10)).map_or(0, |b| u16::from(b[0]) << 8 | u16::from(b[1]));
    Rights {
        weight: os2.map_or(400, |t| t.weight().to_number()),
        fs_type,
        may_embed: os2.is_none_or(|t| {
            t.permissions() != Some(ttf_parser::Permissions::Restricted)
                && t.is_subsetting_allowed()
                && t.is_outline_embedding_allowed()
        }),
        licence: face::licence_note(raw),
    }
}

/// Font units to 1/1000 em, rounded to nearest, held within `i16`.
fn per_mille(units: i32, units_per_em: u16) -> i16 {
    let value = (units as f32 * 1000.0 / f32::from(units_per_em)).round();
    // A saturating cast: no real measure comes near the limits.
    value as i16
}
