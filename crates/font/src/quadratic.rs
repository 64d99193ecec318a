//! Cubic curves as chains of quadratic ones, because TrueType `glyf` knows only the latter.

/// A point in 1/1000 em.
pub(crate) type Point = (f32, f32);

/// Largest distance between the cubic and its replacement, in 1/1000 em: below what rounding to whole
/// units costs anyway.
const TOLERANCE: f32 = 0.6;
/// A glyph's curve needs one to three pieces; a supplied loop across many ems may need more.
const MAX_PIECES: usize = 24;

/// The off-curve points that draw the cubic `p` as quadratics whose joints are the implied midpoints.
///
/// Midpoint joints cost no bytes in a `glyf` record, so a longer chain beats exact but explicit joints.
pub(crate) fn off_curve_points(p: [Point; 4]) -> Vec<Point> {
    for single in [tangent_crossing(p), Some(best_single(p))].into_iter().flatten() {
        if fits(p, &[single]) {
            return vec![single];
        }
    }
    let mut chain = Vec::new();
    for pieces in 2..=MAX_PIECES {
        chain = (0..pieces).map(|i| piece_control(p, i, pieces)).collect();
        if fits(p, &chain) {
            break;
        }
    }
    chain
}

/// Where the end tangents meet: the one control point that keeps both directions, so joints stay smooth.
fn tangent_crossing([p0, p1, p2, p3]: [Point; 4]) -> Option<Point> {
    let (ux, uy) = (p1.0 - p0.0, p1.1 - p0.1);
    let (vx, vy) = (p2.0 - p3.0, p2.1 - p3.1);
    let cross = ux * vy - uy * vx;
    if cross.abs() < 1e-3 {
        return None;
    }
    let k = ((p3.0 - p0.0) * vy - (p3.1 - p0.1) * vx) / cross;
    Some((p0.0 + k * ux, p0.1 + k * uy))
}

/// The control point whose quadratic passes the cubic's middle.
fn best_single([p0, p1, p2, p3]: [Point; 4]) -> Point {
    let mix = |a: f32, b: f32, c: f32, d: f32| (3.0 * (b + c) - a - d) / 4.0;
    (mix(p0.0, p1.0, p2.0, p3.0), mix(p0.1, p1.1, p2.1, p3.1))
}

/// Control point of piece `i`: between what its start tangent and its end tangent ask for, leaning to the
/// outer one at either end of the chain so that the cubic's own end directions survive.
fn piece_control(p: [Point; 4], i: usize, pieces: usize) -> Point {
    let step = 1.0 / pieces as f32;
    let (t0, t1) = (i as f32 * step, (i + 1) as f32 * step);
    let lean = i as f32 / (pieces - 1) as f32;
    let ((ax, ay), (adx, ady)) = (on_cubic(p, t0), slope(p, t0));
    let ((bx, by), (bdx, bdy)) = (on_cubic(p, t1), slope(p, t1));
    let start = (ax + 0.5 * step * adx, ay + 0.5 * step * ady);
    let end = (bx - 0.5 * step * bdx, by - 0.5 * step * bdy);
    lerp(start, end, lean)
}

/// Compares both curves at equal parameters, four samples a piece; this never under-reads the distance
/// by much, since the difference is itself a smooth cubic.
fn fits(p: [Point; 4], controls: &[Point]) -> bool {
    let last = controls.len() - 1;
    controls.iter().enumerate().all(|(i, &control)| {
        let from = if i == 0 { p[0] } else { lerp(controls[i - 1], control, 0.5) };
        let to = if i == last { p[3] } else { lerp(control, controls[i + 1], 0.5) };
        [0.25, 0.5, 0.75, 1.0].into_iter().all(|s| {
            let quad = lerp(lerp(from, control, s), lerp(control, to, s), s);
            let cubic = on_cubic(p, (i as f32 + s) / controls.len() as f32);
            (quad.0 - cubic.0).hypot(quad.1 - cubic.1) <= TOLERANCE
        })
    })
}

fn on_cubic([p0, p1, p2, p3]: [Point; 4], t: f32) -> Point {
    let (a, b, c) = (lerp(p0, p1, t), lerp(p1, p2, t), lerp(p2, p3, t));
    lerp(lerp(a, b, t), lerp(b, c, t), t)
}

fn slope([p0, p1, p2, p3]: [Point; 4], t: f32) -> Point {
    let between = |a: Point, b: Point| (3.0 * (b.0 - a.0), 3.0 * (b.1 - a.1));
    let (a, b, c) = (between(p0, p1), between(p1, p2), between(p2, p3));
    lerp(lerp(a, b, t), lerp(b, c, t), t)
}

fn lerp(a: Point, b: Point, t: f32) -> Point {
    (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
}
