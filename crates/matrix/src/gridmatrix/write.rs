//! Writes a plan as codewords.

use super::bits::BitWriter;
use super::charset::{Input, Unit};
use super::mode::{
    BLOCK_BYTES, BYTES_AGAIN, CHINESE_BYTE, CHINESE_DIGITS, CHINESE_LINE, ECI, Mode, NUMERAL_MARK, control,
};
use super::plan::{Step, mark};

/// AIM ECI of GB 18030.
const GB18030: u32 = 32;

/// Bits that announce GB 18030: the code of an announcement, then eleven bits for a number below 1024.
pub(super) const ECI_BITS: usize = 15;

/// The codewords of `input`, written in `steps`, with the end of data.
pub(super) fn codewords(input: &Input, steps: &[Step]) -> Vec<u8> {
    let mut out = BitWriter::default();
    if input.extended {
        out.put(ECI, 4);
        out.put(GB18030, 11);
    }
    let mut before: Option<Mode> = None;
    // Neighbouring steps of one mode form one run.
    for run in steps.chunk_by(|a, b| a.mode == b.mode) {
        let mode = run[0].mode;
        let (code, bits) = before.map_or(Mode::start(mode), |from| from.switch(mode));
        out.put(code, bits);
        let pieces = run.iter().map(|step| &input.units[step.start..step.end]);
        match mode {
            Mode::Chinese => pieces.for_each(|piece| out.put(chinese(piece), 13)),
            Mode::Numeral => numerals(&mut out, pieces),
            Mode::Byte => bytes(&mut out, pieces.flatten().copied()),
            Mode::Lower | Mode::Upper | Mode::Mixed => {
                pieces.flatten().filter_map(|unit| unit.byte()).for_each(|byte| letter(&mut out, mode, byte));
            }
        }
        before = Some(mode);
    }
    if let Some(mode) = before {
        let (code, bits) = mode.end();
        out.put(code, bits);
    }
    out.into_words()
}

/// Fills `data` up to `length` codewords: a zero, then 0 and 126 by even and odd place.
pub(super) fn pad(data: &mut Vec<u8>, length: usize) {
    let first = data.len();
    data.extend((first..length).map(|at| if at > first && at % 2 == 1 { 0x7e } else { 0 }));
}

/// The thirteen-bit code of a character, two digits, an end of line or a byte.
fn chinese(piece: &[Unit]) -> u32 {
    match *piece {
        [Unit::Pair(lead, trail)] => {
            // Rows 10 to 15 of GB 2312 are empty and left out.
            let row = if lead < 0xb0 { lead - 0xa1 } else { lead - 0xb0 + 9 };
            u32::from(row) * 96 + u32::from(trail - 0xa0)
        }
        [Unit::Byte(b'\r'), _] => CHINESE_LINE,
        [Unit::Byte(a), Unit::Byte(b)] => CHINESE_DIGITS + 10 * u32::from(a - b'0') + u32::from(b - b'0'),
        [Unit::Byte(byte), ..] => CHINESE_BYTE + u32::from(byte),
        // The planner makes no other piece in this mode.
        _ => CHINESE_BYTE,
    }
}

/// Groups of digits; two bits in front count the filler digits of the last group.
fn numerals<'a>(out: &mut BitWriter, groups: impl DoubleEndedIterator<Item = &'a [Unit]> + Clone) {
    let digits = |group: &[Unit]| group.iter().filter_map(|unit| digit(*unit)).count();
    let filler = groups.clone().next_back().map_or(0, |last| 3 - digits(last) as u32);
    out.put(filler, Mode::Numeral.prefix_bits());
    for group in groups {
        let (mut value, mut count, mut at) = (0, 0, 0);
        while at < group.len() {
            if let Some(digit) = digit(group[at]) {
                (value, count, at) = (value * 10 + digit, count + 1, at + 1);
            } else if let Some((number, length)) = mark(&group[at..]) {
                out.put(NUMERAL_MARK + 3 * number as u32 + count, 10);
                at += length;
            }
        }
        out.put(value * 10_u32.pow(3 - count), 10);
    }
}

/// The value of a digit.
fn digit(unit: Unit) -> Option<u32> {
    unit.byte().filter(u8::is_ascii_digit).map(|byte| u32::from(byte - b'0'))
}

/// Blocks of at most 512 bytes, each with its count less one.
fn bytes(out: &mut BitWriter, units: impl Iterator<Item = Unit>) {
    let mut all = Vec::new();
    for unit in units {
        match unit {
            Unit::Byte(byte) => all.push(byte),
            Unit::Pair(lead, trail) => all.extend([lead, trail]),
        }
    }
    for (number, block) in all.chunks(BLOCK_BYTES).enumerate() {
        if number > 0 {
            out.put(BYTES_AGAIN, 4);
        }
        out.put(block.len() as u32 - 1, Mode::Byte.prefix_bits());
        block.iter().for_each(|&byte| out.put(u32::from(byte), 8));
    }
}

/// One character of a letter mode, or a shifted control character.
fn letter(out: &mut BitWriter, mode: Mode, byte: u8) {
    let bits = if mode == Mode::Mixed { 6 } else { 5 };
    if let Some(code) = mode.letter(byte) {
        out.put(code, bits);
    } else if let (Some(code), Some((shift, shift_bits))) = (control(byte), mode.shift()) {
        out.put(shift, shift_bits);
        out.put(code, 6);
    }
}
