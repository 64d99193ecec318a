//! Grid Matrix (GB/T 27766-2011, AIMD014): encoder and decoder.
//!
//! Text in GB 2312 is written as the standard's default character set. If any character lies outside of it, the
//! symbol opens with ECI 32 (GB 18030) and that character goes as GB 18030 bytes, so the rest keeps its 13 bits.

mod bits;
mod charset;
mod galois;
mod layout;
mod mode;
mod plan;
mod read;
mod reed_solomon;
mod write;

#[cfg(test)]
mod tests;

use crate::error::MatrixError;
use crate::symbol::Symbol;
use layout::{Grade, Size};

/// Which symbol to make; the default leaves both to the standard's recommendation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GmOptions {
    /// 1 (18 modules a side) to 13 (162 modules); `None`: the smallest that fits.
    pub version: Option<u8>,
    /// 1 (10 % of the codewords correct errors) to 5 (50 %). With a free version it is a minimum, because version 1
    /// starts at level 4, and versions 2 and 3 at level 2. `None`: level 5 for version 1, 4 for versions 2 and 3, else 3, and less only
    /// where the text would not fit otherwise.
    pub level: Option<u8>,
}

/// What a symbol says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text; `None` if the bytes are not valid in their character set or this crate does not know the set.
    pub text: Option<String>,
    /// The bytes as carried: GB 2312 unless the symbol announces another set.
    pub bytes: Vec<u8>,
    /// Number of the first announced character set (AIM ECI), if any.
    pub eci: Option<u32>,
    /// 1 to 13.
    pub version: u8,
    /// 1 to 5.
    pub level: u8,
    /// Codewords that were repaired.
    pub corrected: usize,
}

/// Makes the symbol of `text`.
///
/// # Errors
/// [`MatrixError::Empty`], [`MatrixError::Version`], [`MatrixError::Level`] and [`MatrixError::LevelTooLow`] for bad
/// input, [`MatrixError::TooLong`] if no permitted symbol is large enough, [`MatrixError::Character`] for a
/// private-use character that GB 18030 does not give back.
pub fn encode(text: &str, options: GmOptions) -> Result<Symbol, MatrixError> {
    let candidates = candidates(options)?;
    let most = candidates.iter().map(|grade| grade.data_codewords() * 7).max().unwrap_or(0);
    let input = charset::units(text)?;
    // Nothing is denser than three digits in ten bits: planning a longer text would be wasted work.
    let least = input.units.len() * 10 / 3;
    if least > most {
        return Err(MatrixError::TooLong { needed: least, capacity: most });
    }
    let plan = plan::plan(&input.units);
    let needed = plan.bits + if input.extended { write::ECI_BITS } else { 0 };
    let Some(&grade) = candidates.iter().find(|grade| grade.data_codewords() * 7 >= needed) else {
        return Err(MatrixError::TooLong { needed, capacity: most });
    };
    let mut data = write::codewords(&input, &plan.steps);
    write::pad(&mut data, grade.data_codewords());
    Ok(layout::draw(grade, &layout::interleave(grade, &data)))
}

/// Reads an upright symbol, repairing damaged codewords.
///
/// # Errors
/// [`MatrixError::Size`] and [`MatrixError::Frame`] if this is no Grid Matrix symbol, [`MatrixError::LayerId`] and
/// [`MatrixError::Damaged`] if too much of it is lost, [`MatrixError::Stream`] if its content breaks the standard.
pub fn decode(symbol: &Symbol) -> Result<Decoded, MatrixError> {
    let size = Size::of_width(symbol.width()).ok_or(MatrixError::Size { width: symbol.width() })?;
    layout::check_frame(symbol, size)?;
    let grade = layout::read_level(symbol, size)?;
    let (data, corrected) = layout::correct(grade, &layout::read_codewords(symbol, size))?;
    let content = read::content(&data)?;
    Ok(Decoded {
        text: content.text(),
        eci: content.first_eci(),
        bytes: content.into_bytes(),
        version: size.version(),
        level: grade.level(),
        corrected,
    })
}

/// The symbols that `options` permit, in the order of preference.
fn candidates(options: GmOptions) -> Result<Vec<Grade>, MatrixError> {
    let sizes = match options.version {
        Some(version) => vec![Size::new(version).ok_or(MatrixError::Version(version))?],
        None => Size::all().collect(),
    };
    let Some(level) = options.level else {
        let recommended = sizes.iter().map(|&size| Grade::recommended(size));
        // Only the last size (the one asked for, or the largest) gives up correction for room.
        let last = recommended.clone().next_back();
        let weaker = last.into_iter().flat_map(Grade::weaker);
        return Ok(recommended.chain(weaker).collect());
    };
    if !(1..=5).contains(&level) {
        return Err(MatrixError::Level(level));
    }
    if let (Some(version), Some(size)) = (options.version, sizes.first()) {
        let least = size.least_level();
        if level < least {
            return Err(MatrixError::LevelTooLow { version, level, least });
        }
    }
    Ok(sizes.into_iter().map(|size| Grade::new(size, level.max(size.least_level()))).collect())
}
