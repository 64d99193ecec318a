//! QR codes (GB/T 18284, ISO/IEC 18004).
//!
//! The crate `qrcode` makes the codewords and draws the eight masked candidates; which one is best is decided here,
//! because its own comparison takes nine tenths of a millisecond for a certificate's code.

mod penalty;

use qrcode::bits::encode_auto;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::types::{Color, EcLevel, QrError};

use crate::error::MatrixError;
use crate::symbol::Symbol;

/// ISO/IEC 18004 9.1: four empty modules on each side.
const QUIET_ZONE: usize = 4;

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
    let bits = encode_auto(text.as_bytes(), level).map_err(refused)?;
    let version = bits.version();
    let (data, check) = construct_codewords(&bits.into_bytes(), version, level).map_err(refused)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &check);

    let masked = MASKS.map(|mask| {
        let mut candidate = canvas.clone();
        candidate.apply_mask(mask);
        candidate.into_colors().into_iter().map(|color| color == Color::Dark).collect::<Vec<bool>>()
    });
    // A width is positive, so it fits.
    let width = version.width().unsigned_abs().into();
    let [first, others @ ..] = masked;
    let mut best = (penalty::score(&first, width), first);
    for modules in others {
        let score = penalty::score(&modules, width);
        if score < best.0 {
            best = (score, modules);
        }
    }
    Symbol::new(width, best.1, QUIET_ZONE)
}

/// What the encoder has against a text, in Chinese.
fn refused(error: QrError) -> MatrixError {
    MatrixError::Qr(match error {
        QrError::DataTooLong => "内容超出最大版本（40）的容量".to_owned(),
        other => format!("编码器报告“{other}”"),
    })
}
