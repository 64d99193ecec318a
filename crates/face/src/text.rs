//! Line breaking and fitting: Chinese text in a box, smaller before it is broken, refused before it vanishes.

use font::GlyphCache;

/// Height of a line in multiples of the size.
pub(crate) const LEADING: f32 = 1.36;
/// Where the base line stands below the top of the em box, in multiples of the size.
pub(crate) const ASCENT: f32 = 0.88;

/// A piece of text on one line, with the advance of each character in mm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub text: String,
    pub advances: Vec<f32>,
}

impl Run {
    pub fn width(&self) -> f32 {
        self.advances.iter().sum()
    }
}

/// Text that fits: its size and its lines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fitted {
    pub size: f32,
    pub lines: Vec<Run>,
}

/// Why text does not stand in its box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    Missing(Vec<char>),
    TooLong(usize),
}

/// What a box allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoxSpec {
    pub width: f32,
    pub height: f32,
    pub size: f32,
    pub min: f32,
    pub lines: usize,
}

/// Fits text into a box: one line at full size, then more lines, then smaller.
pub(crate) fn fit(text: &str, font: &GlyphCache, spec: BoxSpec) -> Result<Fitted, Misfit> {
    let units = advances(text, font)?;
    let chars: Vec<char> = text.chars().collect();
    let mut size = spec.size;
    loop {
        let room = ((spec.height / (size * LEADING) + 0.02) as usize).clamp(1, spec.lines);
        let per_line = spec.width / size;
        if let Some(lines) = break_lines(&chars, &units, per_line, room) {
            let lines = lines.into_iter().map(|(from, to)| run(&chars[from..to], &units[from..to], size));
            return Ok(Fitted { size, lines: lines.collect() });
        }
        if size <= spec.min + 0.001 {
            return Err(Misfit::TooLong((per_line as usize).saturating_mul(room)));
        }
        size = (size - 0.1).max(spec.min);
    }
}

/// Advances in em; the characters that have no glyph when there are any.
pub(crate) fn advances(text: &str, font: &GlyphCache) -> Result<Vec<f32>, Misfit> {
    let mut missing = Vec::new();
    let mut units = Vec::with_capacity(text.len() / 2);
    for ch in text.chars() {
        match font.advance(ch) {
            Some(advance) => units.push(f32::from(advance) / 1000.0),
            None => missing.push(ch),
        }
    }
    if missing.is_empty() { Ok(units) } else { Err(Misfit::Missing(missing)) }
}

pub(crate) fn run(chars: &[char], units: &[f32], size: f32) -> Run {
    Run { text: chars.iter().collect(), advances: units.iter().map(|unit| unit * size).collect() }
}

/// Breaks into at most `room` lines of `per_line` em; `None` when that is not enough.
fn break_lines(chars: &[char], units: &[f32], per_line: f32, room: usize) -> Option<Vec<(usize, usize)>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        if lines.len() == room {
            return None;
        }
        let mut end = start;
        let mut width = 0.0;
        while end < chars.len() && width + units[end] <= per_line + 0.001 {
            width += units[end];
            end += 1;
        }
        if end == start {
            return None;
        }
        if end < chars.len() {
            end = break_before(chars, start, end);
        }
        lines.push((start, end));
        start = end;
    }
    Some(lines)
}

/// Moves a break back to the nearest allowed place; stays when there is none on the line.
fn break_before(chars: &[char], start: usize, end: usize) -> usize {
    let allowed = |at: usize| {
        let inside_word = word(chars[at]) && word(chars[at - 1]);
        !(inside_word || no_start(chars[at]) || no_end(chars[at - 1]))
    };
    (start + 1..=end).rev().find(|at| allowed(*at)).unwrap_or(end)
}

fn word(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '-' | '/' | '.' | '_')
}

fn no_start(ch: char) -> bool {
    "，。、；：？！）》」』】〕％”’…—·,.;:?!)%".contains(ch)
}

fn no_end(ch: char) -> bool {
    "（《「『【〔“‘(".contains(ch)
}
