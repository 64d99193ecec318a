//! Everything that can go wrong with a 2D code, said to the user in Chinese.

use thiserror::Error;

/// Why a 2D code could not be made or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// There is nothing to encode.
    #[error("二维码内容为空：二维码至少要有一个字符，请先取得二维码内容再生成。")]
    Empty,
    /// The text does not fit the largest symbol that the options allow.
    #[error(
        "二维码内容过长：需要 {needed} 位，所选版本和纠错等级最多容纳 {capacity} 位，请缩短内容、降低纠错等级或选用更大的版本。"
    )]
    TooLong {
        /// Data bits that the text needs at least.
        needed: usize,
        /// Data bits of the largest permitted symbol.
        capacity: usize,
    },
    /// The QR encoder refused the text.
    #[error("QR 码无法生成：{0}，请缩短内容或降低纠错等级。")]
    Qr(String),
    /// Grid Matrix has versions 1 to 13 only.
    #[error("网格矩阵码版本 {0} 无效：按 GB/T 27766 版本只能是 1 至 13，请改正版本。")]
    Version(u8),
    /// Grid Matrix has error-correction levels 1 to 5 only.
    #[error("网格矩阵码纠错等级 {0} 无效：按 GB/T 27766 纠错等级只能是 1 至 5，请改正纠错等级。")]
    Level(u8),
    /// Version 1 starts at level 4, versions 2 and 3 at level 2.
    #[error(
        "网格矩阵码版本 {version} 不能用纠错等级 {level}：该版本最低为 {least} 级，请提高纠错等级或换用更大的版本。"
    )]
    LevelTooLow {
        /// The version asked for.
        version: u8,
        /// The level asked for.
        level: u8,
        /// The lowest level of that version.
        least: u8,
    },
    /// A character that GB 18030 does not carry there and back (some private-use characters).
    #[error("字符“{0}”无法写入网格矩阵码：GB 18030 不能还原该字符，请换用规范字符。")]
    Character(char),
    /// The module matrix does not have the size of a symbol.
    #[error("不是网格矩阵码：边长为 {width} 个模块，应为 18 至 162 且每级相差 12，请检查图像切割。")]
    Size {
        /// Modules a side as found.
        width: usize,
    },
    /// `modules` does not hold `width * width` entries.
    #[error("模块矩阵不完整：边长 {width} 应有 {expected} 个模块，实有 {found} 个，请检查图像采样。")]
    Shape {
        /// Modules a side.
        width: usize,
        /// `width * width`.
        expected: usize,
        /// Modules given.
        found: usize,
    },
    /// The dark and light frames of the macromodules are not there.
    #[error("不是网格矩阵码：宏模块边框有 {wrong} 个模块不符（共 {total} 个），请检查图像方向和采样。")]
    Frame {
        /// Frame modules of the wrong colour.
        wrong: usize,
        /// Frame modules of the symbol.
        total: usize,
    },
    /// The layer numbers do not say which error-correction level was used.
    #[error("网格矩阵码的层号损坏：无法确定纠错等级，请重新拍摄或重新打印。")]
    LayerId,
    /// More damage than the error-correction level repairs.
    #[error("网格矩阵码损坏过多：第 {block} 个码字块超出纠错能力，请重新拍摄或重新打印。")]
    Damaged {
        /// Number of the block, from 1.
        block: usize,
    },
    /// The corrected codewords do not follow the standard.
    #[error("网格矩阵码内容不合规：{0}，请确认生成该码的软件符合 GB/T 27766。")]
    Stream(&'static str),
}
