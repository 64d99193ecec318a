//! Sums of leaf hashes modulo 2^256: the order of additions does not matter, and what was added can be taken away.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A sum of SM3 values modulo 2^256; zero is the sum of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum([u64; 4]);

impl Sum {
    /// The sum of one hash.
    pub fn of(hash: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().rev().zip(hash.chunks_exact(8)) {
            *limb = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        }
        Self(limbs)
    }

    /// With another one added.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let mut carry = false;
        let mut out = [0; 4];
        for (place, (a, b)) in out.iter_mut().zip(self.0.into_iter().zip(other.0)) {
            let (sum, over) = a.overflowing_add(b);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            (*place, carry) = (sum, over || again);
        }
        Self(out)
    }

    /// With another one taken away.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        // -x = !x + 1
        let negative = Self(other.0.map(|limb| !limb)).plus(Self([1, 0, 0, 0]));
        self.plus(negative)
    }

    /// Reads 64 hex digits; the empty text is zero.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut limbs = [0; 4];
        for (index, limb) in limbs.iter_mut().rev().enumerate() {
            *limb = u64::from_str_radix(text.get(index * 16..index * 16 + 16)?, 16).ok()?;
        }
        Some(Self(limbs))
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(out, "{d:016x}{c:016x}{b:016x}{a:016x}")
    }
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'a> Deserialize<'a> for Sum {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not 64 hex digits"))
    }
}
