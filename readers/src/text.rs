//! When two readers read the same text.
//!
//! Readers cut a page into lines differently, so two things are compared that the cut does not touch:
//! the characters of the page as a multiset, and that every run of one reader stands unbroken in a
//! line of ours. White space counts in neither.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

/// `text` without white space.
pub fn packed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// Compares the runs that a reader found with the text that luzheng shows.
///
/// # Errors
/// A run that stands in none of our lines, or characters that only one side has.
pub fn same(runs: &[String], ours: &str) -> Result<()> {
    let lines: Vec<String> = ours.lines().map(packed).collect();
    for run in runs.iter().map(|run| packed(run)) {
        if !lines.iter().any(|line| line.contains(&run)) {
            bail!("it reads “{run}”, which no line of ours holds");
        }
    }
    let (theirs, ours) = (count(&runs.concat()), count(ours));
    let only = |left: &BTreeMap<char, i64>, right: &BTreeMap<char, i64>| -> String {
        left.iter().filter(|(c, n)| right.get(c).unwrap_or(&0) < n).map(|(c, _)| *c).collect()
    };
    let (more, fewer) = (only(&theirs, &ours), only(&ours, &theirs));
    if !more.is_empty() || !fewer.is_empty() {
        bail!("characters it has more often: “{more}”, less often: “{fewer}”");
    }
    Ok(())
}

fn count(text: &str) -> BTreeMap<char, i64> {
    let mut counts = BTreeMap::new();
    for character in packed(text).chars() {
        *counts.entry(character).or_default() += 1;
    }
    counts
}
