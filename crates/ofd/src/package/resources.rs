//! Resource lists (§7.9): fonts, media, drawing parameters.

use std::collections::BTreeMap;

use super::loader::{File, Loader, id, required};
use super::reach::Why;
use crate::notation::{parse_array, parse_number};
use crate::xml::Element;
use crate::{OfdError, path};

/// All resources of a document by identifier.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    /// Fonts.
    pub fonts: BTreeMap<u32, Font>,
    /// Images and other media.
    pub images: BTreeMap<u32, Image>,
    /// Drawing parameters.
    pub draw_params: BTreeMap<u32, DrawParam>,
}

/// A font.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Font {
    /// Identifier.
    pub id: u32,
    /// `FontName`.
    pub name: String,
    /// `FamilyName`; empty when not given.
    pub family: String,
    /// Path of the embedded font file, when there is one.
    pub path: Option<String>,
}

/// An image or another medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Identifier.
    pub id: u32,
    /// `Type`: `Image`, `Audio` or `Video`.
    pub kind: String,
    /// `Format` as written; empty when not given.
    pub format: String,
    /// Path of the file.
    pub path: String,
}

/// A set of drawing parameters that objects may refer to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DrawParam {
    /// Another set that this one builds on.
    pub relative: Option<u32>,
    /// Line width in mm.
    pub line_width: Option<f64>,
    /// Fill colour.
    pub fill: Option<Color>,
    /// Stroke colour.
    pub stroke: Option<Color>,
}

/// A colour with opacity, each part 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Color {
    pub r: u8,
    pub g: u8,
    pub b: u8,
    /// Opacity: 255 covers.
    pub a: u8,
}

impl Color {
    /// The colour of objects that name none.
    pub const BLACK: Self = Self { r: 0, g: 0, b: 0, a: 255 };
}

/// Reads a `FillColor` or `StrokeColor` element; `None` when it names no plain colour.
pub(crate) fn parse_color(element: &Element) -> Option<Color> {
    let value = element.attr("Value")?;
    let part = |v: f64| v.clamp(0.0, 255.0).round() as u8;
    let parts: Vec<f64> = match parse_array(value, 4) {
        Some(parts) => parts,
        // §8.3.2 also allows `#rr` for each part.
        None => value
            .split_ascii_whitespace()
            .take(4)
            .map(|w| w.strip_prefix('#').and_then(|h| u8::from_str_radix(h, 16).ok()).map(f64::from))
            .collect::<Option<_>>()?,
    };
    let alpha = element.attr("Alpha").and_then(parse_number).map_or(255, part);
    // The colour space of a list of one is grey and of four CMYK; three are RGB.
    let (r, g, b) = match parts[..] {
        [grey] => (grey, grey, grey),
        [r, g, b] => (r, g, b),
        [c, m, y, k] => {
            let mix = |ink: f64| (255.0 - ink.clamp(0.0, 255.0)) * (255.0 - k.clamp(0.0, 255.0)) / 255.0;
            (mix(c), mix(m), mix(y))
        }
        _ => return None,
    };
    Some(Color { r: part(r), g: part(g), b: part(b), a: alpha })
}

/// Adds the resources of one list.
pub(super) fn read(loader: &mut Loader<'_, '_>, list: &File, into: &mut Resources) -> Result<(), OfdError> {
    // Media and fonts lie in `BaseLoc`, itself counted from the list.
    let base = match list.root.attr("BaseLoc").map(str::trim) {
        Some("" | "." | "./") | None => list.path.clone(),
        // "/" is the package root, which `resolve` gives no name.
        Some(loc) if loc.bytes().all(|b| b == b'/') => String::new(),
        Some(loc) => path::resolve(&list.path, loc)? + "/",
    };
    for group in &list.root.children {
        match group.name.as_str() {
            "Fonts" => fonts(loader, list, &base, group, into)?,
            "MultiMedias" => media(loader, list, &base, group, into)?,
            "DrawParams" => draw_params(loader, list, group, into)?,
            "ColorSpaces" => {
                for space in group.children("ColorSpace") {
                    if let Some(profile) = space.attr("Profile") {
                        let path = path::resolve(&base, profile)?;
                        loader.need(&path, Why::ColorProfile);
                    }
                }
            }
            "CompositeGraphicUnits" => {
                if !group.children.is_empty() {
                    loader.note(&list.path, "CompositeGraphicUnits（复合对象）");
                }
            }
            other => loader.note(&list.path, other),
        }
    }
    Ok(())
}

fn fonts(
    loader: &mut Loader<'_, '_>,
    list: &File,
    base: &str,
    group: &Element,
    into: &mut Resources,
) -> Result<(), OfdError> {
    for element in group.children("Font") {
        let id = id(&list.path, element, "ID")?;
        let path = match element.child("FontFile") {
            Some(file) => Some(loader.reference(base, file, Why::Font)?),
            None => None,
        };
        let text = |name| element.attr(name).unwrap_or_default().to_owned();
        let font = Font { id, name: text("FontName"), family: text("FamilyName"), path };
        if into.fonts.insert(id, font).is_some() {
            return Err(OfdError::DuplicateId { file: list.path.clone(), id });
        }
        loader.check_count(&list.path, "Font", into.fonts.len())?;
    }
    Ok(())
}

fn media(
    loader: &mut Loader<'_, '_>,
    list: &File,
    base: &str,
    group: &Element,
    into: &mut Resources,
) -> Result<(), OfdError> {
    for element in group.children("MultiMedia") {
        let id = id(&list.path, element, "ID")?;
        let path = loader.reference(base, required(&list.path, element, "MediaFile")?, Why::Media)?;
        let text = |name| element.attr(name).unwrap_or_default().to_owned();
        let image = Image { id, kind: text("Type"), format: text("Format"), path };
        if image.kind != "Image" {
            loader.note(&list.path, &format!("MultiMedia Type={}", image.kind));
        }
        if into.images.insert(id, image).is_some() {
            return Err(OfdError::DuplicateId { file: list.path.clone(), id });
        }
        loader.check_count(&list.path, "MultiMedia", into.images.len())?;
    }
    Ok(())
}

fn draw_params(
    loader: &mut Loader<'_, '_>,
    list: &File,
    group: &Element,
    into: &mut Resources,
) -> Result<(), OfdError> {
    for element in group.children("DrawParam") {
        let id = id(&list.path, element, "ID")?;
        let param = DrawParam {
            relative: element.attr("Relative").and_then(|v| v.trim().parse().ok()),
            line_width: element.attr("LineWidth").and_then(parse_number),
            fill: element.child("FillColor").and_then(parse_color),
            stroke: element.child("StrokeColor").and_then(parse_color),
        };
        if into.draw_params.insert(id, param).is_some() {
            return Err(OfdError::DuplicateId { file: list.path.clone(), id });
        }
        loader.check_count(&list.path, "DrawParam", into.draw_params.len())?;
    }
    Ok(())
}
