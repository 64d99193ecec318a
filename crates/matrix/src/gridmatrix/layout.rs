//! From codewords to modules: blocks, interleaving, the spiral of macromodules, frames and layer numbers.
//!
//! The block table of annex A needs no copy here: it follows from three rules that the tests check against an
//! independent encoder for every version and level.

use super::galois::ORDER;
use super::reed_solomon;
use crate::error::MatrixError;
use crate::symbol::Symbol;

/// Modules a side of a macromodule: a frame around four by four.
const MACRO: usize = 6;

/// Empty modules that must surround a symbol on each side.
const QUIET_ZONE: usize = 6;

/// A version, 1 to 13: `2 * version + 1` macromodules a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(u8);

impl Size {
    pub(super) fn new(version: u8) -> Option<Self> {
        (1..=13).contains(&version).then_some(Size(version))
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        (1..=13).map(Size)
    }

    /// The size whose symbol has `width` modules a side.
    pub(super) fn of_width(width: usize) -> Option<Self> {
        Size::all().find(|size| size.macros() * MACRO == width)
    }

    pub(super) fn version(self) -> u8 {
        self.0
    }

    /// Layers of macromodules around the centre.
    fn layers(self) -> usize {
        usize::from(self.0)
    }

    /// Macromodules a side.
    fn macros(self) -> usize {
        2 * self.layers() + 1
    }

    /// Codewords of the symbol: two in each macromodule.
    fn codewords(self) -> usize {
        2 * self.macros() * self.macros()
    }

    /// Blocks: as few as keep each within the 127 codewords of the field.
    fn blocks(self) -> usize {
        self.codewords().div_ceil(ORDER)
    }

    /// The smallest symbols must not go without real correction: greatest capacities of 11, 40 and 79 codewords.
    pub(super) fn least_level(self) -> u8 {
        match self.0 {
            1 => 4,
            2 | 3 => 2,
            _ => 1,
        }
    }
}

/// A size with an error-correction level, 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grade {
    size: Size,
    level: u8,
}

impl Grade {
    pub(super) fn new(size: Size, level: u8) -> Self {
        Grade { size, level }
    }

    /// The level that the standard recommends for a size.
    pub(super) fn recommended(size: Size) -> Self {
        let level = match size.0 {
            1 => 5,
            2 | 3 => 4,
            _ => 3,
        };
        Grade { size, level }
    }

    /// The permitted lower levels, the strongest first.
    pub(super) fn weaker(self) -> impl Iterator<Item = Self> {
        (self.size.least_level()..self.level).rev().map(move |level| Grade { level, ..self })
    }

    pub(super) fn level(self) -> u8 {
        self.level
    }

    /// Level n spends n tenths of the codewords, rounded down, on correction.
    fn check_codewords(self) -> usize {
        self.size.codewords() * usize::from(self.level) / 10
    }

    /// Codewords for data and padding.
    pub(super) fn data_codewords(self) -> usize {
        self.size.codewords() - self.check_codewords()
    }

    /// Blocks of the symbol.
    pub(super) fn blocks(self) -> usize {
        self.size.blocks()
    }

    /// Length and check codewords of block `index`, from 0: what does not divide evenly goes to the first blocks.
    pub(super) fn block(self, index: usize) -> (usize, usize) {
        let blocks = self.size.blocks();
        let share = |total: usize| total / blocks + usize::from(index < total % blocks);
        (share(self.size.codewords()), share(self.check_codewords()))
    }
}

/// Adds the check codewords to `data` and deals the blocks out in turn.
pub(super) fn interleave(grade: Grade, data: &[u8]) -> Vec<u8> {
    let blocks = grade.blocks();
    let mut words = vec![0; grade.size.codewords()];
    let mut rest = data;
    for index in 0..blocks {
        let (length, check) = grade.block(index);
        let (own, others) = rest.split_at(length - check);
        rest = others;
        let tail = reed_solomon::check_codewords(own, check);
        for (i, &word) in own.iter().chain(&tail).enumerate() {
            words[i * blocks + index] = word;
        }
    }
    words
}

/// The data codewords of `words` as placed in the symbol, and how many codewords were repaired.
pub(super) fn correct(grade: Grade, words: &[u8]) -> Result<(Vec<u8>, usize), MatrixError> {
    let blocks = grade.blocks();
    let mut data = Vec::with_capacity(grade.data_codewords());
    let mut corrected = 0;
    for index in 0..blocks {
        let (length, check) = grade.block(index);
        let mut block: Vec<u8> = words.iter().skip(index).step_by(blocks).copied().collect();
        corrected +=
            reed_solomon::correct(&mut block, check).ok_or(MatrixError::Damaged { block: index + 1 })?;
        data.extend_from_slice(&block[..length - check]);
    }
    Ok((data, corrected))
}

/// The finished symbol of interleaved codewords.
pub(super) fn draw(grade: Grade, words: &[u8]) -> Symbol {
    let size = grade.size;
    let mut symbol = Symbol::light(size.macros() * MACRO, QUIET_ZONE);
    for (x, y) in macromodules(size) {
        for (dx, dy) in frame() {
            symbol.set(x * MACRO + dx, y * MACRO + dy, (x + y) % 2 == 0);
        }
        let place = place(size, x, y);
        // Layer number first, then the later codeword, then the earlier one.
        let value = u16::from(layer_id(grade.level, place.layer)) << 14
            | u16::from(words[2 * place.number + 1]) << 7
            | u16::from(words[2 * place.number]);
        for (bit, (dx, dy)) in interior().enumerate() {
            symbol.set(x * MACRO + dx, y * MACRO + dy, value >> (15 - bit) & 1 == 1);
        }
    }
    symbol
}

/// The codewords as placed in the symbol.
pub(super) fn read_codewords(symbol: &Symbol, size: Size) -> Vec<u8> {
    let mut words = vec![0; size.codewords()];
    for (x, y) in macromodules(size) {
        let value = interior_value(symbol, x, y);
        let number = place(size, x, y).number;
        words[2 * number + 1] = (value >> 7 & 0x7f) as u8;
        words[2 * number] = (value & 0x7f) as u8;
    }
    words
}

/// Refuses a matrix whose macromodule frames are mostly not where they belong.
pub(super) fn check_frame(symbol: &Symbol, size: Size) -> Result<(), MatrixError> {
    let total = size.macros() * size.macros() * frame().count();
    let wrong_in = |(x, y): (usize, usize)| {
        frame().filter(|(dx, dy)| symbol.get(x * MACRO + dx, y * MACRO + dy) != ((x + y) % 2 == 0)).count()
    };
    let wrong = macromodules(size).map(wrong_in).sum::<usize>();
    // A random matrix has one half wrong; three eighths is as far from that as damage of 37 % is from none.
    if wrong * 8 > total * 3 { Err(MatrixError::Frame { wrong, total }) } else { Ok(()) }
}

/// The level that agrees with most of the layer numbers.
pub(super) fn read_level(symbol: &Symbol, size: Size) -> Result<Grade, MatrixError> {
    let disagreement = |level: u8| {
        let wrong_in = |(x, y)| {
            let found = (interior_value(symbol, x, y) >> 14) as u8;
            (found ^ layer_id(level, place(size, x, y).layer)).count_ones()
        };
        macromodules(size).map(wrong_in).sum::<u32>()
    };
    // Level 1 would leave one check codeword in version 1: such a symbol does not exist.
    let levels = if size.0 == 1 { 2..=5 } else { 1..=5 };
    let mut scores: Vec<(u32, u8)> = levels.map(|level| (disagreement(level), level)).collect();
    scores.sort_unstable();
    match scores[..] {
        [(first, level), (second, _), ..] if first < second => Ok(Grade { size, level }),
        _ => Err(MatrixError::LayerId),
    }
}

/// The two-bit number in the macromodules of a layer, counted from the centre.
fn layer_id(level: u8, layer: usize) -> u8 {
    let layer = (layer % 4) as u8;
    match level {
        1 => 3 - layer,
        _ => (layer + 5 - level) % 4,
    }
}

/// Where a macromodule stands in the symbol.
struct Place {
    /// Rings between it and the centre.
    layer: usize,
    /// Its turn in the spiral, from 0 at the centre.
    number: usize,
}

/// The spiral: each ring starts right of its upper left corner and runs clockwise to that corner.
fn place(size: Size, x: usize, y: usize) -> Place {
    let centre = size.layers();
    let layer = x.abs_diff(centre).max(y.abs_diff(centre));
    if layer == 0 {
        return Place { layer, number: 0 };
    }
    let first = (2 * layer - 1) * (2 * layer - 1);
    let side = 2 * layer;
    // Distances from the ring's upper left corner.
    let (right, down) = (x + layer - centre, y + layer - centre);
    let turn = if down == 0 && right > 0 {
        right - 1
    } else if right == side {
        side - 1 + down
    } else if down == side {
        3 * side - 1 - right
    } else {
        4 * side - 1 - down
    };
    Place { layer, number: first + turn }
}

/// All macromodules of a symbol as column and row.
fn macromodules(size: Size) -> impl Iterator<Item = (usize, usize)> {
    let side = size.macros();
    (0..side * side).map(move |n| (n % side, n / side))
}

/// The frame modules of a macromodule, as offsets.
fn frame() -> impl Iterator<Item = (usize, usize)> {
    let edge = |n| n == 0 || n == MACRO - 1;
    (0..MACRO * MACRO).map(|n| (n % MACRO, n / MACRO)).filter(move |&(x, y)| edge(x) || edge(y))
}

/// The sixteen inner modules of a macromodule, row by row, as offsets.
fn interior() -> impl Iterator<Item = (usize, usize)> {
    (0..16).map(|n| (1 + n % 4, 1 + n / 4))
}

/// The sixteen inner modules as a number, the first module highest.
fn interior_value(symbol: &Symbol, x: usize, y: usize) -> u16 {
    interior().fold(0, |value, (dx, dy)| value << 1 | u16::from(symbol.get(x * MACRO + dx, y * MACRO + dy)))
}
