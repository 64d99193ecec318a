//! Reads the data codewords back as bytes.

use super::bits::BitReader;
use super::charset;
use super::mode::{
    BYTES_AGAIN, CHINESE_BYTE, CHINESE_DIGITS, CHINESE_END, CHINESE_LINE, ECI, LETTER_END, LETTER_SHIFT,
    LETTER_TO_BYTE, LETTER_TO_MIXED, MARKS, MIXED_END, MIXED_SHIFT, Mode, NUMERAL_END, NUMERAL_MARK, SIGNS,
};
use crate::error::MatrixError;

/// What a symbol carries: stretches of bytes, each in one character set.
#[derive(Default)]
pub(super) struct Content {
    stretches: Vec<(Option<u32>, Vec<u8>)>,
}

impl Content {
    /// The text of all stretches, `None` if one of them is not text.
    pub(super) fn text(&self) -> Option<String> {
        self.stretches.iter().map(|(eci, bytes)| charset::text(bytes, *eci)).collect()
    }

    /// The first announced character set.
    pub(super) fn first_eci(&self) -> Option<u32> {
        self.stretches.iter().find_map(|(eci, _)| *eci)
    }

    /// The bytes of all stretches.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.stretches.into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    fn push(&mut self, byte: u8) {
        if self.stretches.is_empty() {
            self.stretches.push((None, Vec::new()));
        }
        if let Some((_, bytes)) = self.stretches.last_mut() {
            bytes.push(byte);
        }
    }
}

/// What a mode ends with: the end of data or another mode.
type Next = Option<Mode>;

/// Reads `data` up to the end of data.
///
/// # Errors
/// [`MatrixError::Stream`] for codes that the standard does not define or that this crate does not know.
pub(super) fn content(data: &[u8]) -> Result<Content, MatrixError> {
    let mut bits = BitReader::new(data);
    let mut content = Content::default();
    let mut mode = start(&mut bits, &mut content)?;
    loop {
        mode = match mode {
            // After an end of data only a further announced stretch counts; anything else is padding.
            None if bits.peek(4) == Some(ECI) => start(&mut bits, &mut content)?,
            None => return Ok(content),
            Some(Mode::Chinese) => chinese(&mut bits, &mut content)?,
            Some(Mode::Numeral) => numerals(&mut bits, &mut content)?,
            Some(Mode::Byte) => bytes(&mut bits, &mut content)?,
            Some(mode @ (Mode::Lower | Mode::Upper)) => letters(mode, &mut bits, &mut content)?,
            Some(Mode::Mixed) => mixed(&mut bits, &mut content)?,
        };
    }
}

fn take(bits: &mut BitReader, count: usize) -> Result<u32, MatrixError> {
    bits.take(count).ok_or(MatrixError::Stream("数据在结束符之前中断"))
}

/// A four-bit code: a mode, the end, or an announced character set and then a mode.
fn start(bits: &mut BitReader, content: &mut Content) -> Result<Next, MatrixError> {
    match take(bits, 4)? {
        0 => Ok(None),
        // Encoders open bytes with 6 and go on with 7; both mean a counted block.
        6 | BYTES_AGAIN => Ok(Some(Mode::Byte)),
        code @ 1..=5 => Ok(Mode::ALL.get(code as usize - 1).copied()),
        ECI => {
            let eci = eci_number(bits)?;
            content.stretches.push((Some(eci), Vec::new()));
            start(bits, content)
        }
        8 => Err(MatrixError::Stream("含有 FNC1 标识，本系统不支持")),
        9 => Err(MatrixError::Stream("是结构链接（多码拼接）的一部分，本系统不支持")),
        10 => Err(MatrixError::Stream("是识读器设置码，不是证照内容")),
        _ => Err(MatrixError::Stream("含有未定义的模式标识")),
    }
}

/// Ten, fifteen or twenty bits by the first one or two (0, 10, 11).
fn eci_number(bits: &mut BitReader) -> Result<u32, MatrixError> {
    if take(bits, 1)? == 0 {
        return take(bits, 10);
    }
    match take(bits, 1)? {
        0 => take(bits, 15),
        _ => take(bits, 20),
    }
}

fn chinese(bits: &mut BitReader, content: &mut Content) -> Result<Next, MatrixError> {
    loop {
        match take(bits, 13)? {
            code @ 0..CHINESE_LINE => {
                let (row, cell) = ((code / 96) as u8, (code % 96) as u8);
                if cell == 0 || cell == 95 {
                    return Err(MatrixError::Stream("汉字模式含有未定义的码位"));
                }
                // Rows 10 to 15 of GB 2312 are empty and left out.
                content.push(if row < 9 { 0xa1 + row } else { 0xa7 + row });
                content.push(0xa0 + cell);
            }
            CHINESE_LINE => b"\r\n".iter().for_each(|&byte| content.push(byte)),
            code @ CHINESE_BYTE..CHINESE_DIGITS => content.push((code - CHINESE_BYTE) as u8),
            code @ CHINESE_DIGITS..8133 => {
                let pair = (code - CHINESE_DIGITS) as u8;
                content.push(b'0' + pair / 10);
                content.push(b'0' + pair % 10);
            }
            CHINESE_END => return Ok(None),
            code @ 8161..=8165 => return Ok(Some(Mode::ALL[(code - CHINESE_END) as usize])),
            _ => return Err(MatrixError::Stream("汉字模式含有未定义的码位")),
        }
    }
}

fn numerals(bits: &mut BitReader, content: &mut Content) -> Result<Next, MatrixError> {
    let filler = take(bits, Mode::Numeral.prefix_bits() as usize)? as usize;
    if filler == 3 {
        return Err(MatrixError::Stream("数字模式的填充位数无效"));
    }
    // The filler belongs to the last group, so each group waits until the next code is known.
    let mut waiting: Option<Vec<u8>> = None;
    let mut mark: Option<(usize, usize)> = None;
    loop {
        let code = take(bits, 10)?;
        if code < NUMERAL_END {
            waiting.take().into_iter().flatten().for_each(|byte| content.push(byte));
        }
        match code {
            0..NUMERAL_MARK => {
                let (digits, mark) = ([code / 100, code / 10 % 10, code % 10], mark.take());
                waiting = Some(numeral_group(digits, mark));
            }
            NUMERAL_MARK..NUMERAL_END => {
                let code = (code - NUMERAL_MARK) as usize;
                if mark.replace((code / 3, code % 3)).is_some() {
                    return Err(MatrixError::Stream("数字模式的一组数字含有两个符号"));
                }
            }
            _ => {
                let mut group =
                    waiting.filter(|_| mark.is_none()).ok_or(MatrixError::Stream("数字模式没有数字"))?;
                group.truncate(group.len() - filler);
                group.into_iter().for_each(|byte| content.push(byte));
                return Ok(match code {
                    NUMERAL_END => None,
                    1019 => Some(Mode::Chinese),
                    _ => Mode::ALL.get((code - NUMERAL_END) as usize).copied(),
                });
            }
        }
    }
}

/// Three digits with the mark, given as its number and the digits before it.
fn numeral_group(digits: [u32; 3], mark: Option<(usize, usize)>) -> Vec<u8> {
    let mut group: Vec<u8> = digits.map(|digit| b'0' + digit as u8).to_vec();
    if let Some((number, position)) = mark {
        group.splice(position..position, MARKS[number].iter().copied());
    }
    group
}

fn bytes(bits: &mut BitReader, content: &mut Content) -> Result<Next, MatrixError> {
    let count = take(bits, Mode::Byte.prefix_bits() as usize)? + 1;
    for _ in 0..count {
        content.push(take(bits, 8)? as u8);
    }
    start(bits, content)
}

fn letters(mode: Mode, bits: &mut BitReader, content: &mut Content) -> Result<Next, MatrixError> {
    let (first, other) = if mode == Mode::Lower { (b'a', Mode::Upper) } else { (b'A', Mode::Lower) };
    loop {
        match take(bits, 5)? {
            code @ 0..26 => content.push(first + code as u8),
            26 => content.push(b' '),
            LETTER_END => return Ok(None),
            28 => return Ok(Some(Mode::Chinese)),
            29 => return Ok(Some(Mode::Numeral)),
            30 => return Ok(Some(other)),
            // 31 opens the codes of seven bits.
            code => match code << 2 | take(bits, 2)? {
                LETTER_TO_MIXED => return Ok(Some(Mode::Mixed)),
                LETTER_SHIFT => shifted(bits, content)?,
                LETTER_TO_BYTE => return Ok(Some(Mode::Byte)),
                _ => return Err(MatrixError::Stream("字母模式含有未定义的码位")),
            },
        }
    }
}

fn mixed(bits: &mut BitReader, content: &mut Content) -> Result<Next, MatrixError> {
    loop {
        match take(bits, 6)? {
            code @ 0..10 => content.push(b'0' + code as u8),
            code @ 10..36 => content.push(b'A' + code as u8 - 10),
            code @ 36..62 => content.push(b'a' + code as u8 - 36),
            62 => content.push(b' '),
            // 63 opens the codes of ten bits.
            code => match code << 4 | take(bits, 4)? {
                MIXED_END => return Ok(None),
                code @ 1009..=1012 => return Ok(Mode::ALL.get((code - 1009) as usize).copied()),
                MIXED_SHIFT => shifted(bits, content)?,
                1015 => return Ok(Some(Mode::Byte)),
                _ => return Err(MatrixError::Stream("混合模式含有未定义的码位")),
            },
        }
    }
}

/// One control character or sign after a shift.
fn shifted(bits: &mut BitReader, content: &mut Content) -> Result<(), MatrixError> {
    let code = take(bits, 6)? as u8;
    content.push(if code < 32 { code } else { SIGNS[usize::from(code - 32)] });
    Ok(())
}
