//! Display list to PNG.

use std::collections::HashMap;

use tiny_skia::{
    FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, StrokeDash, Transform,
};

use super::picture::{PIXELS_MAX, decode, halved};
use super::{Cap, DisplayList, FillRule, Item, Join, Picture, Segment, Shape, Stroke};
use crate::OfdError;
use crate::geometry::Matrix;
use crate::notation::mm;
use crate::package::Color;

/// Pixels of one page: A4 at 300 dpi has 8.7 million.
const PAGE_PIXELS_MAX: u64 = 10_000_000;
/// Work of one page, in pixels touched plus outline steps times the rows they span.
const WORK_MAX: f64 = 6e8;
/// Dashes of one outline.
const DASHES_MAX: f32 = 20_000.0;

/// Paints the list on white at `dpi` dots an inch.
///
/// Fails when the picture would be too large, when a picture on the page cannot be decoded, or when the page
/// would take too much work.
pub fn to_png(list: &DisplayList, dpi: f32) -> Result<Vec<u8>, OfdError> {
    let scale = f64::from(dpi) / 25.4;
    let edge = |mm: f64| (mm * scale).round().clamp(0.0, f64::from(u32::MAX)) as u32;
    let (width, height) = (edge(list.width_mm), edge(list.height_mm));
    let limit = PAGE_PIXELS_MAX;
    // Asked before the pixels are allocated.
    let fits = u64::from(width) * u64::from(height) <= limit;
    let canvas = if fits { Pixmap::new(width, height) } else { None };
    let mut pixmap = canvas.ok_or_else(|| {
        let (width, height) = (mm(list.width_mm), mm(list.height_mm));
        OfdError::PageTooLarge { width, height, dpi: dpi as u32, limit }
    })?;
    pixmap.fill(tiny_skia::Color::WHITE);
    let mut painter =
        Painter { pixmap, scale: scale as f32, work: 0.0, pictures: HashMap::new(), decoded: 0 };
    for item in &list.items {
        match item {
            Item::Path(shape) => painter.shape(shape)?,
            Item::Glyphs(glyphs) => painter.shape(&glyphs.shape)?,
            Item::Image(picture) => painter.picture(picture)?,
        }
    }
    encode(painter.pixmap)
}

struct Painter {
    pixmap: Pixmap,
    scale: f32,
    work: f64,
    /// Decoded pictures by where their bytes lie, so that a picture shown often is decoded once.
    pictures: HashMap<*const u8, Pixmap>,
    decoded: u64,
}

impl Painter {
    /// Counts the work of `steps` outline steps within a box given in pixels.
    fn spend(
        &mut self,
        steps: usize,
        (left, top, right, bottom): (f32, f32, f32, f32),
    ) -> Result<(), OfdError> {
        let across = |a: f32, b: f32, most: u32| f64::from((b.min(most as f32) - a.max(0.0)).max(1.0));
        let rows = across(top, bottom, self.pixmap.height());
        self.work += 64.0 + rows * (steps as f64 + across(left, right, self.pixmap.width()));
        if self.work > WORK_MAX {
            return Err(OfdError::TooComplex { what: "绘制工作量" });
        }
        Ok(())
    }

    fn shape(&mut self, shape: &Shape) -> Result<(), OfdError> {
        // tiny-skia answers nothing for an outline without extent; there is nothing to paint then.
        let Some(path) = to_path(&shape.d) else { return Ok(()) };
        let bounds = path.bounds();
        let s = self.scale;
        let grown = |by: f32| {
            let (l, t) = ((bounds.left() - by) * s, (bounds.top() - by) * s);
            (l, t, (bounds.right() + by) * s, (bounds.bottom() + by) * s)
        };
        let transform = Transform::from_scale(self.scale, self.scale);
        if let Some(color) = shape.fill {
            self.spend(shape.d.len(), grown(0.0))?;
            let rule = match shape.rule {
                FillRule::NonZero => tiny_skia::FillRule::Winding,
                FillRule::EvenOdd => tiny_skia::FillRule::EvenOdd,
            };
            self.pixmap.fill_path(&path, &paint(color), rule, transform, None);
        }
        if let Some(stroke) = &shape.stroke {
            let (style, dashes) = to_stroke(stroke, &path);
            // A stroke has an outline of its own, several steps for each of the path.
            self.spend(8 * (shape.d.len() + dashes as usize), grown(stroke.width))?;
            self.pixmap.stroke_path(&path, &paint(stroke.color), &style, transform, None);
        }
        Ok(())
    }

    fn picture(&mut self, picture: &Picture) -> Result<(), OfdError> {
        let key = picture.bytes.as_ptr();
        if !self.pictures.contains_key(&key) {
            let decoded = decode(picture)?;
            self.decoded += u64::from(decoded.width()) * u64::from(decoded.height());
            if self.decoded > PIXELS_MAX {
                return Err(OfdError::TooComplex { what: "图片总像素" });
            }
            self.pictures.insert(key, decoded);
        }
        let (m, s) = (picture.ctm, f64::from(self.scale));
        let corners = [m.apply(0.0, 0.0), m.apply(1.0, 0.0), m.apply(0.0, 1.0), m.apply(1.0, 1.0)];
        let bound = |pick: fn(&(f64, f64)) -> f64, least: bool| {
            let values = corners.iter().map(pick);
            let edge = if least { values.fold(f64::MAX, f64::min) } else { values.fold(f64::MIN, f64::max) };
            (edge * s) as f32
        };
        self.spend(
            4,
            (bound(|c| c.0, true), bound(|c| c.1, true), bound(|c| c.0, false), bound(|c| c.1, false)),
        )?;
        let Some(full) = self.pictures.get(&key) else { return Ok(()) };
        let to_device = m.then(&Matrix::scale(s, s));
        let shown = (to_device.a.hypot(to_device.b), to_device.c.hypot(to_device.d));
        let mut small: Option<Pixmap> = None;
        loop {
            let now = small.as_ref().unwrap_or(full);
            let twice = |pixels: u32, shown: f64| pixels >= 2 && f64::from(pixels) >= 2.0 * shown;
            if !(twice(now.width(), shown.0) && twice(now.height(), shown.1)) {
                break;
            }
            match halved(now) {
                Some(half) => small = Some(half),
                None => break,
            }
        }
        let source = small.as_ref().unwrap_or(full);
        let pixel = Matrix::scale(1.0 / f64::from(source.width()), 1.0 / f64::from(source.height()));
        let paint = PixmapPaint {
            opacity: f32::from(picture.alpha) / 255.0,
            quality: FilterQuality::Bilinear,
            ..PixmapPaint::default()
        };
        self.pixmap.draw_pixmap(0, 0, source.as_ref(), &paint, transform(&pixel.then(&to_device)), None);
        Ok(())
    }
}

fn transform(m: &Matrix) -> Transform {
    Transform::from_row(m.a as f32, m.b as f32, m.c as f32, m.d as f32, m.e as f32, m.f as f32)
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(color.r, color.g, color.b, color.a);
    paint.anti_alias = true;
    paint
}

fn to_path(segments: &[Segment]) -> Option<Path> {
    let mut builder = PathBuilder::with_capacity(segments.len(), segments.len() * 2);
    for segment in segments {
        match *segment {
            Segment::Move([x, y]) => builder.move_to(x, y),
            Segment::Line([x, y]) => builder.line_to(x, y),
            Segment::Quad([x1, y1], [x, y]) => builder.quad_to(x1, y1, x, y),
            Segment::Cubic([x1, y1], [x2, y2], [x, y]) => builder.cubic_to(x1, y1, x2, y2, x, y),
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}

/// The stroke, and how many dashes it will make at most.
fn to_stroke(stroke: &Stroke, path: &Path) -> (tiny_skia::Stroke, f32) {
    // No outline is longer than its steps times the way around its box.
    let bounds = path.bounds();
    let length = (bounds.width() + bounds.height()) * 4.0 * path.len() as f32;
    let period: f32 = stroke.dash.iter().sum();
    let mut dashes = if period > 0.0 { length / period * stroke.dash.len() as f32 } else { 0.0 };
    let mut pattern = stroke.dash.clone();
    if pattern.len() % 2 == 1 {
        pattern.extend_from_within(..);
    }
    if !dashes.is_finite() || dashes > DASHES_MAX {
        // Dashes this fine look solid, and cost without bound.
        pattern.clear();
        dashes = 0.0;
    }
    let style = tiny_skia::Stroke {
        width: stroke.width,
        line_cap: match stroke.cap {
            Cap::Butt => LineCap::Butt,
            Cap::Round => LineCap::Round,
            Cap::Square => LineCap::Square,
        },
        line_join: match stroke.join {
            Join::Miter => LineJoin::Miter,
            Join::Round => LineJoin::Round,
            Join::Bevel => LineJoin::Bevel,
        },
        dash: StrokeDash::new(pattern, stroke.dash_offset),
        ..tiny_skia::Stroke::default()
    };
    (style, dashes)
}

fn encode(pixmap: Pixmap) -> Result<Vec<u8>, OfdError> {
    let (width, height) = (pixmap.width(), pixmap.height());
    // The page is opaque: its alpha channel would only make the file larger. It is dropped in place, for a
    // second copy of a large page would be the largest thing in memory.
    let mut rgb = pixmap.take();
    let pixels = rgb.len() / 4;
    (0..pixels).for_each(|i| rgb.copy_within(i * 4..i * 4 + 3, i * 3));
    rgb.truncate(pixels * 3);
    let mut out = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut out, width, height);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(|_| OfdError::Encode)?;
    writer.write_image_data(&rgb).map_err(|_| OfdError::Encode)?;
    writer.finish().map_err(|_| OfdError::Encode)?;
    Ok(out)
}
