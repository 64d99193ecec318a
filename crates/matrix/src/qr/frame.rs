//! What all symbols of one version and level share, drawn once: fixed patterns, the eight masks, the way of the data.
//!
//! A mask inverts modules, so a masked symbol is the masked *empty* symbol with the data bits exclusive-or'ed in.

use std::sync::OnceLock;

use qrcode::canvas::{Canvas, MaskPattern, Module};
use qrcode::types::{Color, EcLevel, Version};

use super::line::Line;

/// ISO/IEC 18004 7.8.2, in the order of the mask numbers.
const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Versions 1 to 40.
const VERSIONS: usize = 40;
/// The vertical timing pattern takes a whole column (ISO/IEC 18004 6.3.5).
const TIMING_COLUMN: usize = 6;

static FRAMES: [[OnceLock<Frame>; 4]; VERSIONS] = [const { [const { OnceLock::new() }; 4] }; VERSIONS];

/// A grid of modules, once by rows and once by columns.
#[derive(Clone)]
pub(super) struct Grid {
    pub rows: Vec<Line>,
    pub columns: Vec<Line>,
}

impl Grid {
    fn light(width: usize) -> Self {
        Self { rows: vec![Line::default(); width], columns: vec![Line::default(); width] }
    }

    /// The grid of modules row by row.
    #[cfg(test)]
    pub fn of(width: usize, modules: impl Iterator<Item = bool>) -> Self {
        let mut grid = Self::light(width);
        modules.enumerate().for_each(|(i, dark)| grid.set(i % width, i / width, dark));
        grid
    }

    /// The modules that are dark in one of the two.
    pub fn with(&self, other: &Self) -> Self {
        let both = |a: &[Line], b: &[Line]| a.iter().zip(b).map(|(a, b)| a.differs(*b)).collect();
        Self { rows: both(&self.rows, &other.rows), columns: both(&self.columns, &other.columns) }
    }

    fn set(&mut self, x: usize, y: usize, dark: bool) {
        self.rows[y].set(x, dark);
        self.columns[x].set(y, dark);
    }
}

/// The empty symbols of one version and level.
pub(super) struct Frame {
    pub width: usize,
    /// Fixed patterns, format information and the mask over an area without data, by mask number.
    pub masked: Vec<Grid>,
    /// Column and row of each data module in the order of the bits (ISO/IEC 18004 7.7.3).
    order: Vec<(u8, u8)>,
}

impl Frame {
    /// The frame of a version and level, made at its first use; `None` for a micro symbol, which is never made here.
    pub fn of(version: Version, level: EcLevel) -> Option<&'static Self> {
        let Version::Normal(number) = version else { return None };
        let of_version = FRAMES.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        Some(of_version[level as usize].get_or_init(|| Self::draw(version, level)))
    }

    fn draw(version: Version, level: EcLevel) -> Self {
        // A width is positive and at most 177, so it and all coordinates fit.
        let width = usize::from(version.width().unsigned_abs());
        let mut canvas = Canvas::new(version, level);
        canvas.draw_all_functional_patterns();
        let at = |canvas: &Canvas, x: usize, y: usize| canvas.get(x as i16, y as i16);
        let order = zigzag(width)
            .filter(|&(x, y)| at(&canvas, x, y) == Module::Empty)
            .map(|(x, y)| (x as u8, y as u8))
            .collect();
        let masked = MASKS.map(|mask| {
            let mut canvas = canvas.clone();
            canvas.apply_mask(mask);
            let mut grid = Grid::light(width);
            for (x, y) in (0..width).flat_map(|y| (0..width).map(move |x| (x, y))) {
                grid.set(x, y, Color::from(at(&canvas, x, y)) == Color::Dark);
            }
            grid
        });
        Self { width, masked: masked.into(), order }
    }

    /// The unmasked data modules of these codewords; what is no data is light, and so are bits that remain.
    pub fn place(&self, codewords: impl Iterator<Item = u8>) -> Grid {
        let mut grid = Grid::light(self.width);
        let bits = codewords.flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        for (&(x, y), dark) in self.order.iter().zip(bits) {
            grid.set(x.into(), y.into(), dark);
        }
        grid
    }
}

/// Two columns at a time from the right, upwards first, without the timing column.
fn zigzag(width: usize) -> impl Iterator<Item = (usize, usize)> {
    let right = (0..width).rev().filter(|&x| x != TIMING_COLUMN).step_by(2);
    right.enumerate().flat_map(move |(pair, right)| {
        (0..width).flat_map(move |step| {
            let y = if pair % 2 == 0 { width - 1 - step } else { step };
            [(right, y), (right - 1, y)]
        })
    })
}

#[cfg(test)]
mod tests {
    use qrcode::bits::encode_auto;
    use qrcode::ec::construct_codewords;

    use super::*;

    /// The encoder's own drawing, module by module, is what ours must equal in every version and mask.
    #[test]
    fn every_version_is_placed_and_masked_as_the_encoder_does() {
        for number in 1..=40 {
            let (version, level) = (Version::Normal(number), [EcLevel::L, EcLevel::Q][number as usize % 2]);
            let text = "7".repeat(usize::from(number.unsigned_abs()) * 9);
            let mut bits = qrcode::bits::Bits::new(version);
            bits.push_optimal_data(text.as_bytes()).and_then(|()| bits.push_terminator(level)).expect("fits");
            let (data, check) = construct_codewords(&bits.into_bytes(), version, level).expect("codewords");
            let frame = Frame::of(version, level).expect("a frame");
            let placed = frame.place(data.iter().chain(&check).copied());
            for (mask, masked) in MASKS.into_iter().zip(&frame.masked) {
                let mut canvas = Canvas::new(version, level);
                canvas.draw_all_functional_patterns();
                canvas.draw_data(&data, &check);
                canvas.apply_mask(mask);
                let theirs = canvas.into_colors().into_iter().map(|color| color == Color::Dark);
                let ours = masked.with(&placed);
                let width = frame.width;
                let by_row = (0..width * width).map(|i| ours.rows[i / width].get(i % width));
                assert!(by_row.eq(theirs), "version {number}, {mask:?}, rows");
                let same =
                    |i: usize| ours.rows[i / width].get(i % width) == ours.columns[i % width].get(i / width);
                assert!((0..width * width).all(same), "version {number}, {mask:?}, columns");
            }
        }
    }

    #[test]
    fn a_micro_symbol_has_no_frame() {
        assert!(Frame::of(Version::Micro(1), EcLevel::L).is_none());
        assert!(encode_auto(b"7", EcLevel::L).is_ok_and(|bits| matches!(bits.version(), Version::Normal(1))));
    }
}
