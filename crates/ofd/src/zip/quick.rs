//! Deflate in one block of the fixed codes (RFC 1951 §3.2.6), for the small XML files of each certificate.
//!
//! A general deflater clears 128 KB of tables before every file, which takes longer than packing 3 KB. This one keeps its
//! small table from file to file: places count on, so that those of earlier files are out of reach.

/// Entries of the table, as a power of two.
const HASH_BITS: u32 = 13;
/// Shortest match that is looked for; deflate allows 3.
const LEAST_MATCH: usize = 4;
/// Longest match and longest distance of deflate (§3.2.5).
const MOST_MATCH: usize = 258;
const MOST_DISTANCE: u32 = 32_768;

/// The table of places, kept between files.
#[derive(Debug)]
pub(super) struct Quick {
    places: Vec<u32>,
    /// Place of the first byte of the next file.
    base: u32,
}

impl Quick {
    pub fn new() -> Self {
        Self { places: vec![0; 1 << HASH_BITS], base: MOST_DISTANCE + 1 }
    }

    /// Appends the deflated `bytes` to `out`.
    pub fn deflate(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        // Counting on would wrap after 4 GiB: one clearing is cheap then. Longer files are cut by the format's own limit.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if self.base.checked_add(length).and_then(|end| end.checked_add(MOST_DISTANCE + 1)).is_none() {
            *self = Self::new();
        }
        let mut writer = Writer { out, bits: 0, count: 0 };
        // Last block, fixed codes.
        writer.put(0b011, 3);
        let mut at = 0;
        while let Some(four) = four(bytes, at) {
            let slot = (four.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize;
            let place = self.base.wrapping_add(at as u32);
            let distance = place.wrapping_sub(std::mem::replace(&mut self.places[slot], place));
            let reach = distance as usize;
            let matched =
                if distance <= MOST_DISTANCE && reach <= at { alike(bytes, at - reach, at) } else { 0 };
            if matched < LEAST_MATCH {
                writer.literal(bytes[at]);
                at += 1;
            } else {
                writer.copy(matched, reach);
                at += matched;
            }
        }
        bytes[at..].iter().for_each(|byte| writer.literal(*byte));
        writer.finish();
        // The next file's first byte is farther than any distance from this one's last.
        self.base = self.base.wrapping_add(length).wrapping_add(MOST_DISTANCE + 1);
    }
}

fn four(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

/// Bytes that are the same from `from` and from `at` on, at most [`MOST_MATCH`].
fn alike(bytes: &[u8], from: usize, at: usize) -> usize {
    let most = MOST_MATCH.min(bytes.len() - at);
    let (old, new) = (&bytes[from..from + most], &bytes[at..at + most]);
    let mut matched = 0;
    for (a, b) in old.chunks_exact(8).zip(new.chunks_exact(8)) {
        let word = |part: &[u8]| part.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        let differs = word(a) ^ word(b);
        if differs != 0 {
            return matched + differs.trailing_zeros() as usize / 8;
        }
        matched += 8;
    }
    matched + old[matched..].iter().zip(&new[matched..]).take_while(|(a, b)| a == b).count()
}

/// Bits, lowest first (§3.1.1).
struct Writer<'a> {
    out: &'a mut Vec<u8>,
    bits: u64,
    count: u32,
}

impl Writer<'_> {
    /// Appends at most 32 bits.
    fn put(&mut self, bits: u32, count: u32) {
        self.bits |= u64::from(bits) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.bits as u32).to_le_bytes());
            self.bits >>= 32;
            self.count -= 32;
        }
    }

    fn literal(&mut self, byte: u8) {
        let (code, count) = CODES[usize::from(byte)];
        self.put(code.into(), count.into());
    }

    /// A match of 3 to 258 bytes, 1 to 32,768 bytes back.
    fn copy(&mut self, length: usize, distance: usize) {
        let (code, count) = LENGTHS[length - 3];
        self.put(code, count.into());
        let value = distance as u32 - 1;
        let extra_bits = value.max(2).ilog2() - 1;
        let symbol = if value < 4 { value } else { 2 * extra_bits + (value >> extra_bits) };
        let extra = if value < 4 { (0, 0) } else { (value & ((1 << extra_bits) - 1), extra_bits) };
        self.put(symbol.reverse_bits() >> 27 | extra.0 << 5, 5 + extra.1);
    }

    /// Ends the block and fills the last byte.
    fn finish(mut self) {
        let (code, count) = CODES[256];
        self.put(code.into(), count.into());
        let bytes = self.count.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.bits.to_le_bytes()[..bytes]);
    }
}

/// The fixed literal and length codes (§3.2.6), in the order of writing.
const CODES: [(u16, u8); 288] = {
    let mut table = [(0, 0); 288];
    let mut symbol = 0;
    while symbol < 288 {
        let (code, count) = match symbol {
            0..=143 => (0x30 + symbol, 8),
            144..=255 => (0x190 + symbol - 144, 9),
            256..=279 => (symbol - 256, 7),
            _ => (0xC0 + symbol - 280, 8),
        };
        table[symbol] = ((code as u16).reverse_bits() >> (16 - count), count as u8);
        symbol += 1;
    }
    table
};

/// Code and extra bits of each length from 3 on (§3.2.5).
const LENGTHS: [(u32, u8); MOST_MATCH - 2] = {
    let mut table = [(0, 0); MOST_MATCH - 2];
    let mut value = 0;
    while value < table.len() {
        let (symbol, extra, extra_bits) = if value == 255 {
            (285, 0, 0)
        } else if value < 8 {
            (257 + value, 0, 0)
        } else {
            let extra_bits = value.ilog2() - 2;
            (
                257 + 4 * extra_bits as usize + (value >> extra_bits),
                value & ((1 << extra_bits) - 1),
                extra_bits,
            )
        };
        let (code, count) = CODES[symbol];
        table[value] = (code as u32 | (extra as u32) << count, count + extra_bits as u8);
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::zip::inflate::inflate;

    fn packed(quick: &mut Quick, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        quick.deflate(bytes, &mut out);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn files_read_back_one_after_the_other(
            files in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec!["<a b=\"1\">", "ofd", "路", "0", "\u{0}", "xyz\u{ff}"]), 0..400),
                1..5,
            ),
        ) {
            let mut quick = Quick::new();
            for file in files {
                let bytes = file.concat().into_bytes();
                let data = packed(&mut quick, &bytes);
                prop_assert_eq!(inflate("x", &data, bytes.len()).expect("inflates"), bytes);
            }
        }

        #[test]
        fn any_bytes_read_back(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let data = packed(&mut Quick::new(), &bytes);
            prop_assert_eq!(inflate("x", &data, bytes.len()).expect("inflates"), bytes);
        }
    }

    #[test]
    fn every_length_and_far_distances_read_back() {
        let mut quick = Quick::new();
        for length in 4..=600 {
            let mut bytes = b"abcdefgh".repeat(length / 8 + 1)[..length].to_vec();
            bytes.extend((0..40_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
            bytes.extend_from_slice(b"abcdefghabcdefgh");
            let data = packed(&mut quick, &bytes);
            assert_eq!(inflate("x", &data, bytes.len()).expect("inflates"), bytes, "{length}");
        }
    }

    #[test]
    fn the_same_file_packs_to_the_same_bytes_whatever_came_before() {
        let xml = "<ofd:Page><ofd:Text>车辆</ofd:Text></ofd:Page>".repeat(30);
        let mut quick = Quick::new();
        let first = packed(&mut quick, xml.as_bytes());
        packed(&mut quick, b"<ofd:Page><ofd:Text>something else</ofd:Text>");
        assert_eq!(packed(&mut quick, xml.as_bytes()), first);
        assert!(first.len() * 8 < xml.len(), "{} of {}", first.len(), xml.len());
    }

    #[test]
    fn places_that_would_wrap_start_anew() {
        let mut quick = Quick::new();
        quick.base = u32::MAX - 100;
        let bytes = b"wrap wrap wrap wrap ".repeat(20);
        let data = packed(&mut quick, &bytes);
        assert_eq!(inflate("x", &data, bytes.len()).expect("inflates"), bytes);
        assert!(quick.base < 1 << 20);
    }
}
