//! Glyph shapes as plain path segments, for subsets and for whoever draws glyphs as paths.

use crate::error::FontError;
use crate::svg_path;

/// One step of a path; coordinates in em, y up, origin on the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Starts a contour at (x, y).
    Move(f32, f32),
    /// Straight line to (x, y).
    Line(f32, f32),
    /// Quadratic curve: control point, end point.
    Quad(f32, f32, f32, f32),
    /// Cubic curve: two control points, end point.
    Cubic(f32, f32, f32, f32, f32, f32),
    /// Straight line back to the contour's start.
    Close,
}

/// A box around points, in em, y up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Left edge.
    pub x_min: f32,
    /// Lower edge.
    pub y_min: f32,
    /// Right edge.
    pub x_max: f32,
    /// Upper edge.
    pub y_max: f32,
}

/// The shape of one glyph, filled by the non-zero winding rule.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// The path, contour after contour; empty for a space.
    pub segments: Vec<Segment>,
}

impl Outline {
    /// Reads an SVG path (`M L H V Q C Z`, absolute or relative) drawn in a 1000 × 1000 em box, y down.
    ///
    /// The box is the ideographic em box of the CJK fonts in use: its top edge (y = 0) lies 880/1000 em
    /// above the baseline, its bottom edge (y = 1000) 120/1000 em below.
    ///
    /// # Errors
    /// [`FontError::SvgPath`] with the place and the reason.
    pub fn from_svg_path(path: &str) -> Result<Self, FontError> {
        svg_path::parse(path)
    }

    /// True when there is nothing to draw.
    pub fn is_blank(&self) -> bool {
        !self.segments.iter().any(|s| matches!(s, Segment::Line(..) | Segment::Quad(..) | Segment::Cubic(..)))
    }

    /// The box around all points, control points included; `None` when there are no points.
    pub fn control_bounds(&self) -> Option<Bounds> {
        let mut bounds: Option<Bounds> = None;
        let mut take = |x: f32, y: f32| {
            let b = bounds.get_or_insert(Bounds { x_min: x, y_min: y, x_max: x, y_max: y });
            b.x_min = b.x_min.min(x);
            b.y_min = b.y_min.min(y);
            b.x_max = b.x_max.max(x);
            b.y_max = b.y_max.max(y);
        };
        for segment in &self.segments {
            match *segment {
                Segment::Move(x, y) | Segment::Line(x, y) => take(x, y),
                Segment::Quad(cx, cy, x, y) => {
                    take(cx, cy);
                    take(x, y);
                }
                Segment::Cubic(ax, ay, bx, by, x, y) => {
                    take(ax, ay);
                    take(bx, by);
                    take(x, y);
                }
                Segment::Close => {}
            }
        }
        bounds
    }
}

/// Collects what `ttf-parser` draws, scaled from font units to em.
pub(crate) struct EmPen {
    outline: Outline,
    scale: f32,
}

impl EmPen {
    pub(crate) fn new(units_per_em: u16) -> Self {
        Self { outline: Outline::default(), scale: 1.0 / f32::from(units_per_em) }
    }

    pub(crate) fn finish(self) -> Outline {
        self.outline
    }
}

impl ttf_parser::OutlineBuilder for EmPen {
    fn move_to(&mut self, x: f32, y: f32) {
        let k = self.scale;
        self.outline.segments.push(Segment::Move(x * k, y * k));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let k = self.scale;
        self.outline.segments.push(Segment::Line(x * k, y * k));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let k = self.scale;
        self.outline.segments.push(Segment::Quad(cx * k, cy * k, x * k, y * k));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let k = self.scale;
        self.outline.segments.push(Segment::Cubic(ax * k, ay * k, bx * k, by * k, x * k, y * k));
    }

    fn close(&mut self) {
        self.outline.segments.push(Segment::Close);
    }
}
