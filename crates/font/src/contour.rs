//! An outline as TrueType sees it: closed contours of whole-unit points, outer ones clockwise.

use crate::outline::{Outline, Segment};
use crate::quadratic::{Point, off_curve_points};

/// Units per em of every subset.
const UNITS: f32 = 1000.0;

/// Beyond what a glyph may hold (the record refuses it), yet safe to calculate with.
const FAR: f32 = 100_000.0;

/// A point of a contour, in 1/1000 em.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Knot {
    pub(crate) x: i32,
    pub(crate) y: i32,
    /// False for the control point of a quadratic curve.
    pub(crate) on: bool,
}

/// Rounds, thins and orients an outline.
pub(crate) fn contours(outline: &Outline) -> Vec<Vec<Knot>> {
    let mut tracer = Tracer { done: Vec::new(), open: Vec::new(), here: (0.0, 0.0) };
    for segment in &outline.segments {
        tracer.take(*segment);
    }
    tracer.close();
    let mut contours = tracer.done;
    // Holes run against their outer contour and enclose less, so the sum's sign is the outer direction.
    // Turning every contour leaves the non-zero fill as it was.
    if contours.iter().map(|c| doubled_area(c)).sum::<f32>() > 0.0 {
        for contour in &mut contours {
            contour[1..].reverse();
        }
    }
    contours
}

struct Tracer {
    done: Vec<Vec<Knot>>,
    open: Vec<Knot>,
    here: Point,
}

impl Tracer {
    fn take(&mut self, segment: Segment) {
        let scale = |x: f32, y: f32| (x * UNITS, y * UNITS);
        match segment {
            Segment::Move(x, y) => {
                self.close();
                self.push(scale(x, y), true);
            }
            Segment::Line(x, y) => self.push(scale(x, y), true),
            Segment::Quad(cx, cy, x, y) => {
                self.push(scale(cx, cy), false);
                self.push(scale(x, y), true);
            }
            Segment::Cubic(ax, ay, bx, by, x, y) => {
                let end = scale(x, y);
                for control in off_curve_points([self.here, scale(ax, ay), scale(bx, by), end]) {
                    self.push(control, false);
                }
                self.push(end, true);
            }
            Segment::Close => self.close(),
        }
    }

    fn push(&mut self, at: Point, on: bool) {
        let whole = |v: f32| v.clamp(-FAR, FAR).round() as i32;
        self.open.push(Knot { x: whole(at.0), y: whole(at.1), on });
        if on {
            self.here = at;
        }
    }

    fn close(&mut self) {
        let thin = thinned(std::mem::take(&mut self.open));
        // Two points enclose nothing.
        if thin.len() > 2 {
            self.done.push(thin);
        }
    }
}

/// Drops the points that change no curve by more than rounding does. The first point always stays.
fn thinned(mut knots: Vec<Knot>) -> Vec<Knot> {
    knots.dedup_by(|next, kept| next == kept && next.on);
    if knots.len() > 1 && knots.first() == knots.last() {
        knots.pop();
    }
    let count = knots.len();
    let mut kept = Vec::with_capacity(count);
    for (i, &knot) in knots.iter().enumerate() {
        let (before, after) = (knots[(i + count - 1) % count], knots[(i + 1) % count]);
        if i == 0 || !(is_implied(before, knot, after) || is_straight(before, knot, after)) {
            kept.push(knot);
        }
    }
    kept
}

/// TrueType puts an on-curve point halfway between two controls by itself; half a unit beside is rounding.
fn is_implied(before: Knot, knot: Knot, after: Knot) -> bool {
    let near = |a: i32, b: i32, mid: i32| (a + b - 2 * mid).abs() <= 1;
    knot.on && !before.on && !after.on && near(before.x, after.x, knot.x) && near(before.y, after.y, knot.y)
}

/// A control point that lies on an end of its curve makes the curve a line.
fn is_straight(before: Knot, knot: Knot, after: Knot) -> bool {
    let same = |other: Knot| other.on && (other.x, other.y) == (knot.x, knot.y);
    !knot.on && before.on && after.on && (same(before) || same(after))
}

/// Twice the signed area, positive when counter-clockwise: chords between on-curve points (implied ones
/// too) plus, for each curve, two thirds of its control triangle.
fn doubled_area(contour: &[Knot]) -> f32 {
    let at = |i: usize| {
        let knot = contour[i % contour.len()];
        ((knot.x as f32, knot.y as f32), knot.on)
    };
    let cross = |a: Point, b: Point| a.0 * b.1 - a.1 * b.0;
    let mut from = at(0).0;
    let mut sum = 0.0;
    for i in 1..=contour.len() {
        let (here, on) = at(i);
        if on {
            // After a control point this chord has been counted already and is from a point to itself.
            sum += cross(from, here);
            from = here;
            continue;
        }
        let (next, next_on) = at(i + 1);
        let to = if next_on { next } else { ((here.0 + next.0) / 2.0, (here.1 + next.1) / 2.0) };
        let triangle = cross(from, here) + cross(here, to) + cross(to, from);
        sum += cross(from, to) + triangle * 2.0 / 3.0;
        from = to;
    }
    sum
}
