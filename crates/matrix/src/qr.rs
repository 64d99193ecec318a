//! QR codes (GB/T 18284, ISO/IEC 18004).
//!
//! The crate `qrcode` makes the codewords and draws the empty symbols; data are placed, masked and compared here on
//! whole rows of bits, because its own way takes nine tenths of a millisecond for a certificate's code.

mod frame;
mod line;
mod penalty;

use qrcode::bits::{Bits, encode_auto};
use qrcode::ec::construct_codewords;
use qrcode::types::{EcLevel, QrError, Version};

use crate::error::MatrixError;
use crate::symbol::Symbol;
use frame::{Frame, Grid};

/// ISO/IEC 18004 9.1: four empty modules on each side.
const QUIET_ZONE: usize = 4;

/// How much damage a QR code survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrLevel {
    /// About 7 % of the codewords.
    L,
    /// About 15 % of the codewords.
    M,
    /// About 25 % of the codewords.
    Q,
    /// About 30 % of the codewords.
    H,
}

impl From<QrLevel> for EcLevel {
    fn from(level: QrLevel) -> Self {
        match level {
            QrLevel::L => EcLevel::L,
            QrLevel::M => EcLevel::M,
            QrLevel::Q => EcLevel::Q,
            QrLevel::H => EcLevel::H,
        }
    }
}

/// Makes the smallest QR code of `text` (as UTF-8) at `level`, with the mask of the lowest penalty.
///
/// # Errors
/// [`MatrixError::Empty`] for an empty text, [`MatrixError::Qr`] if the text does not fit version 40.
pub fn encode(text: &str, level: QrLevel) -> Result<Symbol, MatrixError> {
    if text.is_empty() {
        return Err(MatrixError::Empty);
    }
    let level = EcLevel::from(level);
    let bits = segments(text, level).map_err(refused)?;
    let version = bits.version();
    let (data, check) = construct_codewords(&bits.into_bytes(), version, level).map_err(refused)?;
    let frame = Frame::of(version, level).ok_or_else(|| refused(QrError::InvalidVersion))?;
    let placed = frame.place(data.into_iter().chain(check));
    let best = lightest(frame, &placed);
    let width = frame.width;
    let modules = best.rows.iter().flat_map(|row| (0..width).map(|x| row.get(x))).collect();
    Symbol::new(width, modules, QUIET_ZONE)
}

/// The text as segments in the smallest version that holds it.
fn segments(text: &str, level: EcLevel) -> Result<Bits, QrError> {
    if text.is_ascii() {
        return encode_auto(text.as_bytes(), level);
    }
    // The crate's optimiser takes pairs of UTF-8 bytes for Shift JIS and writes them as Kanji: readers would show other characters.
    let whole = |version: i16| -> Result<Bits, QrError> {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_byte_data(text.as_bytes())?;
        bits.push_terminator(level)?;
        Ok(bits)
    };
    (1..=40).find_map(|version| whole(version).ok()).ok_or(QrError::DataTooLong)
}

/// The masked symbol of the lowest penalty; the first of equals.
fn lightest(frame: &Frame, placed: &Grid) -> Grid {
    let mut best: Option<(u32, usize)> = None;
    for (number, mask) in frame.masked.iter().enumerate() {
        let below = best.map_or(u32::MAX, |(score, _)| score);
        if let Some(score) = penalty::score(mask, placed, frame.width, below) {
            best = Some((score, number));
        }
    }
    frame.masked[best.map_or(0, |(_, number)| number)].with(placed)
}

/// What the encoder has against a text, in Chinese.
fn refused(error: QrError) -> MatrixError {
    MatrixError::Qr(match error {
        QrError::DataTooLong => "内容超出最大版本（40）的容量".to_owned(),
        other => format!("编码器报告“{other}”"),
    })
}

#[cfg(test)]
mod tests {
    use qrcode::types::EcLevel;

    #[test]
    fn chinese_is_one_segment_of_bytes() {
        // The reader of our other tests hands bytes on as they are; a scanner takes a Kanji segment for Shift JIS.
        let text = "道路运输经营许可证";
        let bits = super::segments(text, EcLevel::M).map(qrcode::bits::Bits::into_bytes);
        let bytes = bits.expect("it fits");
        assert_eq!(bytes[0], 0b0100_0001, "mode byte, then the upper half of the count 27");
        assert_eq!(bytes[1] >> 4, 27 & 0xF);
    }
}
