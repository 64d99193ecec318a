//! Deflate with the fixed codes, written by a caller who knows what repeats.

/// Longest back-reference of deflate (RFC 1951, 3.2.5).
const MAX_MATCH: usize = 258;

/// A deflate stream of one block with the fixed codes (RFC 1951, 3.2.6), and the Adler-32 sum of what it holds.
pub(crate) struct Deflate<'a> {
    out: &'a mut Vec<u8>,
    bits: u64,
    count: u32,
    low: u32,
    high: u32,
}

impl<'a> Deflate<'a> {
    /// Starts the block at the end of `out`.
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        let mut stream = Deflate { out, bits: 0, count: 0, low: 1, high: 0 };
        // Last block, fixed codes.
        stream.put(0b011, 3);
        stream
    }

    /// Appends `count` bits, least significant first.
    fn put(&mut self, bits: u32, count: u32) {
        self.bits |= u64::from(bits) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.bits as u32).to_le_bytes());
            self.bits >>= 32;
            self.count -= 32;
        }
    }

    /// Adds `byte` to the sum and writes it as a literal.
    pub(crate) fn literal(&mut self, byte: u8) {
        self.sum(byte);
        let (code, count) = FIXED[usize::from(byte)];
        self.put(u32::from(code), u32::from(count));
    }

    /// Writes `count` zero bytes, at least 3, after a zero byte.
    pub(crate) fn zeros(&mut self, count: usize) {
        self.sum_zeros(count);
        self.copy(count, 1);
    }

    /// Writes `first` and `zeros` zero bytes `times` times, right after the same string; it has at least 3 bytes.
    pub(crate) fn again(&mut self, first: u8, zeros: usize, times: usize) {
        for _ in 0..times {
            self.sum(first);
            self.sum_zeros(zeros);
        }
        self.copy(times * (zeros + 1), zeros + 1);
    }

    /// Adds one byte to the Adler-32 sum.
    fn sum(&mut self, byte: u8) {
        // Both terms are below the modulus: one subtraction does what a division would.
        let below = |sum: u32| if sum >= ADLER { sum - ADLER } else { sum };
        self.low = below(self.low + u32::from(byte));
        self.high = below(self.high + self.low);
    }

    /// What `count` zero bytes do to the sum: `high` grows by `low` each time.
    fn sum_zeros(&mut self, count: usize) {
        let grown = u64::from(self.high) + u64::from(self.low) * count as u64;
        self.high = (grown % u64::from(ADLER)) as u32;
    }

    /// Repeats the byte string `distance` bytes back until `length` bytes, at least 3, are written.
    fn copy(&mut self, mut length: usize, distance: usize) {
        while length > 0 {
            // Leave no remainder of one or two bytes: too short for a back-reference.
            let part = match length {
                l if l <= MAX_MATCH => l,
                l if l < MAX_MATCH + 3 => MAX_MATCH - 3,
                _ => MAX_MATCH,
            };
            self.match_length(part);
            self.match_distance(distance);
            length -= part;
        }
    }

    /// RFC 1951, 3.2.5: a length of 3 to 258 as a code and extra bits.
    fn match_length(&mut self, length: usize) {
        let value = length - 3;
        let (symbol, extra, extra_bits) = match value {
            255 => (285, 0, 0),
            0..=7 => (257 + value, 0, 0),
            _ => {
                let extra_bits = value.ilog2() - 2;
                let step = value >> extra_bits;
                (257 + 4 * extra_bits as usize + step, value & ((1 << extra_bits) - 1), extra_bits)
            }
        };
        let (code, count) = FIXED[symbol];
        self.put(u32::from(code), u32::from(count));
        self.put(extra as u32, extra_bits);
    }

    /// RFC 1951, 3.2.5: a distance as a five-bit code and extra bits.
    fn match_distance(&mut self, distance: usize) {
        let value = distance - 1;
        let (symbol, extra, extra_bits) = match value {
            0..=3 => (value, 0, 0),
            _ => {
                let extra_bits = value.ilog2() - 1;
                (2 * extra_bits as usize + (value >> extra_bits), value & ((1 << extra_bits) - 1), extra_bits)
            }
        };
        self.put((symbol as u32).reverse_bits() >> 27, 5);
        self.put(extra as u32, extra_bits);
    }

    /// Ends the block, fills the last byte and returns the Adler-32 sum.
    pub(crate) fn finish(mut self) -> u32 {
        let (code, count) = FIXED[256];
        self.put(u32::from(code), u32::from(count));
        let bytes = self.count.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.bits.to_le_bytes()[..bytes]);
        self.high << 16 | self.low
    }
}

/// Modulus of Adler-32 (RFC 1950).
const ADLER: u32 = 65_521;

/// The fixed literal and length codes of RFC 1951, 3.2.6, with their bits in the order of writing.
const FIXED: [(u16, u8); 288] = {
    let mut table = [(0, 0); 288];
    let mut symbol = 0;
    while symbol < 288 {
        let (code, count) = match symbol {
            0..=143 => (0x30 + symbol, 8),
            144..=255 => (0x190 + symbol - 144, 9),
            256..=279 => (symbol - 256, 7),
            _ => (0xc0 + symbol - 280, 8),
        };
        table[symbol] = ((code as u16).reverse_bits() >> (16 - count), count as u8);
        symbol += 1;
    }
    table
};
