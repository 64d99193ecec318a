//! The round red seal as a picture: ring, star, the authority's name on the arc, the seal's name below the star.

use font::{GlyphCache, Segment};
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use crate::{FaceError, Fonts};

/// Diameter of the seal in mm.
pub const STAMP_MM: u64 = 40;
/// Pixels across: 10 a millimetre, sharp in print, small in the file (it is stored twice in each certificate).
const PIXELS: u32 = 400;
/// Steps of transparency; sixteen make a four-bit picture.
const LEVELS: u8 = 15;
/// Widest arc of letters, in radians.
const WIDEST: f32 = 4.1;
const RED: [u8; 3] = [0xD8, 0x1E, 0x1E];

/// The words of a seal.
pub struct StampText<'a> {
    /// On the arc.
    pub authority: &'a str,
    /// Below the star.
    pub name: &'a str,
    /// At the foot, for seals that are not real; empty for none.
    pub mark: &'a str,
}

/// Draws a seal as a four-bit PNG with transparent ground.
///
/// # Errors
/// A missing glyph.
pub fn round_stamp(text: &StampText<'_>, fonts: &Fonts) -> Result<Vec<u8>, FaceError> {
    let glyphs = &fonts.role("songb")?.glyphs;
    let size = PIXELS as f32;
    let centre = size / 2.0;
    // A pixmap of a fixed, non-zero size can always be made.
    let mut map = Pixmap::new(PIXELS, PIXELS).ok_or_else(|| FaceError::Entry("印章图片".into()))?;
    map.fill(Color::TRANSPARENT);
    let paint = paint();
    let ring = PathBuilder::from_circle(centre, centre, size * 0.475);
    if let Some(ring) = ring {
        let stroke = Stroke { width: size * 0.028, ..Stroke::default() };
        map.stroke_path(&ring, &paint, &stroke, Transform::identity(), None);
    }
    if let Some(star) = star(centre, size * 0.47, size * 0.125) {
        map.fill_path(&star, &paint, FillRule::Winding, Transform::identity(), None);
    }
    let count = text.authority.chars().count().max(1) as f32;
    // Long names get smaller letters; the arc never reaches below the words at the foot.
    let em = (size * 0.124).min(size * 0.37 * WIDEST / count * 0.92);
    arc(&mut map, glyphs, text.authority, size * 0.372, em, &paint)?;
    line(&mut map, glyphs, text.name, size * 0.735, size * 0.078, size * 0.66, &paint)?;
    if !text.mark.is_empty() {
        line(&mut map, glyphs, text.mark, size * 0.845, size * 0.07, size * 0.3, &paint)?;
    }
    encode(&map)
}

fn paint() -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(RED[0], RED[1], RED[2], 255);
    paint.anti_alias = true;
    paint
}

fn star(x: f32, y: f32, radius: f32) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for index in 0..10 {
        let angle = std::f32::consts::PI * (index as f32 / 5.0 - 0.5);
        let reach = if index % 2 == 0 { radius } else { radius * 0.382 };
        let (px, py) = (x + reach * angle.cos(), y + reach * angle.sin());
        if index == 0 { builder.move_to(px, py) } else { builder.line_to(px, py) }
    }
    builder.close();
    builder.finish()
}

/// Letters upright on a circle around the centre, feet towards it.
fn arc(
    map: &mut Pixmap,
    glyphs: &GlyphCache,
    text: &str,
    radius: f32,
    em: f32,
    paint: &Paint<'_>,
) -> Result<(), FaceError> {
    let centre = PIXELS as f32 / 2.0;
    let count = text.chars().count();
    let step = (em * 1.3 / radius).min(WIDEST / count.max(1) as f32);
    for (index, ch) in text.chars().enumerate() {
        let angle = (index as f32 - (count as f32 - 1.0) / 2.0) * step;
        let Some(path) = glyph(glyphs, ch)? else { continue };
        // The middle of the em box goes to the circle: 0.5 em across, 0.38 em above the base line.
        let place = Transform::from_scale(em * 0.9, -em)
            .post_translate(-em * 0.45, em * 0.38 - radius)
            .post_rotate(angle.to_degrees())
            .post_translate(centre, centre);
        map.fill_path(&path, paint, FillRule::Winding, place, None);
    }
    Ok(())
}

/// A centred line of letters, narrowed when it would be wider than `widest`.
fn line(
    map: &mut Pixmap,
    glyphs: &GlyphCache,
    text: &str,
    baseline: f32,
    em: f32,
    widest: f32,
    paint: &Paint<'_>,
) -> Result<(), FaceError> {
    let count = text.chars().count() as f32;
    let narrow = (widest / (count * em)).min(1.0);
    let mut x = PIXELS as f32 / 2.0 - count * em * narrow / 2.0;
    for ch in text.chars() {
        if let Some(path) = glyph(glyphs, ch)? {
            let place = Transform::from_scale(em * narrow, -em).post_translate(x, baseline);
            map.fill_path(&path, paint, FillRule::Winding, place, None);
        }
        x += em * narrow;
    }
    Ok(())
}

fn glyph(glyphs: &GlyphCache, ch: char) -> Result<Option<Path>, FaceError> {
    let Some(outline) = glyphs.outline(ch)? else { return Ok(None) };
    let mut builder = PathBuilder::new();
    for segment in &outline.segments {
        match *segment {
            Segment::Move(x, y) => builder.move_to(x, y),
            Segment::Line(x, y) => builder.line_to(x, y),
            Segment::Quad(a, b, x, y) => builder.quad_to(a, b, x, y),
            Segment::Cubic(a, b, c, d, x, y) => builder.cubic_to(a, b, c, d, x, y),
            Segment::Close => builder.close(),
        }
    }
    Ok(builder.finish())
}

fn encode(map: &Pixmap) -> Result<Vec<u8>, FaceError> {
    let failed = |_| FaceError::Entry("印章图片".into());
    let level = |alpha: u8| (u16::from(alpha) * u16::from(LEVELS) + 127) / 255;
    let packed: Vec<u8> = map
        .pixels()
        .chunks(2)
        .map(|pair| (level(pair[0].alpha()) << 4 | pair.get(1).map_or(0, |pixel| level(pixel.alpha()))) as u8)
        .collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, PIXELS, PIXELS);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(RED.repeat(usize::from(LEVELS) + 1));
    encoder.set_trns((0..=LEVELS).map(|step| step * 17).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&packed).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}
