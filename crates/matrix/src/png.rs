//! A PNG writer for one kind of picture: big square modules in black and white.
//!
//! Every module row is `scale` equal pixel rows. The first is written as literals, the others use filter Up and are
//! all zero, so two back-references carry them and their checksum needs no loop. That keeps a symbol at some
//! microseconds, where a general encoder would search for matches.

use crate::deflate::Deflate;
use crate::symbol::Symbol;

/// Light pixels are 1 in a 1-bit greyscale picture.
const LIGHT: u8 = 0xff;

/// Filter bytes of the PNG specification, section 9.2.
const FILTER_NONE: u8 = 0;
const FILTER_UP: u8 = 2;

/// The whole PNG file; `scale` is at least 1.
pub(crate) fn encode(symbol: &Symbol, scale: usize) -> Vec<u8> {
    let modules = symbol.width() + 2 * symbol.quiet_zone();
    let side = modules * scale;
    let mut out = Vec::with_capacity(128 + modules * (side / 8 + 16));
    out.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let mut header = [0; 13];
    // Sides beyond 32 bits cannot be allocated anyway: the largest symbol has 177 modules.
    header[..4].copy_from_slice(&(side as u32).to_be_bytes());
    header[4..8].copy_from_slice(&(side as u32).to_be_bytes());
    // Bit depth 1, greyscale, deflate, adaptive filters, not interlaced.
    header[8] = 1;
    chunk(&mut out, b"IHDR", |data| data.extend_from_slice(&header));
    chunk(&mut out, b"IDAT", |data| pixels(data, symbol, scale));
    chunk(&mut out, b"IEND", |_| {});
    out
}

/// One chunk: length, type, data, check sum over type and data.
fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(kind);
    fill(out);
    let length = (out.len() - start - 8) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let sum = crc32(&out[start + 4..]);
    out.extend_from_slice(&sum.to_be_bytes());
}

/// The zlib stream of all pixel rows.
fn pixels(out: &mut Vec<u8>, symbol: &Symbol, scale: usize) {
    let quiet = symbol.quiet_zone();
    let modules = symbol.width() + 2 * quiet;
    let stride = (modules * scale).div_ceil(8);
    // zlib header: deflate, 32 KiB window, fastest level.
    out.extend_from_slice(&[0x78, 0x01]);
    let mut stream = Deflate::new(out);
    let mut row = vec![LIGHT; stride];
    for y in 0..modules {
        if y > 0 && same_row(symbol, y, quiet) {
            repeat_rows(&mut stream, stride, scale);
            continue;
        }
        row.fill(LIGHT);
        draw_row(&mut row, symbol, y, scale);
        stream.literal(FILTER_NONE);
        row.iter().for_each(|&byte| stream.literal(byte));
        repeat_rows(&mut stream, stride, scale - 1);
    }
    let sum = stream.finish();
    out.extend_from_slice(&sum.to_be_bytes());
}

/// `rows` pixel rows that equal the row above: filter Up and `stride` zero bytes each.
fn repeat_rows(stream: &mut Deflate, stride: usize, rows: usize) {
    // Below four bytes a row is shorter than a back-reference can be.
    let literal_rows = if stride < 4 { rows } else { rows.min(1) };
    for _ in 0..literal_rows {
        stream.literal(FILTER_UP);
        stream.literal(0);
        if stride < 4 {
            (1..stride).for_each(|_| stream.literal(0));
        } else {
            stream.zeros(stride - 1);
        }
    }
    if rows > literal_rows {
        stream.again(FILTER_UP, stride, rows - literal_rows);
    }
}

/// The modules of picture row `y` of modules, which counts the quiet zone; `None` within the quiet zone.
fn module_row(symbol: &Symbol, y: usize) -> Option<&[bool]> {
    let y = y.checked_sub(symbol.quiet_zone()).filter(|&y| y < symbol.width())?;
    symbol.modules().get(y * symbol.width()..(y + 1) * symbol.width())
}

/// Whether picture row `y` looks like the row above it.
fn same_row(symbol: &Symbol, y: usize, quiet: usize) -> bool {
    let inside = |y: usize| y >= quiet && y < quiet + symbol.width();
    (inside(y) == inside(y - 1)) && module_row(symbol, y) == module_row(symbol, y - 1)
}

/// Clears the pixels of the dark modules of one row.
fn draw_row(row: &mut [u8], symbol: &Symbol, y: usize, scale: usize) {
    let Some(modules) = module_row(symbol, y) else { return };
    for (x, _) in modules.iter().enumerate().filter(|&(_, &dark)| dark) {
        let from = (x + symbol.quiet_zone()) * scale;
        clear_bits(row, from, from + scale);
    }
}

/// Clears the bits `from..to`, most significant bit first.
fn clear_bits(row: &mut [u8], from: usize, to: usize) {
    let (first, last) = (from / 8, (to - 1) / 8);
    // Bits of the first byte that stay, and of the last byte that stay.
    let keep_before = !(0xff_u8 >> (from % 8));
    let keep_after = (0x7f_u16 >> ((to - 1) % 8)) as u8;
    if first == last {
        row[first] &= keep_before | keep_after;
        return;
    }
    row[first] &= keep_before;
    row[first + 1..last].fill(0);
    row[last] &= keep_after;
}

/// Table of CRC-32 (PNG specification, annex D).
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut c = n as u32;
        let mut k = 0;
        while k < 8 {
            c = if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
            k += 1;
        }
        table[n] = c;
        n += 1;
    }
    table
};

/// CRC-32 of `data`.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |sum, &byte| CRC[((sum ^ u32::from(byte)) & 0xff) as usize] ^ (sum >> 8))
}
