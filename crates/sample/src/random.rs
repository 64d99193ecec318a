//! Chance that can be repeated: SplitMix64 (Steele, Lea, Flood 2014), keyed by seed, purpose and record number.

/// What a stream of numbers is for. Another purpose gives unrelated numbers, so a change in one part moves no other.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Authority = 1,
    Person,
    Company,
    Vehicle,
    Record,
    Photo,
    Plan,
    Fault,
}

pub(crate) struct Random(u64);

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Random {
    pub(crate) fn new(seed: u64, purpose: Purpose, index: usize) -> Self {
        let keyed = mix(seed.wrapping_add(GAMMA)) ^ mix((purpose as u64).wrapping_mul(GAMMA));
        Self(mix(keyed.wrapping_add(mix(index as u64 + 1))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// 0 to `limit` − 1; 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // Multiply-shift: the bias is far below one in a billion for limits of this size.
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of some words.
    pub(crate) fn word(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }

    /// One character of a text that is not empty.
    pub(crate) fn letter(&mut self, text: &str) -> char {
        let place = self.below(text.chars().count());
        text.chars().nth(place).unwrap_or('演')
    }

    /// 0 up to but without 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A fraction between two bounds.
    pub(crate) fn span(&mut self, low: f32, high: f32) -> f32 {
        low + self.unit() * (high - low)
    }
}

/// A number below `limit` that differs for every index below `limit`: a walk with a prime step, so that numbers which must
/// be unique look scattered. The step must not divide `limit`.
pub(crate) fn scatter(seed: u64, index: usize, limit: u64) -> u64 {
    const STEP: u128 = 2_654_435_761;
    let start = u128::from(mix(seed ^ limit));
    ((index as u128 * STEP + start) % u128::from(limit)) as u64
}
