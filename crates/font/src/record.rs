//! Packs contours into a simple-glyph record (OpenType `glyf` table, "Simple Glyph Description").

use crate::contour::{Knot, contours};
use crate::outline::Outline;

const ON_CURVE: u8 = 0x01;
const X_SHORT: u8 = 0x02;
const Y_SHORT: u8 = 0x04;
const REPEAT: u8 = 0x08;
/// With a short x: it is positive. Without: x is as before.
const X_SAME_OR_POSITIVE: u8 = 0x10;
/// The same for y.
const Y_SAME_OR_POSITIVE: u8 = 0x20;
/// The specification's bound for coordinates; it also keeps every step within `i16`.
const COORDINATE_LIMIT: i32 = 16383;

/// A glyph ready to be copied into any subset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct GlyphRecord {
    /// The `glyf` record, padded to an even length; empty for a blank glyph.
    pub(crate) bytes: Vec<u8>,
    /// Advance width, 1/1000 em.
    pub(crate) advance: u16,
    /// `[xMin, yMin, xMax, yMax]` of all points; zeros for a blank glyph. The bearing is `xMin`.
    pub(crate) bbox: [i16; 4],
    pub(crate) points: u16,
    pub(crate) contours: u16,
}

impl GlyphRecord {
    /// Builds the record; `None` when the outline exceeds what the format can hold.
    pub(crate) fn new(outline: &Outline, advance: u16) -> Option<Self> {
        let contours = contours(outline);
        if contours.is_empty() {
            return Some(Self { advance, ..Self::default() });
        }
        let knots: Vec<Knot> = contours.iter().flatten().copied().collect();
        let mut record = Self {
            bytes: Vec::with_capacity(16 + knots.len() * 4),
            advance,
            bbox: bounds(&knots)?,
            points: u16::try_from(knots.len()).ok()?,
            contours: u16::try_from(contours.len()).ok().filter(|&n| n <= 0x7FFF)?,
        };
        record.head(&contours);
        record.points(&knots);
        if record.bytes.len() % 2 == 1 {
            record.bytes.push(0);
        }
        Some(record)
    }

    /// Contour count, box, last point of each contour, no instructions.
    fn head(&mut self, contours: &[Vec<Knot>]) {
        self.bytes.extend_from_slice(&self.contours.to_be_bytes());
        for side in self.bbox {
            self.bytes.extend_from_slice(&side.to_be_bytes());
        }
        let mut count = 0;
        for contour in contours {
            // The sum was checked to fit `u16` in `new`.
            count += contour.len() as u16;
            self.bytes.extend_from_slice(&(count - 1).to_be_bytes());
        }
        self.bytes.extend_from_slice(&[0, 0]);
    }

    /// Flags with runs folded, then all x steps, then all y steps.
    fn points(&mut self, knots: &[Knot]) {
        let (mut xs, mut ys) = (Vec::with_capacity(knots.len()), Vec::with_capacity(knots.len()));
        let (mut x, mut y) = (0, 0);
        let mut run: Option<(u8, u8)> = None;
        for knot in knots {
            let flag = if knot.on { ON_CURVE } else { 0 }
                | step(knot.x - x, X_SHORT, X_SAME_OR_POSITIVE, &mut xs)
                | step(knot.y - y, Y_SHORT, Y_SAME_OR_POSITIVE, &mut ys);
            (x, y) = (knot.x, knot.y);
            run = match run {
                Some((same, times)) if same == flag && times < u8::MAX => Some((flag, times + 1)),
                ended => {
                    self.flags(ended);
                    Some((flag, 0))
                }
            };
        }
        self.flags(run);
        self.bytes.append(&mut xs);
        self.bytes.append(&mut ys);
    }

    /// Writes a flag and how often it comes again; one repetition is as short written out.
    fn flags(&mut self, run: Option<(u8, u8)>) {
        match run {
            None => {}
            Some((flag, 0)) => self.bytes.push(flag),
            Some((flag, times)) => self.bytes.extend_from_slice(&[flag | REPEAT, times]),
        }
    }
}

/// Writes one coordinate step in its shortest form and answers the flag bits that say which.
fn step(delta: i32, short: u8, same_or_positive: u8, out: &mut Vec<u8>) -> u8 {
    match delta {
        0 => same_or_positive,
        1..=255 => {
            out.push(delta as u8);
            short | same_or_positive
        }
        -255..=-1 => {
            out.push(-delta as u8);
            short
        }
        _ => {
            // Within `i16`: both ends are within COORDINATE_LIMIT.
            out.extend_from_slice(&(delta as i16).to_be_bytes());
            0
        }
    }
}

fn bounds(knots: &[Knot]) -> Option<[i16; 4]> {
    let mut bbox = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
    for knot in knots {
        bbox[0] = bbox[0].min(knot.x);
        bbox[1] = bbox[1].min(knot.y);
        bbox[2] = bbox[2].max(knot.x);
        bbox[3] = bbox[3].max(knot.y);
    }
    let fits = bbox.iter().all(|side| side.abs() <= COORDINATE_LIMIT);
    fits.then(|| bbox.map(|side| side as i16))
}
