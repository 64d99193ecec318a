//! Is a baseline JPEG whole? Every block of it is walked through, but no pixel is made of it (ITU-T T.81).
//!
//! Says yes only to what the full decoder takes too; whatever is unusual, and whatever looks damaged, is left to that one.

mod huffman;
mod scan;

use super::LARGEST;

const DQT: u8 = 0xDB;
const DHT: u8 = 0xC4;
const SOF0: u8 = 0xC0;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const COMMENT: u8 = 0xFE;

/// Quantisation tables have numbers 0 to 3 (B.2.4.1).
const TABLES: usize = 4;

/// Width and height of a JPEG that is whole to its last block; `None` when that is not certain.
pub(super) fn whole(bytes: &[u8]) -> Option<(usize, usize)> {
    // The end marker follows the data at once: what stood between would be looked at by nobody.
    let body = bytes.strip_prefix(&[0xFF, 0xD8])?.strip_suffix(&[0xFF, 0xD9])?;
    let (headers, data) = Headers::read(body)?;
    let frame = headers.frame?;
    let codes = huffman::codes(&headers.codes, &headers.choices)?;
    scan::is_whole(&frame, &codes, data).then_some((frame.width, frame.height))
}

/// Width and height from the headers of a plain JPEG.
pub(super) fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    let frame = Headers::read(bytes.strip_prefix(&[0xFF, 0xD8])?)?.0.frame?;
    Some((frame.width, frame.height))
}

/// SOF0: the picture's size and the blocks of each component in one MCU.
struct Frame {
    width: usize,
    height: usize,
    components: Vec<Component>,
}

struct Component {
    id: u8,
    quantisation: u8,
    across: usize,
    down: usize,
}

/// What stands before the data of the only scan.
#[derive(Default)]
struct Headers<'a> {
    quantisation: [bool; TABLES],
    frame: Option<Frame>,
    /// Contents of the DHT segments in their order.
    codes: Vec<&'a [u8]>,
    /// DC table (upper half) and AC table of each component.
    choices: Vec<u8>,
}

impl<'a> Headers<'a> {
    /// The headers, and the data behind them.
    fn read(mut rest: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut headers = Self::default();
        loop {
            let [0xFF, marker, high, low, behind @ ..] = rest else { return None };
            let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
            let (segment, behind) = behind.split_at_checked(length)?;
            rest = behind;
            match *marker {
                // JFIF's own data and comments change nothing in the picture.
                APP0 | COMMENT => {}
                DQT => headers.quantisation(segment)?,
                DHT => headers.codes.push(segment),
                SOF0 if headers.frame.is_none() => headers.frame = Some(frame(segment)?),
                SOS => {
                    headers.choices = headers.scan(segment)?;
                    return Some((headers, rest));
                }
                // Exif, profiles, restarts, progressive and arithmetic pictures: the decoder knows them.
                _ => return None,
            }
        }
    }

    /// B.2.4.1: tables of 64 values of 8 bits.
    fn quantisation(&mut self, segment: &[u8]) -> Option<()> {
        let tables = segment.chunks(65);
        for table in tables {
            // The upper half of the first byte is the precision, 0 for 8 bits.
            let defined = self.quantisation.get_mut(usize::from(table[0]))?;
            *defined = table.len() == 65;
            defined.then_some(())?;
        }
        Some(())
    }

    /// B.2.3: all components, in the frame's order, whole blocks, with tables that are there.
    fn scan(&self, segment: &[u8]) -> Option<Vec<u8>> {
        let components = &self.frame.as_ref()?.components;
        let (count, rest) = segment.split_first()?;
        let (list, spectrum) = rest.split_at_checked(2 * components.len())?;
        if usize::from(*count) != components.len() || spectrum != [0, 63, 0] {
            return None;
        }
        let choice = |(component, entry): (&Component, &[u8])| {
            let known = *self.quantisation.get(usize::from(component.quantisation))?;
            (known && entry[0] == component.id).then_some(entry[1])
        };
        components.iter().zip(list.chunks_exact(2)).map(choice).collect()
    }
}

/// B.2.2: 8 bits; one component, or three of which only the first may have more blocks than one.
fn frame(segment: &[u8]) -> Option<Frame> {
    let [8, h1, h0, w1, w0, count, list @ ..] = segment else { return None };
    let (height, width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
    let mut components: Vec<Component> = Vec::new();
    for entry in list.chunks(3) {
        let [id, sampling, quantisation] = *entry else { return None };
        let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
        let most = if components.is_empty() && *count == 3 { 1..=2 } else { 1..=1 };
        let fits = most.contains(&across) && most.contains(&down);
        if !fits || components.iter().any(|one| one.id == id) {
            return None;
        }
        components.push(Component { id, quantisation, across, down });
    }
    let (width, height) = (usize::from(width), usize::from(height));
    let size = (1..=LARGEST).contains(&width) && (1..=LARGEST).contains(&height);
    let counted = matches!(count, 1 | 3) && components.len() == usize::from(*count);
    (size && counted).then_some(Frame { width, height, components })
}
