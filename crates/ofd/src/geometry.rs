//! Boxes and matrices of GB/T 33190 in millimetres, origin at the top left, y downwards.

/// A box (`ST_Box`): left, top, width, height in mm.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// A box from left, top, width and height in mm.
    pub fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }
}

/// An affine map (`CTM`): `x' = a·x + c·y + e`, `y' = b·x + d·y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // the formula above names each field
pub struct Matrix {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
    pub e: f64,
    pub f: f64,
}

impl Matrix {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// Moves by `x`, `y`.
    pub fn translate(x: f64, y: f64) -> Self {
        Self { e: x, f: y, ..Self::IDENTITY }
    }

    /// Scales by `x`, `y`.
    pub fn scale(x: f64, y: f64) -> Self {
        Self { a: x, d: y, ..Self::IDENTITY }
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let (x, y) = (next, self);
        Self {
            a: x.a * y.a + x.c * y.b,
            b: x.b * y.a + x.d * y.b,
            c: x.a * y.c + x.c * y.d,
            d: x.b * y.c + x.d * y.d,
            e: x.a * y.e + x.c * y.f + x.e,
            f: x.b * y.e + x.d * y.f + x.f,
        }
    }

    /// Where the point `x`, `y` goes.
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)
    }

    /// How much a length grows, averaged over directions: the factor for line widths.
    pub fn mean_scale(&self) -> f64 {
        (self.a * self.d - self.b * self.c).abs().sqrt()
    }
}
