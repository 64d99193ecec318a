//! Glyphs made ready once, shared by all threads that build subsets.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::error::FontError;
use crate::file::FontFile;
use crate::outline::{Outline, Segment};
use crate::record::GlyphRecord;
use crate::subset::{self, Subset};

/// The glyphs of one font, each converted when first asked for and kept.
///
/// A character's shape never changes while the cache lives: the font's own glyph, or else the first vector
/// supplied for it. So subsets of the same characters are the same bytes at any time and in any thread.
pub struct GlyphCache {
    font: FontFile,
    notdef: GlyphRecord,
    ready: RwLock<HashMap<char, Glyph>>,
}

struct Glyph {
    record: GlyphRecord,
    /// Kept for supplied glyphs only; the font can be asked for its own again.
    supplied: Option<Outline>,
}

impl GlyphCache {
    /// An empty cache for `font`.
    pub fn new(font: FontFile) -> Self {
        Self { font, notdef: notdef(), ready: RwLock::default() }
    }

    /// The font behind the cache.
    pub fn font(&self) -> &FontFile {
        &self.font
    }

    /// Provides a vector glyph for a character that the font lacks; `advance` in 1/1000 em.
    ///
    /// Supplying the same shape again is no error.
    ///
    /// # Errors
    /// [`FontError::AlreadyCovered`] when the character has another shape already,
    /// [`FontError::BlankOutline`] and [`FontError::OutlineTooLarge`] when the vector is unfit.
    pub fn supply(&self, ch: char, outline: Outline, advance: u16) -> Result<(), FontError> {
        if outline.is_blank() {
            return Err(FontError::BlankOutline { ch });
        }
        let record = Some(&outline)
            .filter(|o| is_finite(o))
            .and_then(|o| GlyphRecord::new(o, advance))
            .ok_or(FontError::OutlineTooLarge { ch })?;
        if record.bytes.is_empty() {
            return Err(FontError::BlankOutline { ch });
        }
        if self.font.covers(ch) {
            return Err(FontError::AlreadyCovered { ch });
        }
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        match ready.get(&ch) {
            Some(glyph) if glyph.record == record => Ok(()),
            Some(_) => Err(FontError::AlreadyCovered { ch }),
            None => {
                ready.insert(ch, Glyph { record, supplied: Some(outline) });
                Ok(())
            }
        }
    }

    /// True when a subset can hold `ch`.
    pub fn covers(&self, ch: char) -> bool {
        self.prepare(&[ch]).is_ok()
    }

    /// Advance width of `ch` in 1/1000 em; `None` when it is not covered.
    pub fn advance(&self, ch: char) -> Option<u16> {
        if let Some(glyph) = self.ready().get(&ch) {
            return Some(glyph.record.advance);
        }
        self.prepare(&[ch]).ok()?;
        self.ready().get(&ch).map(|glyph| glyph.record.advance)
    }

    /// The shape of `ch`, supplied or the font's own; `None` when it is not covered.
    ///
    /// # Errors
    /// [`FontError::BadOutline`] when the font's glyph is unreadable.
    pub fn outline(&self, ch: char) -> Result<Option<Outline>, FontError> {
        let supplied = self.ready().get(&ch).and_then(|glyph| glyph.supplied.clone());
        supplied.map_or_else(|| self.font.outline(ch), |outline| Ok(Some(outline)))
    }

    /// Makes the glyphs of `chars` ready, so that later subsets of them only copy.
    ///
    /// # Errors
    /// [`FontError::MissingGlyph`] names all characters that are not covered.
    pub fn prepare(&self, chars: &[char]) -> Result<(), FontError> {
        let cold: Vec<char> = {
            let ready = self.ready();
            chars.iter().copied().filter(|ch| !ready.contains_key(ch)).collect()
        };
        if cold.is_empty() {
            return Ok(());
        }
        // Converting takes its time; others go on reading meanwhile.
        let mut missing = Vec::new();
        let mut made = Vec::with_capacity(cold.len());
        for ch in cold {
            match self.convert(ch)? {
                Some(record) => made.push((ch, Glyph { record, supplied: None })),
                None => missing.push(ch),
            }
        }
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        for (ch, glyph) in made {
            ready.entry(ch).or_insert(glyph);
        }
        // A vector may have been supplied since the first look.
        missing.retain(|ch| !ready.contains_key(ch));
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        Err(FontError::MissingGlyph { face: self.font.name().to_owned(), chars: missing })
    }

    /// A complete TrueType font named `name` with the glyphs of `chars` and a visible `.notdef` box.
    ///
    /// The order and repetition of `chars` do not matter: the same set gives the same bytes.
    ///
    /// # Errors
    /// [`FontError::MissingGlyph`] (never a silent gap), [`FontError::BadOutline`],
    /// [`FontError::OutlineTooLarge`], [`FontError::InvalidName`], [`FontError::EmbeddingForbidden`],
    /// [`FontError::TooManyGlyphs`].
    pub fn subset(&self, chars: &[char], name: &str) -> Result<Subset, FontError> {
        if !self.font.rights().may_embed {
            return Err(FontError::EmbeddingForbidden { face: self.font.name().to_owned() });
        }
        let mut chars = chars.to_vec();
        chars.sort_unstable();
        chars.dedup();
        self.prepare(&chars)?;
        let ready = self.ready();
        let mut records = Vec::with_capacity(chars.len() + 1);
        records.push(&self.notdef);
        // `prepare` left none out, and nothing is ever removed.
        records.extend(chars.iter().filter_map(|ch| ready.get(ch)).map(|glyph| &glyph.record));
        subset::build(&self.font, name, chars, &records)
    }

    /// A panic in another thread leaves the map whole: entries go in complete or not at all.
    fn ready(&self) -> RwLockReadGuard<'_, HashMap<char, Glyph>> {
        self.ready.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn convert(&self, ch: char) -> Result<Option<GlyphRecord>, FontError> {
        let (Some(outline), Some(advance)) = (self.font.outline(ch)?, self.font.advance(ch)) else {
            return Ok(None);
        };
        GlyphRecord::new(&outline, advance).map(Some).ok_or(FontError::OutlineTooLarge { ch })
    }
}

fn is_finite(outline: &Outline) -> bool {
    let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
    outline.segments.iter().all(|segment| match *segment {
        Segment::Move(x, y) | Segment::Line(x, y) => finite(&[x, y]),
        Segment::Quad(cx, cy, x, y) => finite(&[cx, cy, x, y]),
        Segment::Cubic(ax, ay, bx, by, x, y) => finite(&[ax, ay, bx, by, x, y]),
        Segment::Close => true,
    })
}

/// An upright empty frame: whoever maps a character wrongly shall see it.
fn notdef() -> GlyphRecord {
    let frame = |x0: f32, y0: f32, x1: f32, y1: f32| {
        [
            Segment::Move(x0, y0),
            Segment::Line(x0, y1),
            Segment::Line(x1, y1),
            Segment::Line(x1, y0),
            Segment::Close,
        ]
    };
    let mut segments = frame(0.1, -0.1, 0.9, 0.85).to_vec();
    // Turned the other way, the inner edge cuts the hole.
    segments.extend(frame(0.85, -0.05, 0.15, 0.8));
    // The frame is far within the limits, so the record always exists.
    GlyphRecord::new(&Outline { segments }, 1000).unwrap_or_default()
}
