//! Bit streams in seven-bit codewords, most significant bit first.

/// Collects bits into codewords.
#[derive(Default)]
pub(super) struct BitWriter {
    words: Vec<u8>,
    pending: u32,
    count: u32,
}

impl BitWriter {
    /// Appends the low `count` bits of `value`; `count` is at most 20.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        self.pending = self.pending << count | value;
        self.count += count;
        while self.count >= 7 {
            self.count -= 7;
            self.words.push((self.pending >> self.count) as u8);
            self.pending &= (1 << self.count) - 1;
        }
    }

    /// The codewords, the last one filled with zero bits.
    pub(super) fn into_words(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 7 - self.count);
        }
        self.words
    }
}

/// Reads bits from codewords.
pub(super) struct BitReader<'a> {
    words: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Starts at the first bit of `words`, each below 128.
    pub(super) fn new(words: &'a [u8]) -> Self {
        BitReader { words, at: 0 }
    }

    /// The next `count` bits (at most 20), or `None` without moving if fewer are left.
    pub(super) fn take(&mut self, count: usize) -> Option<u32> {
        let value = self.peek(count)?;
        self.at += count;
        Some(value)
    }

    /// The next `count` bits (at most 20) without moving on.
    pub(super) fn peek(&self, count: usize) -> Option<u32> {
        let end = self.at + count;
        if end > self.words.len() * 7 {
            return None;
        }
        let bit = |at: usize| u32::from(self.words[at / 7] >> (6 - at % 7) & 1);
        Some((self.at..end).fold(0, |value, at| value << 1 | bit(at)))
    }
}
