//! The fonts that a page uses.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::Segment;
use crate::OfdError;
use crate::content::Placed;
use crate::geometry::Matrix;
use crate::package::Package;

/// Bytes of all fonts of one page once inflated.
const FONT_BYTES_MAX: usize = 32 << 20;

/// The font files of a page, kept while their faces are in use.
pub(super) struct Files<'p> {
    files: BTreeMap<u32, Cow<'p, [u8]>>,
}

impl<'p> Files<'p> {
    /// Reads the embedded fonts that the objects name; a missing or damaged file is left for the notices.
    pub fn load(package: &Package<'p>, objects: &[Placed<'_>]) -> Result<Self, OfdError> {
        let mut files = BTreeMap::new();
        let mut total = 0;
        for object in objects.iter().filter(|o| o.element.name == "TextObject") {
            let Some(id) = font_id(object) else { continue };
            let path = package.resources.fonts.get(&id).and_then(|f| f.path.as_deref());
            if files.contains_key(&id) {
                continue;
            }
            if let Some(bytes) = path.and_then(|p| package.archive.read(p).ok()) {
                total += bytes.len();
                if total > FONT_BYTES_MAX {
                    return Err(OfdError::TooComplex { what: "字体总长度" });
                }
                files.insert(id, bytes);
            }
        }
        Ok(Self { files })
    }

    pub fn open<'f>(&'f self, fallback: Option<&'f [u8]>) -> Fonts<'f> {
        let face = |bytes: &'f [u8]| Face::parse(bytes, 0).ok();
        let faces = self.files.iter().filter_map(|(id, bytes)| Some((*id, face(bytes)?))).collect();
        Fonts { faces, fallback: fallback.and_then(face) }
    }
}

/// The font that a text object names.
pub(super) fn font_id(object: &Placed<'_>) -> Option<u32> {
    object.element.attr("Font").and_then(|v| v.trim().parse().ok())
}

/// The parsed fonts of a page.
pub(super) struct Fonts<'f> {
    faces: BTreeMap<u32, Face<'f>>,
    fallback: Option<Face<'f>>,
}

/// A glyph in its face.
pub(super) struct Glyph<'f> {
    face: &'f Face<'f>,
    id: GlyphId,
}

impl<'f> Fonts<'f> {
    /// The glyph of a character; the flag says that it comes from the fallback.
    pub fn glyph(&'f self, font: Option<u32>, c: char) -> Option<(Glyph<'f>, bool)> {
        let own = font.and_then(|id| self.faces.get(&id));
        let find = |face: &'f Face<'f>| face.glyph_index(c).filter(|g| g.0 != 0).map(|id| Glyph { face, id });
        match own.and_then(find) {
            Some(glyph) => Some((glyph, false)),
            None => self.fallback.as_ref().and_then(find).map(|glyph| (glyph, true)),
        }
    }

    /// A glyph by its number, as `CGTransform` names it.
    pub fn glyph_by_number(&'f self, font: Option<u32>, number: u16) -> Option<Glyph<'f>> {
        let face = self.faces.get(&font?)?;
        (number < face.number_of_glyphs()).then_some(Glyph { face, id: GlyphId(number) })
    }
}

impl Glyph<'_> {
    /// Width in parts of the type size.
    pub fn advance(&self) -> f64 {
        let units = f64::from(self.face.units_per_em().max(1));
        f64::from(self.face.glyph_hor_advance(self.id).unwrap_or_default()) / units
    }

    /// Appends the outline; `place` maps a type of size 1 with y downwards.
    pub fn outline(&self, place: &Matrix, into: &mut Vec<Segment>) {
        let unit = 1.0 / f64::from(self.face.units_per_em().max(1));
        let map = Matrix::scale(unit, -unit).then(place);
        let _ = self.face.outline_glyph(self.id, &mut Pen { map, into });
    }
}

struct Pen<'v> {
    map: Matrix,
    into: &'v mut Vec<Segment>,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> [f32; 2] {
        let (x, y) = self.map.apply(f64::from(x), f64::from(y));
        [x as f32, y as f32]
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.into.push(Segment::Move(self.at(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.into.push(Segment::Line(self.at(x, y)));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.into.push(Segment::Quad(self.at(x1, y1), self.at(x, y)));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.into.push(Segment::Cubic(self.at(x1, y1), self.at(x2, y2), self.at(x, y)));
    }

    fn close(&mut self) {
        self.into.push(Segment::Close);
    }
}
