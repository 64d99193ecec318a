//! The six encoding modes, their codes and the codes between them (AIMD014 6.3).

/// An encoding mode; control characters are a shift within three of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Thirteen bits: a GB 2312 character, two digits, an end of line or any byte.
    Chinese,
    /// Ten bits: three digits, with ten more for one mark among them.
    Numeral,
    /// Five bits: a to z and space.
    Lower,
    /// Five bits: A to Z and space.
    Upper,
    /// Six bits: digits, both cases and space.
    Mixed,
    /// Eight bits, after a count of nine bits.
    Byte,
}

/// A code: its value and its number of bits.
pub(super) type Code = (u32, u32);

impl Mode {
    /// All modes in the order of their numbers.
    pub(super) const ALL: [Mode; 6] =
        [Mode::Chinese, Mode::Numeral, Mode::Lower, Mode::Upper, Mode::Mixed, Mode::Byte];

    /// The number of the mode in the codes that start a mode, from 1.
    const fn number(self) -> u32 {
        self as u32 + 1
    }

    /// The code that leads from `self` to another mode `to`.
    pub(super) const fn switch(self, to: Mode) -> Code {
        match (self, to) {
            (Mode::Byte, _) => Mode::start(to),
            (Mode::Chinese, _) => (CHINESE_END + to.number() - 1, 13),
            (Mode::Numeral, Mode::Chinese) => (NUMERAL_END + 1, 10),
            (Mode::Numeral, _) => (NUMERAL_END + to.number() - 1, 10),
            (Mode::Mixed, Mode::Byte) => (MIXED_END + 7, 10),
            (Mode::Mixed, _) => (MIXED_END + to.number(), 10),
            (_, Mode::Chinese) => (LETTER_END + 1, 5),
            (_, Mode::Numeral) => (LETTER_END + 2, 5),
            (_, Mode::Lower | Mode::Upper) => (LETTER_END + 3, 5),
            (_, Mode::Mixed) => (LETTER_TO_MIXED, 7),
            (_, Mode::Byte) => (LETTER_TO_BYTE, 7),
        }
    }

    /// The code that starts a mode at the beginning or after bytes.
    pub(super) const fn start(to: Mode) -> Code {
        (to.number(), 4)
    }

    /// The code that ends the data.
    pub(super) const fn end(self) -> Code {
        match self {
            Mode::Chinese => (CHINESE_END, 13),
            Mode::Numeral => (NUMERAL_END, 10),
            Mode::Lower | Mode::Upper => (LETTER_END, 5),
            Mode::Mixed => (MIXED_END, 10),
            Mode::Byte => (0, 4),
        }
    }

    /// Bits that open a run of this mode: how many digits are filler, or how many bytes follow.
    pub(super) const fn prefix_bits(self) -> u32 {
        match self {
            Mode::Numeral => 2,
            Mode::Byte => 9,
            _ => 0,
        }
    }

    /// The code of a single byte in one of the letter modes and in mixed mode.
    pub(super) fn letter(self, byte: u8) -> Option<u32> {
        let index = match (self, byte) {
            (Mode::Lower, b'a'..=b'z') => byte - b'a',
            (Mode::Upper, b'A'..=b'Z') => byte - b'A',
            (Mode::Lower | Mode::Upper, b' ') => 26,
            (Mode::Mixed, b'0'..=b'9') => byte - b'0',
            (Mode::Mixed, b'A'..=b'Z') => byte - b'A' + 10,
            (Mode::Mixed, b'a'..=b'z') => byte - b'a' + 36,
            (Mode::Mixed, b' ') => 62,
            _ => return None,
        };
        Some(u32::from(index))
    }

    /// The code that announces one control character, in the modes that can.
    pub(super) const fn shift(self) -> Option<Code> {
        match self {
            Mode::Lower | Mode::Upper => Some((LETTER_SHIFT, 7)),
            Mode::Mixed => Some((MIXED_SHIFT, 10)),
            _ => None,
        }
    }
}

/// First code after the characters of Chinese mode: end of data, then the other modes in order.
pub(super) const CHINESE_END: u32 = 8160;
/// Chinese mode: carriage return and line feed.
pub(super) const CHINESE_LINE: u32 = 7776;
/// Chinese mode: a single byte.
pub(super) const CHINESE_BYTE: u32 = 7777;
/// Chinese mode: two digits.
pub(super) const CHINESE_DIGITS: u32 = 8033;
/// Numeral mode: a mark among the next three digits, three codes a mark for its position.
pub(super) const NUMERAL_MARK: u32 = 1000;
/// First code after the marks of numeral mode.
pub(super) const NUMERAL_END: u32 = 1018;
/// End of data in lower and upper case.
pub(super) const LETTER_END: u32 = 27;
/// From letters to mixed mode.
pub(super) const LETTER_TO_MIXED: u32 = 124;
/// Letters: a control character follows.
pub(super) const LETTER_SHIFT: u32 = 125;
/// From letters to bytes.
pub(super) const LETTER_TO_BYTE: u32 = 126;
/// End of data in mixed mode.
pub(super) const MIXED_END: u32 = 1008;
/// Mixed mode: a control character follows.
pub(super) const MIXED_SHIFT: u32 = 1014;
/// A further block of bytes after a full one.
pub(super) const BYTES_AGAIN: u32 = 7;
/// An announcement of a character set follows.
pub(super) const ECI: u32 = 12;

/// Most bytes of one block.
pub(super) const BLOCK_BYTES: usize = 512;

/// Marks of numeral mode in the order of their codes; the last stands for carriage return and line feed.
pub(super) const MARKS: [&[u8]; 6] = [b" ", b"+", b"-", b".", b",", b"\r\n"];

/// The control set after its first 32 codes, which are the ASCII controls.
pub(super) const SIGNS: [u8; 32] = *b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// The six-bit code of a control character or sign.
pub(super) fn control(byte: u8) -> Option<u32> {
    if byte < 32 {
        return Some(u32::from(byte));
    }
    SIGNS.iter().position(|&sign| sign == byte).map(|at| at as u32 + 32)
}
