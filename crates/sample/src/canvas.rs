//! Flat drawing and JPEG: what the two kinds of pictures share.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use tiny_skia::{
    Color, FillRule, LineCap, Paint, Path, PathBuilder, Pixmap, Rect, Shader, Stroke, Transform,
};

use crate::random::Random;

/// Red, green, blue.
#[derive(Clone, Copy)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Rgb {
    /// Lighter (over 1) or darker (under 1).
    pub(crate) fn times(self, factor: f32) -> Self {
        let scale = |value: u8| (f32::from(value) * factor).clamp(0.0, 255.0) as u8;
        Self(scale(self.0), scale(self.1), scale(self.2))
    }

    /// A little lighter or darker and barely of another hue, so that no two pictures have quite the same colours.
    pub(crate) fn near(self, random: &mut Random) -> Self {
        let all = random.between(0, 18) as i32 - 9;
        let mut part =
            |value: u8| (i32::from(value) + all + random.between(0, 6) as i32 - 3).clamp(0, 255) as u8;
        Self(part(self.0), part(self.1), part(self.2))
    }

    fn color(self) -> Color {
        Color::from_rgba8(self.0, self.1, self.2, 255)
    }
}

pub(crate) struct Canvas(Option<Pixmap>);

impl Canvas {
    /// A picture that fades from one colour at the top to another at the bottom.
    pub(crate) fn new(width: u32, height: u32, top: Rgb, bottom: Rgb) -> Self {
        let mut pixmap = Pixmap::new(width, height);
        if let Some(pixmap) = &mut pixmap {
            let rows = pixmap.data_mut().chunks_exact_mut(4 * width as usize);
            for (row, pixels) in rows.enumerate() {
                let down = row as f32 / height as f32;
                let fade = |from: u8, to: u8| (f32::from(from) * (1.0 - down) + f32::from(to) * down) as u8;
                let colour = [fade(top.0, bottom.0), fade(top.1, bottom.1), fade(top.2, bottom.2), 255];
                pixels.as_chunks_mut().0.fill(colour);
            }
        }
        Self(pixmap)
    }

    fn fill_path(&mut self, path: Option<Path>, colour: Rgb) {
        let paint = Paint { shader: Shader::SolidColor(colour.color()), ..Paint::default() };
        // An empty path draws nothing, and so does a picture without pixels.
        if let (Some(pixmap), Some(path)) = (&mut self.0, path) {
            pixmap.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
        }
    }

    /// A closed outline made of what `draw` adds.
    pub(crate) fn shape(&mut self, colour: Rgb, draw: impl FnOnce(&mut PathBuilder)) {
        let mut builder = PathBuilder::new();
        draw(&mut builder);
        builder.close();
        self.fill_path(builder.finish(), colour);
    }

    /// A polygon.
    pub(crate) fn polygon(&mut self, colour: Rgb, points: &[(f32, f32)]) {
        self.shape(colour, |path| {
            for (index, (x, y)) in points.iter().enumerate() {
                if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
        });
    }

    /// An ellipse by centre and radii.
    pub(crate) fn oval(&mut self, colour: Rgb, x: f32, y: f32, across: f32, down: f32) {
        let rect = Rect::from_xywh(x - across, y - down, 2.0 * across, 2.0 * down);
        self.fill_path(rect.and_then(PathBuilder::from_oval), colour);
    }

    /// A rectangle by corner and size.
    pub(crate) fn rect(&mut self, colour: Rgb, x: f32, y: f32, width: f32, height: f32) {
        self.fill_path(Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect), colour);
    }

    /// An open line with round ends made of what `draw` adds.
    pub(crate) fn line(&mut self, colour: Rgb, width: f32, draw: impl FnOnce(&mut PathBuilder)) {
        let mut builder = PathBuilder::new();
        draw(&mut builder);
        let paint = Paint { shader: Shader::SolidColor(colour.color()), ..Paint::default() };
        let stroke = Stroke { width, line_cap: LineCap::Round, ..Stroke::default() };
        if let (Some(pixmap), Some(path)) = (&mut self.0, builder.finish()) {
            pixmap.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    }

    /// Grain as of a camera, then JPEG. Grain makes each file its own and gives it the size of a real photo.
    pub(crate) fn jpeg(mut self, random: &mut Random, grain: i16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let Some(pixmap) = &mut self.0 else { return bytes };
        let (width, height) = (pixmap.width() as u16, pixmap.height() as u16);
        let data = pixmap.data_mut();
        let steps: [i16; 256] = std::array::from_fn(|byte| byte as i16 % (2 * grain + 1) - grain);
        // Eight pixels from one draw; the same step on the three parts changes the brightness only.
        for group in data.chunks_mut(4 * 8) {
            let mut bits = random.next();
            for pixel in group.chunks_exact_mut(4) {
                let step = steps[(bits & 0xFF) as usize];
                bits >>= 8;
                for part in &mut pixel[..3] {
                    *part = (i16::from(*part) + step).clamp(0, 255) as u8;
                }
            }
        }
        let mut encoder = Encoder::new(&mut bytes, 82);
        encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
        // Writing to a Vec cannot fail and both sides are above 0.
        let _ = encoder.encode(data, width, height, ColorType::Rgba);
        bytes
    }
}
