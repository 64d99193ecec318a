//! `AbbreviatedData` (§9.1): the path language of OFD.

use super::{Point, Segment};
use crate::geometry::Matrix;
use crate::notation::parse_number;

/// Parses path data and maps it to the page; `None` when it does not follow the grammar.
pub(super) fn parse(data: &str, to_page: &Matrix) -> Option<Vec<Segment>> {
    let mut words = data.split_ascii_whitespace();
    let mut segments = Vec::new();
    let mut current = (0.0, 0.0);
    let mut start = current;
    let map = |(x, y): (f64, f64)| -> Point {
        let (x, y) = to_page.apply(x, y);
        [x as f32, y as f32]
    };
    while let Some(word) = words.next() {
        let mut point = || Some((parse_number(words.next()?)?, parse_number(words.next()?)?));
        match word {
            "S" | "M" => {
                current = point()?;
                start = current;
                segments.push(Segment::Move(map(current)));
                continue;
            }
            "C" => {
                segments.push(Segment::Close);
                current = start;
                continue;
            }
            _ => {}
        }
        if segments.is_empty() {
            return None;
        }
        match word {
            "L" => {
                current = point()?;
                segments.push(Segment::Line(map(current)));
            }
            "Q" => {
                let control = point()?;
                current = point()?;
                segments.push(Segment::Quad(map(control), map(current)));
            }
            "B" => {
                let (first, second) = (point()?, point()?);
                current = point()?;
                segments.push(Segment::Cubic(map(first), map(second), map(current)));
            }
            "A" => {
                let radii = point()?;
                let angle = parse_number(words.next()?)?;
                let (large, sweep) = (words.next()? == "1", words.next()? == "1");
                let end = (parse_number(words.next()?)?, parse_number(words.next()?)?);
                let arc = Arc { from: current, to: end, radii, angle: angle.to_radians(), large, sweep };
                arc.push(&map, &mut segments);
                current = end;
            }
            _ => return None,
        }
    }
    Some(segments)
}

/// An elliptical arc by its end points.
struct Arc {
    from: (f64, f64),
    to: (f64, f64),
    radii: (f64, f64),
    angle: f64,
    large: bool,
    sweep: bool,
}

impl Arc {
    /// Appends the arc as cubic curves of at most a quarter turn each.
    ///
    /// From end points to centre as in the SVG 1.1 specification, F.6.5, which OFD's `A` follows.
    fn push(&self, map: &impl Fn((f64, f64)) -> Point, segments: &mut Vec<Segment>) {
        let (mut rx, mut ry) = (self.radii.0.abs(), self.radii.1.abs());
        if rx < 1e-9 || ry < 1e-9 || self.from == self.to {
            segments.push(Segment::Line(map(self.to)));
            return;
        }
        let (sin, cos) = self.angle.sin_cos();
        let half = ((self.from.0 - self.to.0) / 2.0, (self.from.1 - self.to.1) / 2.0);
        let (x, y) = (cos * half.0 + sin * half.1, cos * half.1 - sin * half.0);
        // Radii too small to reach are enlarged to the least that do.
        let reach = (x / rx).powi(2) + (y / ry).powi(2);
        if reach > 1.0 {
            rx *= reach.sqrt();
            ry *= reach.sqrt();
        }
        let down = (rx * y).powi(2) + (ry * x).powi(2);
        let up = ((rx * ry).powi(2) - down).max(0.0);
        let side = if self.large == self.sweep { -1.0 } else { 1.0 };
        let factor = side * (up / down).sqrt();
        let (cx, cy) = (factor * rx * y / ry, -factor * ry * x / rx);
        let begin = ((y - cy) / ry).atan2((x - cx) / rx);
        let end = ((-y - cy) / ry).atan2((-x - cx) / rx);
        let turn = std::f64::consts::TAU;
        let mut span = (end - begin).rem_euclid(turn);
        if !self.sweep && span > 0.0 {
            span -= turn;
        }
        let mid = ((self.from.0 + self.to.0) / 2.0, (self.from.1 + self.to.1) / 2.0);
        let ellipse = Matrix {
            a: rx * cos,
            b: rx * sin,
            c: -ry * sin,
            d: ry * cos,
            e: cos * cx - sin * cy + mid.0,
            f: sin * cx + cos * cy + mid.1,
        };
        let pieces = (span.abs() / std::f64::consts::FRAC_PI_2).ceil().clamp(1.0, 4.0);
        let step = span / pieces;
        // Length of the tangents that makes a cubic follow a circular arc.
        let k = 4.0 / 3.0 * (step / 4.0).tan();
        for i in 0..pieces as usize {
            let (s0, c0) = (begin + step * i as f64).sin_cos();
            let (s1, c1) = (begin + step * (i + 1) as f64).sin_cos();
            let at = |x: f64, y: f64| map(ellipse.apply(x, y));
            segments.push(Segment::Cubic(
                at(c0 - k * s0, s0 + k * c0),
                at(c1 + k * s1, s1 - k * c1),
                at(c1, s1),
            ));
        }
    }
}
