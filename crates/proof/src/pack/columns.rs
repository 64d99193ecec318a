//! The columns of a pack and their coding, whole and as a delta (`docs/pack-format.md`, "Content" and "Body").

use std::collections::BTreeMap;

use super::PackError;
use super::coder::{Bits, Chance, Decoder, Encoder};
use super::numbers::{Gap, Tree, Version};

/// Highest version that a pack can hold.
pub(super) const MOST_VERSION: u16 = 1023;
/// A place in `states` that no state has: it must change.
const GONE: u8 = u8::MAX;

/// Status, version and newest printed sheet by status index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Place in the pack's `states` by status index.
    pub states: Vec<u8>,
    /// Current version by status index; 0 where there is no certificate.
    pub versions: Vec<u16>,
    /// Newest printed sheet (2 or more) of the certificates that have a replaced one, ascending by index.
    pub sheets: Vec<(u32, u16)>,
}

/// What the coding needs to know of a head's states.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    /// Is there a certificate, by place in `states`?
    pub real: &'a [bool],
    pub usual: u8,
}

impl Shape<'_> {
    fn is_real(self, state: u8) -> Result<bool, PackError> {
        self.real.get(usize::from(state)).copied().ok_or(PackError::Damaged("状态"))
    }
}

impl Columns {
    pub(super) fn encode(&self, shape: Shape<'_>) -> Result<Vec<u8>, PackError> {
        let mut bits = Encoder::new();
        let mut copy = Self::default();
        tail(&mut bits, shape, self, &mut copy, self.states.len())?;
        sheets(&mut bits, self.states.len(), &self.sheets, &[])?;
        Ok(bits.finish())
    }

    pub(super) fn decode(body: &[u8], shape: Shape<'_>, count: u32) -> Result<Self, PackError> {
        let mut bits = Decoder::new(body)?;
        let mut out = Self::default();
        out.reserve(body, count);
        tail(&mut bits, shape, &Self::default(), &mut out, count as usize)?;
        out.sheets = sheets(&mut bits, count as usize, &[], &[])?;
        bits.finish()?;
        Ok(out)
    }

    /// The body that makes `base` into this. `map`: place of a base state in the new states.
    pub(super) fn encode_delta(
        &self,
        base: &Self,
        map: &[Option<u8>],
        shape: Shape<'_>,
    ) -> Result<Vec<u8>, PackError> {
        let mut bits = Encoder::new();
        let mut copy = base.mapped(map);
        changes(&mut bits, shape, self, &mut copy)?;
        tail(&mut bits, shape, self, &mut copy, self.states.len())?;
        sheets(&mut bits, self.states.len(), &sheet_changes(&self.sheets, &base.sheets), &base.sheets)?;
        Ok(bits.finish())
    }

    pub(super) fn apply(
        &self,
        body: &[u8],
        map: &[Option<u8>],
        shape: Shape<'_>,
        count: u32,
    ) -> Result<Self, PackError> {
        let mut bits = Decoder::new(body)?;
        let mut out = self.mapped(map);
        if (count as usize) < out.states.len() {
            return Err(PackError::Damaged("序号总数"));
        }
        changes(&mut bits, shape, &Self::default(), &mut out)?;
        out.reserve(body, count);
        tail(&mut bits, shape, &Self::default(), &mut out, count as usize)?;
        out.sheets = sheets(&mut bits, count as usize, &[], &self.sheets)?;
        bits.finish()?;
        Ok(out)
    }

    fn mapped(&self, map: &[Option<u8>]) -> Self {
        let to = |state: &u8| map.get(usize::from(*state)).copied().flatten().unwrap_or(GONE);
        Self {
            states: self.states.iter().map(to).collect(),
            versions: self.versions.clone(),
            sheets: Vec::new(),
        }
    }

    /// Room for what the body can hold at most: a claimed count alone takes no memory.
    fn reserve(&mut self, body: &[u8], count: u32) {
        let more = (count as usize).saturating_sub(self.states.len()).min(body.len().saturating_mul(2000));
        self.states.reserve_exact(more);
        self.versions.reserve_exact(more);
    }
}

/// Indexes from `out`'s length up to `count`: from `given` when writing.
fn tail(
    bits: &mut impl Bits,
    shape: Shape<'_>,
    given: &Columns,
    out: &mut Columns,
    count: usize,
) -> Result<(), PackError> {
    let mut usual = [Chance::NEW; 4];
    let mut state_model = Tree::new(8);
    let mut version_model = [Version::new(), Version::new()];
    let (mut one, mut two, mut first) = (true, true, true);
    for index in out.states.len()..count {
        let want = given.states.get(index).copied().unwrap_or_default();
        let is_usual = bits.bit(&mut usual[usize::from(one) << 1 | usize::from(two)], want == shape.usual)?;
        let state = if is_usual { shape.usual } else { state_model.code(bits, u32::from(want))? as u8 };
        if !is_usual && state == shape.usual {
            return Err(PackError::Damaged("状态"));
        }
        let mut version = 0;
        if shape.is_real(state)? {
            let want = given.versions.get(index).copied().unwrap_or_default();
            version = version_model[usize::from(first)].code(bits, want)?;
            first = version == 1;
        }
        out.states.push(state);
        out.versions.push(version);
        (one, two) = (is_usual, one);
    }
    Ok(())
}

/// Indexes of the base that changed: from `given` when writing.
fn changes(
    bits: &mut impl Bits,
    shape: Shape<'_>,
    given: &Columns,
    out: &mut Columns,
) -> Result<(), PackError> {
    let known = out.states.len();
    let differ = |new: &Columns, old: &Columns| {
        (0..known)
            .filter(|at| new.states.get(*at).is_some_and(|new| *new != old.states[*at]))
            .collect::<Vec<_>>()
    };
    let mut new_state = Tree::new(8);
    walk(bits, known, &differ(given, out), |bits, at| {
        let state = new_state.code(bits, u32::from(given.states.get(at).copied().unwrap_or_default()))? as u8;
        if state == out.states[at] {
            return Err(PackError::Damaged("状态变化"));
        }
        out.states[at] = state;
        Ok(())
    })?;
    for at in 0..known {
        if !shape.is_real(out.states[at])? {
            out.versions[at] = 0;
        }
    }
    let differ: Vec<usize> = (0..known)
        .filter(|at| given.versions.get(*at).is_some_and(|new| *new != out.versions[*at]))
        .collect();
    let (mut step, mut absolute) = (Chance::NEW, Tree::new(10));
    walk(bits, known, &differ, |bits, at| {
        let (old, want) = (out.versions[at], given.versions.get(at).copied().unwrap_or_default());
        let next = old.saturating_add(1);
        let version = if bits.bit(&mut step, want != next)? {
            absolute.code(bits, u32::from(want))? as u16
        } else {
            next
        };
        let right = version != old && version <= MOST_VERSION && shape.is_real(out.states[at])?;
        if !right {
            return Err(PackError::Damaged("版本变化"));
        }
        out.versions[at] = version;
        Ok(())
    })
}

/// A list of places below `known`, each with something behind it: `given` when writing.
fn walk<B: Bits>(
    bits: &mut B,
    known: usize,
    given: &[usize],
    mut each: impl FnMut(&mut B, usize) -> Result<(), PackError>,
) -> Result<(), PackError> {
    let (mut number, mut gap) = (Gap::new(), Gap::new());
    let count = number.code(bits, given.len() as u32)?;
    let mut next = 0usize;
    for n in 0..count as usize {
        let want = given.get(n).map_or(0, |at| at - next) as u32;
        let at = next + gap.code(bits, want)? as usize;
        if at >= known {
            return Err(PackError::Damaged("序号"));
        }
        each(bits, at)?;
        next = at + 1;
    }
    Ok(())
}

/// What turns one list of sheets into another; sheet 1 says that the entry goes.
fn sheet_changes(new: &[(u32, u16)], old: &[(u32, u16)]) -> Vec<(u32, u16)> {
    let before: BTreeMap<u32, u16> = old.iter().copied().collect();
    let after: BTreeMap<u32, u16> = new.iter().copied().collect();
    let mut changed = after.clone();
    changed.retain(|index, sheet| before.get(index) != Some(sheet));
    changed.extend(before.keys().filter(|index| !after.contains_key(index)).map(|index| (*index, 1)));
    changed.into_iter().collect()
}

/// The list of sheets: `changed` when writing; read into the answer against `base`.
fn sheets(
    bits: &mut impl Bits,
    count: usize,
    changed: &[(u32, u16)],
    base: &[(u32, u16)],
) -> Result<Vec<(u32, u16)>, PackError> {
    let mut merged: BTreeMap<u32, u16> = base.iter().copied().collect();
    let places: Vec<usize> = changed.iter().map(|(index, _)| *index as usize).collect();
    let mut model = Gap::new();
    let mut turn = changed.iter();
    walk(bits, count, &places, |bits, at| {
        let want = turn.next().map_or(0, |(_, sheet)| u32::from(*sheet).saturating_sub(1));
        let sheet = model.code(bits, want)?.checked_add(1).and_then(|sheet| u16::try_from(sheet).ok());
        let sheet = sheet.ok_or(PackError::Damaged("打印序号"))?;
        let old = if sheet == 1 { merged.remove(&(at as u32)) } else { merged.insert(at as u32, sheet) };
        // Nothing may be taken away that was not there, or set to what it was.
        let idle = if sheet == 1 { old.is_none() } else { old == Some(sheet) };
        if idle { Err(PackError::Damaged("打印序号")) } else { Ok(()) }
    })?;
    Ok(merged.into_iter().collect())
}
