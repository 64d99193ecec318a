//! Huffman codes of a JPEG (T.81 annex C), in tables that step over several values at once.
//!
//! Who wants no pixels needs no values: only how many bits a value takes and how far it leads in its block.

use std::cell::RefCell;
use std::rc::Rc;

/// Bits that are looked at in one step.
const AHEAD: u32 = 12;
/// Longest code (C.2).
const LONGEST: usize = 16;
/// Most extra bits of a DC difference and of an AC value at 8 bits (F.1.2.1, F.1.2.2).
const MOST_DC: u8 = 11;
const MOST_AC: u8 = 10;
/// Places of a block.
pub(super) const BLOCK: u32 = 64;
/// DC tables and AC tables have numbers 0 to 3 (B.2.4.2).
const TABLES: usize = 4;
/// Sets of codes kept by a thread: most cameras and programs write the ones of annex K.
const KEPT: usize = 4;

/// What the next bits mean to their block, in as few bytes as fit: the tables must stay in the processor's first cache.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Step(u16);

impl Step {
    fn new(bits: u32, places: u32, end: bool) -> Self {
        // At most 16 + 11 bits and 64 places.
        Self((places as u16) << 6 | u16::from(end) << 5 | bits as u16)
    }

    /// Bits of all values together, extra bits included; 0 when not even one is whole in the table's window.
    pub fn bits(self) -> u32 {
        u32::from(self.0 & 31)
    }

    /// Places of the block that they take.
    pub fn places(self) -> u32 {
        u32::from(self.0 >> 6)
    }

    /// The last of them ends the block.
    pub fn ends(self) -> bool {
        self.0 & 32 != 0
    }

    fn then(self, next: Self) -> Self {
        Self::new(self.bits() + next.bits(), self.places() + next.places(), next.ends())
    }
}

/// The codes of a component's blocks.
pub(super) struct BlockCode {
    dc: Rc<Code>,
    ac: Rc<Code>,
    /// The DC value and the AC values that follow it, by window.
    first: Vec<Step>,
    /// AC values by window.
    more: Vec<Step>,
}

/// One code.
struct Code {
    /// First code, number of codes and place of the first value, by length.
    lengths: [(u32, u32, usize); LONGEST + 1],
    values: Vec<u8>,
    is_dc: bool,
}

type Codes = Rc<[Rc<BlockCode>]>;

thread_local! {
    static KNOWN: RefCell<Vec<(Vec<u8>, Codes)>> = const { RefCell::new(Vec::new()) };
}

/// The codes of each component from the contents of the DHT segments and the components' choices (DC number in the upper
/// half, AC number in the lower); made anew unless the very same were met lately.
pub(super) fn codes(segments: &[&[u8]], choices: &[u8]) -> Option<Codes> {
    let key = [choices, &segments.concat()].concat();
    let found = KNOWN.with_borrow(|known| Some(Rc::clone(&known.iter().find(|(one, _)| *one == key)?.1)));
    if found.is_some() {
        return found;
    }
    let codes = Tables::read(&key[choices.len()..])?.chosen(choices)?;
    KNOWN.with_borrow_mut(|known| {
        known.truncate(KEPT - 1);
        known.insert(0, (key, Rc::clone(&codes)));
    });
    Some(codes)
}

/// All codes of a picture by number.
#[derive(Default)]
struct Tables {
    dc: [Option<Rc<Code>>; TABLES],
    ac: [Option<Rc<Code>>; TABLES],
}

impl Tables {
    /// B.2.4.2; a later definition replaces an earlier one, as in a decoder.
    fn read(mut rest: &[u8]) -> Option<Self> {
        let mut tables = Self::default();
        while let Some((head, behind)) = rest.split_first() {
            let (counts, behind) = behind.split_at_checked(LONGEST)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, behind) = behind.split_at_checked(total)?;
            let class = match head >> 4 {
                0 => &mut tables.dc,
                1 => &mut tables.ac,
                _ => return None,
            };
            *class.get_mut(usize::from(head & 15))? =
                Some(Rc::new(Code::new(counts, values, head >> 4 == 0)?));
            rest = behind;
        }
        Some(tables)
    }

    fn chosen(&self, choices: &[u8]) -> Option<Codes> {
        let mut codes: Vec<Rc<BlockCode>> = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            // Both colours use the same codes as a rule.
            let code = match choices[..index].iter().position(|before| before == choice) {
                Some(before) => Rc::clone(&codes[before]),
                None => {
                    let dc = self.dc.get(usize::from(choice >> 4))?.as_ref()?;
                    let ac = self.ac.get(usize::from(choice & 15))?.as_ref()?;
                    Rc::new(BlockCode::new(dc, ac))
                }
            };
            codes.push(code);
        }
        Some(codes.into())
    }
}

impl BlockCode {
    fn new(dc: &Rc<Code>, ac: &Rc<Code>) -> Self {
        let (one_dc, one_ac) = (dc.single(), ac.single());
        let windows = 0..one_ac.len();
        let first = windows.clone().map(|window| joined(one_dc[window], window, &one_ac)).collect();
        let more = windows.map(|window| joined(one_ac[window], window, &one_ac)).collect();
        Self { dc: Rc::clone(dc), ac: Rc::clone(ac), first, more }
    }

    /// The DC value at the front of `window`, whose highest bits come first, and what AC values follow at once.
    pub fn first(&self, window: u64) -> Option<Step> {
        match self.first.get((window >> (64 - AHEAD)) as usize) {
            Some(step) if step.bits() > 0 => Some(*step),
            _ => self.dc.one(window),
        }
    }

    /// The next AC value or values; several of them take no more than `room` places.
    pub fn more(&self, window: u64, room: u32) -> Option<Step> {
        let step = *self.more.get((window >> (64 - AHEAD)) as usize)?;
        // What lies beyond the block, or would end a block that is full, belongs to the next block.
        let beyond = step.places() + u32::from(step.ends()) > room;
        if step.bits() == 0 || (beyond && step.places() > 0) { self.ac.one(window) } else { Some(step) }
    }
}

/// `first` and all whole values behind it in its window, to the end of the block.
fn joined(first: Step, window: usize, single: &[Step]) -> Step {
    let mut sum = first;
    while sum.bits() > 0 && !sum.ends() {
        let next = single[(window << sum.bits()) & (single.len() - 1)];
        let fits = sum.bits() + next.bits() <= AHEAD
            && sum.places() + next.places() + u32::from(next.ends()) <= BLOCK;
        if next.bits() == 0 || !fits {
            break;
        }
        sum = sum.then(next);
    }
    sum
}

impl Code {
    fn new(counts: &[u8], values: &[u8], is_dc: bool) -> Option<Self> {
        let allowed = |value: &u8| if is_dc { *value <= MOST_DC } else { value & 15 <= MOST_AC };
        if values.len() > 256 || !values.iter().all(allowed) {
            return None;
        }
        let mut lengths = [(0, 0, 0); LONGEST + 1];
        let (mut first, mut place) = (0u32, 0usize);
        for (length, count) in (1..).zip(counts) {
            let count = u32::from(*count);
            lengths[length] = (first, count, place);
            // C.2: more codes than there are of this length would share their bits with others.
            if first + count > 1 << length {
                return None;
            }
            first = (first + count) << 1;
            place += count as usize;
        }
        Some(Self { lengths, values: values.to_vec(), is_dc })
    }

    /// The next value alone.
    fn one(&self, window: u64) -> Option<Step> {
        for length in 1..=LONGEST {
            let (first, count, place) = self.lengths[length];
            let code = (window >> (64 - length)) as u32;
            if let Some(index) = code.checked_sub(first).filter(|index| *index < count) {
                return Some(self.step(length, *self.values.get(place + index as usize)?));
            }
        }
        None
    }

    fn step(&self, length: usize, value: u8) -> Step {
        let (run, size) = (value >> 4, value & 15);
        // F.1.2.2: run 15 without a value is sixteen zeros, any other run without a value ends the block.
        let end = !self.is_dc && size == 0 && run != 15;
        let places = if end { 0 } else { u32::from(run) + 1 };
        Step::new(length as u32 + u32::from(size), places, end)
    }

    /// The first value of every window that holds one whole.
    fn single(&self) -> Vec<Step> {
        let mut steps = vec![Step::default(); 1 << AHEAD];
        for length in 1..=AHEAD as usize {
            let (first, count, place) = self.lengths[length];
            for (code, value) in (first as usize..).zip(&self.values[place..place + count as usize]) {
                let step = self.step(length, *value);
                let windows = AHEAD as usize - length;
                if step.bits() <= AHEAD {
                    steps[code << windows..(code + 1) << windows].fill(step);
                }
            }
        }
        steps
    }
}
