//! Font roles (宋 song, 黑 hei, 楷 kai): which typeface stands for each, found by a configured list of paths (`data/fonts.toml`).

use std::sync::Arc;

use font::{FontFile, GlyphCache, Outline};
use serde::Deserialize;

use crate::FaceError;

/// Which font file serves a role, as data.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FontSpec {
    /// Role used by templates: `song`, `hei`, `kai` …
    pub role: String,
    /// Name of the typeface inside the file; also what the OFD says (`FontName`).
    pub face: String,
    /// Where to look, first hit wins.
    pub paths: Vec<String>,
    /// Debian package that brings it, for the error message.
    pub package: String,
}

/// A font that serves a role.
pub struct FontRole {
    /// Role name.
    pub role: String,
    /// Typeface name.
    pub face: String,
    /// SM3 of the font file; part of the intent.
    pub digest: [u8; 32],
    /// Glyphs.
    pub glyphs: GlyphCache,
}

/// All roles; the index of a role is its number in object ids.
#[derive(Default)]
pub struct Fonts {
    roles: Vec<FontRole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpecFile {
    fonts: Vec<FontSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GlyphFile {
    glyphs: Vec<Glyph>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Glyph {
    role: String,
    char: char,
    /// SVG path in a 1000 × 1000 square, y down, base line at 880.
    path: String,
    #[serde(default = "full")]
    advance: u16,
}

fn full() -> u16 {
    1000
}

impl FontSpec {
    /// The list that the program carries.
    pub fn builtin() -> Result<Vec<Self>, FaceError> {
        Self::parse("fonts.toml", include_str!("../../../data/fonts.toml"))
    }

    /// Reads a font list.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, FaceError> {
        let parsed: SpecFile = toml::from_str(text).map_err(|error| FaceError::Syntax {
            file: file.into(),
            cause: error.to_string().trim().into(),
        })?;
        Ok(parsed.fonts)
    }
}

impl Fonts {
    /// Adds a role from the bytes of its font file.
    pub fn add(&mut self, spec: &FontSpec, bytes: Arc<[u8]>) -> Result<(), FaceError> {
        let digest = gm::sm3::sm3(&bytes);
        let glyphs = GlyphCache::new(FontFile::parse(bytes, &spec.face)?);
        self.roles.push(FontRole { role: spec.role.clone(), face: spec.face.clone(), digest, glyphs });
        Ok(())
    }

    /// Supplies vector glyphs for characters that the fonts lack (`glyphs.toml` of a province).
    ///
    /// # Errors
    /// A file that does not parse, an unknown role, a path that is none.
    pub fn supply(&self, file: &str, text: &str) -> Result<(), FaceError> {
        let parsed: GlyphFile = toml::from_str(text).map_err(|error| FaceError::Syntax {
            file: file.into(),
            cause: error.to_string().trim().into(),
        })?;
        for glyph in parsed.glyphs {
            let role = self.role(&glyph.role)?;
            role.glyphs.supply(glyph.char, Outline::from_svg_path(&glyph.path)?, glyph.advance)?;
        }
        Ok(())
    }

    /// The font of a role.
    pub fn role(&self, role: &str) -> Result<&FontRole, FaceError> {
        self.index(role).map(|index| &self.roles[index])
    }

    pub(crate) fn index(&self, role: &str) -> Result<usize, FaceError> {
        self.roles.iter().position(|one| one.role == role).ok_or_else(|| FaceError::NoFont(role.into()))
    }

    pub(crate) fn at(&self, index: usize) -> &FontRole {
        &self.roles[index]
    }

    /// One SM3 over the digests of all font files, in order: what the intent remembers.
    pub fn digest(&self) -> [u8; 32] {
        let all: Vec<u8> = self.roles.iter().flat_map(|role| role.digest).collect();
        gm::sm3::sm3(&all)
    }
}
