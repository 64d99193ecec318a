//! The data of the scan: every block of every MCU must be there, and nothing else.

use std::rc::Rc;

use super::Frame;
use super::huffman::{BLOCK, BlockCode};

/// Bits that a fresh window surely holds.
const WINDOW: u32 = 57;
/// Bits of the longest value: 16 of its code and 11 extra ones.
const LONGEST: u32 = 27;

/// Do the data hold each block, and end with the last one? `codes` are those of the frame's components.
pub(super) fn is_whole(frame: &Frame, codes: &[Rc<BlockCode>], data: &[u8]) -> bool {
    unstuffed(data).and_then(|(padded, length)| walk(frame, codes, &padded, length)).is_some()
}

fn walk(frame: &Frame, codes: &[Rc<BlockCode>], padded: &[u8], length: usize) -> Option<()> {
    // Blocks of an MCU in their order, each with its codes (A.2.3).
    let mut blocks: Vec<&BlockCode> = Vec::new();
    for (component, code) in frame.components.iter().zip(codes) {
        blocks.extend(std::iter::repeat_n(&**code, component.across * component.down));
    }
    let first = frame.components.first()?;
    let mcus = frame.width.div_ceil(8 * first.across) * frame.height.div_ceil(8 * first.down);
    let mut reader = Reader { padded, at: 0, window: window(padded, 0), used: 0 };
    for _ in 0..mcus {
        for code in &blocks {
            reader.block(code)?;
        }
        // Behind the data lie zeros, which may be codes as well.
        if reader.end() > 8 * length {
            return None;
        }
    }
    // F.1.2.3: the last byte is filled up with bits, and no byte follows.
    (reader.end().div_ceil(8) == length).then_some(())
}

/// The data without the zero after each 0xFF (F.1.2.3), with zeros behind, and their length; `None` when a marker stands
/// in them.
fn unstuffed(data: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::with_capacity(data.len() + 8);
    let mut parts = data.split(|byte| *byte == 0xFF);
    out.extend_from_slice(parts.next()?);
    for part in parts {
        let rest = part.strip_prefix(&[0])?;
        out.push(0xFF);
        out.extend_from_slice(rest);
    }
    let length = out.len();
    out.extend_from_slice(&[0; 8]);
    Some((out, length))
}

/// Bits of the data, highest first.
struct Reader<'a> {
    padded: &'a [u8],
    /// Bit at which `window` was taken.
    at: usize,
    /// The next bits; `used` of those that it was taken with are gone.
    window: u64,
    used: u32,
}

impl Reader<'_> {
    fn end(&self) -> usize {
        self.at + self.used as usize
    }

    fn refill(&mut self) {
        if self.used > WINDOW - LONGEST {
            self.at = self.end();
            self.window = window(self.padded, self.at);
            self.used = 0;
        }
    }

    fn skip(&mut self, bits: u32) {
        self.window <<= bits;
        self.used += bits;
    }

    /// Steps over one block; `None` for bits that are no code and for values beyond the block's end.
    fn block(&mut self, code: &BlockCode) -> Option<()> {
        self.refill();
        let mut step = code.first(self.window)?;
        self.skip(step.bits());
        let mut place = step.places();
        while place < BLOCK && !step.ends() {
            self.refill();
            step = code.more(self.window, BLOCK - place)?;
            self.skip(step.bits());
            place += step.places();
        }
        // A run of zeros may not lead beyond the block.
        (place <= BLOCK).then_some(())
    }
}

/// The bits from `at` on; behind the end they are zeros.
fn window(padded: &[u8], at: usize) -> u64 {
    let rest = padded.get(at / 8..).unwrap_or_default();
    rest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes)) << (at % 8)
}
