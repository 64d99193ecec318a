//! The sfnt wrapper (OpenType "Organization of an OpenType Font"): table directory and checksums.

/// Bytes of the header and of one directory entry.
const HEADER: usize = 12;
const ENTRY: usize = 16;
/// What the sum over the whole file has to come to.
const MAGIC_SUM: u32 = 0xB1B0_AFBA;

/// Writes tables one after another into one buffer, and the directory in front of them at the end.
pub(crate) struct SfntWriter {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    tag: [u8; 4],
    checksum: u32,
    offset: usize,
    length: usize,
}

impl SfntWriter {
    /// `tables`: how many will be written; `capacity`: expected length of them all.
    pub(crate) fn new(tables: usize, capacity: usize) -> Self {
        let front = HEADER + tables * ENTRY;
        let mut bytes = Vec::with_capacity(front + capacity);
        bytes.resize(front, 0);
        Self { bytes, entries: Vec::with_capacity(tables) }
    }

    /// Appends a table; call in ascending order of tags, which the directory requires.
    pub(crate) fn table(&mut self, tag: &[u8; 4], write: impl FnOnce(&mut Vec<u8>)) {
        let offset = self.bytes.len();
        write(&mut self.bytes);
        let length = self.bytes.len() - offset;
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let checksum = checksum(&self.bytes[offset..]);
        self.entries.push(Entry { tag: *tag, checksum, offset, length });
    }

    /// Fills in the directory and `head.checkSumAdjustment` and hands the file over.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let mut front = Vec::with_capacity(HEADER + self.entries.len() * ENTRY);
        // At most a dozen tables: every number here is small.
        let count = self.entries.len() as u16;
        let selector = count.ilog2() as u16;
        front.extend_from_slice(&0x0001_0000_u32.to_be_bytes());
        for number in [count, 16 << selector, selector, (count - (1 << selector)) * 16] {
            front.extend_from_slice(&number.to_be_bytes());
        }
        let mut head = None;
        for entry in &self.entries {
            front.extend_from_slice(&entry.tag);
            for number in [entry.checksum, entry.offset as u32, entry.length as u32] {
                front.extend_from_slice(&number.to_be_bytes());
            }
            if &entry.tag == b"head" {
                head = Some(entry.offset);
            }
        }
        self.bytes[..front.len()].copy_from_slice(&front);
        // Every part is a whole number of words, so the file's sum is the sum of theirs.
        let total = self.entries.iter().fold(checksum(&front), |sum, entry| sum.wrapping_add(entry.checksum));
        if let Some(offset) = head {
            let adjustment = MAGIC_SUM.wrapping_sub(total).to_be_bytes();
            self.bytes[offset + 8..offset + 12].copy_from_slice(&adjustment);
        }
        self.bytes
    }
}

/// Wrapping sum of big-endian words; `bytes` is padded to whole words by the caller.
fn checksum(bytes: &[u8]) -> u32 {
    bytes
        .chunks_exact(4)
        .fold(0, |sum: u32, w| sum.wrapping_add(u32::from_be_bytes([w[0], w[1], w[2], w[3]])))
}
