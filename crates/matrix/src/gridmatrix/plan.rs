//! The shortest way through the modes (the task of GB/T 27766 annex B), by dynamic programming.
//!
//! For every position of the text and every mode the table holds the cheapest way to arrive there. It is exact but
//! for byte runs beyond 512 bytes, where two ways of equal cost are told apart by their first arrival only.

use super::charset::Unit;
use super::mode::{BLOCK_BYTES, MARKS, Mode, control};

/// One code of a mode: it carries `units[start..end]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The mode that carries the units.
    pub(super) mode: Mode,
    /// First unit.
    pub(super) start: usize,
    /// Behind the last unit.
    pub(super) end: usize,
}

/// A way to write a text.
pub(super) struct Plan {
    /// The codes in order.
    pub(super) steps: Vec<Step>,
    /// Bits of all codes, mode changes and the end of data.
    pub(super) bits: usize,
}

/// The modes, and numeral mode after a group of less than three digits, which must be its last.
const LANES: usize = Mode::ALL.len() + 1;
const PARTIAL: usize = Mode::ALL.len();

/// Cost of what cannot be; a sum of two still fits.
const NEVER: u32 = u32::MAX / 2;

/// Cost of going on in a mode, coming from a lane: the code between them and what opens the new mode.
const CHANGE: [[u32; Mode::ALL.len()]; LANES] = {
    let mut table = [[0; Mode::ALL.len()]; LANES];
    let mut lane = 0;
    while lane < LANES {
        let from = lane_mode(lane);
        let mut to = 0;
        while to < Mode::ALL.len() {
            let mode = Mode::ALL[to];
            table[lane][to] = if lane == to {
                0
            } else if from as usize == to {
                NEVER
            } else {
                from.switch(mode).1 + mode.prefix_bits()
            };
            to += 1;
        }
        lane += 1;
    }
    table
};

/// The mode of a lane.
const fn lane_mode(lane: usize) -> Mode {
    if lane == PARTIAL { Mode::Numeral } else { Mode::ALL[lane] }
}

/// The cheapest way to have written everything before a position and to stand in a lane.
#[derive(Clone, Copy)]
struct Arrival {
    cost: u32,
    /// Units of the last step.
    length: u8,
    /// Lane before the last step.
    from: u8,
    /// Bytes of the current byte run.
    run: u16,
}

/// Finds the cheapest plan; `units` is not empty.
pub(super) fn plan(units: &[Unit]) -> Plan {
    let nowhere = Arrival { cost: NEVER, length: 0, from: 0, run: 0 };
    let mut table = vec![[nowhere; LANES]; units.len() + 1];
    for at in 0..units.len() {
        for (index, mode) in Mode::ALL.into_iter().enumerate() {
            let (cost, from) = entry(&table[at], at, index);
            let stays = usize::from(from) == index && at > 0;
            let run = if stays { table[at][index].run } else { 0 };
            each_step(mode, &units[at..], |step| {
                let (bits, run) = match mode {
                    Mode::Byte => byte_bits(run, step.bits),
                    _ => (step.bits, 0),
                };
                let lane = if step.partial { PARTIAL } else { index };
                let arrival = Arrival { cost: cost + bits, length: step.length as u8, from, run };
                let best = &mut table[at + step.length][lane];
                if arrival.cost < best.cost {
                    *best = arrival;
                }
            });
        }
    }
    trace(&table)
}

/// The cheapest way to stand in mode `index` before position `at`, and the lane it comes from.
fn entry(here: &[Arrival; LANES], at: usize, index: usize) -> (u32, u8) {
    if at == 0 {
        let mode = Mode::ALL[index];
        return (Mode::start(mode).1 + mode.prefix_bits(), index as u8);
    }
    let mut best = (NEVER, 0);
    for (lane, arrival) in here.iter().enumerate() {
        let cost = arrival.cost.saturating_add(CHANGE[lane][index]).min(NEVER);
        if cost < best.0 {
            best = (cost, lane as u8);
        }
    }
    best
}

/// Bits that `bits` more bits of bytes take after a run of `run` bytes, and the new run.
fn byte_bits(run: u16, bits: u32) -> (u32, u16) {
    let longer = run + (bits / 8) as u16;
    let blocks = |bytes: u16| usize::from(bytes).div_ceil(BLOCK_BYTES).max(1);
    // A further block opens with its own code and count.
    let opened = (blocks(longer) - blocks(run)) as u32;
    (bits + opened * (4 + Mode::Byte.prefix_bits()), longer)
}

/// Follows the table back from the cheapest end of data.
fn trace(table: &[[Arrival; LANES]]) -> Plan {
    let end = table.len() - 1;
    let total = |lane: usize| table[end][lane].cost.saturating_add(lane_mode(lane).end().1);
    let mut lane = (0..LANES).min_by_key(|&lane| total(lane)).unwrap_or(0);
    let bits = total(lane) as usize;
    let mut steps = Vec::new();
    let mut at = end;
    while at > 0 {
        let arrival = table[at][lane];
        let start = at - usize::from(arrival.length);
        steps.push(Step { mode: lane_mode(lane), start, end: at });
        (at, lane) = (start, usize::from(arrival.from));
    }
    steps.reverse();
    Plan { steps, bits }
}

/// A code that a mode can write at a position.
struct Choice {
    /// Units it carries.
    length: usize,
    /// Its bits.
    bits: u32,
    /// A numeral group of less than three digits.
    partial: bool,
}

/// Calls `found` with every code that `mode` can write at the start of `rest`, which is not empty.
fn each_step(mode: Mode, rest: &[Unit], mut found: impl FnMut(Choice)) {
    let mut whole = |length, bits| found(Choice { length, bits, partial: false });
    let Some(byte) = rest[0].byte() else {
        // Letters and digits cannot carry a GB 2312 character.
        match mode {
            Mode::Chinese => whole(1, 13),
            Mode::Byte => whole(1, 16),
            _ => {}
        }
        return;
    };
    match mode {
        Mode::Byte => whole(1, 8),
        Mode::Chinese => {
            whole(1, 13);
            if chinese_pair(rest) {
                whole(2, 13);
            }
        }
        Mode::Numeral => numeral_groups(rest, found),
        Mode::Lower | Mode::Upper | Mode::Mixed => {
            let letter_bits = if mode == Mode::Mixed { 6 } else { 5 };
            if mode.letter(byte).is_some() {
                whole(1, letter_bits);
            } else if let (Some(_), Some((_, shift_bits))) = (control(byte), mode.shift()) {
                whole(1, shift_bits + 6);
            }
        }
    }
}

/// Whether Chinese mode has one code for the two bytes at the start: two digits or an end of line.
pub(super) fn chinese_pair(rest: &[Unit]) -> bool {
    match rest {
        [Unit::Byte(a), Unit::Byte(b), ..] => {
            (a.is_ascii_digit() && b.is_ascii_digit()) || (*a, *b) == (b'\r', b'\n')
        }
        _ => false,
    }
}

/// The mark of numeral mode at the start: its number and its units.
pub(super) fn mark(rest: &[Unit]) -> Option<(usize, usize)> {
    let starts = |mark: &[u8]| {
        rest.len() >= mark.len() && mark.iter().zip(rest).all(|(&byte, unit)| unit.byte() == Some(byte))
    };
    MARKS.iter().position(|mark| starts(mark)).map(|number| (number, MARKS[number].len()))
}

/// Groups of one to three digits with at most one mark, which stands before one of them.
///
/// A mark behind the last digit is left to the next group or mode: readers differ on whether it survives the filler.
fn numeral_groups(rest: &[Unit], mut found: impl FnMut(Choice)) {
    let (mut at, mut digits, mut bits) = (0, 0, 10);
    while digits < 3 && at < rest.len() {
        if matches!(rest[at].byte(), Some(byte) if byte.is_ascii_digit()) {
            (at, digits) = (at + 1, digits + 1);
            found(Choice { length: at, bits, partial: digits < 3 });
        } else if let (Some((_, length)), 10) = (mark(&rest[at..]), bits) {
            (at, bits) = (at + length, 20);
        } else {
            return;
        }
    }
}
