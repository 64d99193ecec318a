//! What can go wrong with a font, in words for the person who configures or issues.

use std::fmt::Write;

/// Everything that reading, supplying or subsetting glyphs can refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// The bytes are no usable font: the named part is absent or broken.
    #[error("字体文件无法读取：{part}缺失或损坏；请换用完整的 TrueType 或 OpenType 字体文件。")]
    Malformed {
        /// The table or structure at fault.
        part: &'static str,
    },
    /// No face of the file has the wanted family or full name.
    #[error("字体文件中没有名为“{wanted}”的字体；文件中有：{}；请改用其中一个名称，或换用正确的字体文件。", .found.join("、"))]
    NoSuchFace {
        /// The name asked for.
        wanted: String,
        /// The family names that the file holds, each once.
        found: Vec<String>,
    },
    /// The font's embedding bits (OpenType OS/2 `fsType`) forbid embedding a subset.
    #[error("字体“{face}”的许可标志（OS/2 fsType）不允许嵌入子集；请换用允许嵌入的字体。")]
    EmbeddingForbidden {
        /// The face's name.
        face: String,
    },
    /// The font draws nothing for these characters, and no vector was supplied for them.
    #[error("字体“{face}”没有下列字符的字形：{}；证面文字不得缺字，请补充这些字符的矢量字形，或换用收字更全的字体。", list(.chars))]
    MissingGlyph {
        /// The face's name.
        face: String,
        /// All missing characters, in code point order.
        chars: Vec<char>,
    },
    /// The font has a glyph for the character but its outline cannot be read.
    #[error("字体“{face}”中字符{}的字形数据损坏；请换用完整的字体文件。", list(&[*.ch]))]
    BadOutline {
        /// The face's name.
        face: String,
        /// The character at fault.
        ch: char,
    },
    /// The outline leaves the range that a TrueType glyph can hold, or has too many points.
    #[error("字符{}的字形超出范围：坐标须在正负 16 em 以内，且不超过 65535 个点；请缩小或简化该字形。", list(&[*.ch]))]
    OutlineTooLarge {
        /// The character at fault.
        ch: char,
    },
    /// A vector was supplied for a character that already has another shape.
    #[error("字符{}已有字形，不得另行补充：同一字体中一个字符只能有一种字形；请先核对该字符。", list(&[*.ch]))]
    AlreadyCovered {
        /// The character at fault.
        ch: char,
    },
    /// A supplied vector draws nothing.
    #[error("为字符{}补充的字形是空白的；请提供有笔画的矢量字形。", list(&[*.ch]))]
    BlankOutline {
        /// The character at fault.
        ch: char,
    },
    /// A subset's name is empty, too long, or holds control characters.
    #[error("子集字体名称“{name}”不合规：须为 1 至 63 个字符，且不含控制字符；请改名。")]
    InvalidName {
        /// The refused name.
        name: String,
    },
    /// More characters than a TrueType font has glyph numbers.
    #[error("一个子集最多 65534 个字符，现有 {count} 个；请分成多个子集。")]
    TooManyGlyphs {
        /// How many distinct characters were asked for.
        count: usize,
    },
    /// An SVG path is not of the accepted form.
    #[error(
        "SVG 路径第 {at} 个字节处有误：{reason}；只接受 M、L、H、V、Q、C、Z 命令（大小写均可），请改正路径。"
    )]
    SvgPath {
        /// Byte position in the path, from 0.
        at: usize,
        /// What is wrong there.
        reason: &'static str,
    },
}

/// `“㐀”（U+3400）、“龘”（U+9F98）`: code points too, because the reader may lack the glyph as well.
fn list(chars: &[char]) -> String {
    let mut text = String::new();
    for (i, &ch) in chars.iter().enumerate() {
        let comma = if i > 0 { "、" } else { "" };
        // A control character would spoil the line it is reported on.
        let shown = if ch.is_control() { '\u{FFFD}' } else { ch };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}“{shown}”（U+{:04X}）", u32::from(ch));
    }
    text
}
