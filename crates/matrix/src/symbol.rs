//! A square grid of dark and light modules.

use crate::error::MatrixError;
use crate::png;

/// A finished 2D code: a square of modules, `true` = dark, without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    width: usize,
    modules: Vec<bool>,
    quiet_zone: usize,
}

/// Neighbouring dark modules of one row: one rectangle of a vector drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// First dark module, from the left edge of the symbol (quiet zone not counted).
    pub x: usize,
    /// Row, from the top edge of the symbol (quiet zone not counted).
    pub y: usize,
    /// Number of dark modules, at least 1.
    pub len: usize,
}

impl Symbol {
    /// A symbol from sampled modules, row by row, `true` = dark.
    ///
    /// `quiet_zone` is the empty border in modules that the symbology asks for on each side.
    ///
    /// # Errors
    /// [`MatrixError::Shape`] if `modules` does not hold `width * width` entries, or none.
    pub fn new(width: usize, modules: Vec<bool>, quiet_zone: usize) -> Result<Self, MatrixError> {
        // A symbol of no modules would have no picture.
        let expected = width.saturating_mul(width).max(1);
        if modules.len() != expected {
            return Err(MatrixError::Shape { width, expected, found: modules.len() });
        }
        Ok(Symbol { width, modules, quiet_zone })
    }

    /// A symbol of light modules, to be drawn on by an encoder of this crate.
    pub(crate) fn light(width: usize, quiet_zone: usize) -> Self {
        Symbol { width, modules: vec![false; width * width], quiet_zone }
    }

    /// Modules a side, without the quiet zone.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Empty modules that must surround the symbol on each side.
    pub fn quiet_zone(&self) -> usize {
        self.quiet_zone
    }

    /// All modules row by row, `true` = dark.
    pub fn modules(&self) -> &[bool] {
        &self.modules
    }

    /// The module in column `x` and row `y`; everything outside of the symbol is light.
    pub fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.width && self.modules[y * self.width + x]
    }

    /// Sets one module; the caller keeps within the symbol.
    pub(crate) fn set(&mut self, x: usize, y: usize, dark: bool) {
        self.modules[y * self.width + x] = dark;
    }

    /// The dark modules as horizontal runs, from top to bottom and left to right.
    pub fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        (0..self.width).flat_map(move |y| {
            let row = &self.modules[y * self.width..][..self.width];
            let mut next = 0;
            std::iter::from_fn(move || {
                let x = next + row[next..].iter().position(|&dark| dark)?;
                let len = row[x..].iter().take_while(|&&dark| dark).count();
                next = x + len;
                Some(Run { x, y, len })
            })
        })
    }

    /// A 1-bit greyscale PNG with the quiet zone, `scale` pixels a module (0 counts as 1).
    ///
    /// The bytes depend on the modules and `scale` only.
    pub fn to_png_1bit(&self, scale: usize) -> Vec<u8> {
        png::encode(self, scale.max(1))
    }
}
