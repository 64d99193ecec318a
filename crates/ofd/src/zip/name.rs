//! Which names an entry may have.

use super::error::{NameRule, ZipError};

/// Checks one name from the directory or for the writer; a trailing `/` marks a folder.
pub(super) fn check(name: &str) -> Result<(), NameRule> {
    let path = name.strip_suffix('/').unwrap_or(name);
    if name.starts_with('/') {
        return Err(NameRule::Absolute);
    }
    if name.contains('\\') {
        return Err(NameRule::Backslash);
    }
    if name.chars().any(char::is_control) {
        return Err(NameRule::Control);
    }
    if name.contains(':') {
        return Err(NameRule::Drive);
    }
    for segment in path.split('/') {
        match segment {
            "" => return Err(NameRule::EmptySegment),
            "." | ".." => return Err(NameRule::DotSegment),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses equal names, and names that a file system without case would take for equal.
pub(super) fn check_unique<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), ZipError> {
    let mut folded: Vec<(String, &str)> = names.map(|n| (n.to_ascii_lowercase(), n)).collect();
    folded.sort_unstable();
    for pair in folded.windows(2) {
        let [(key, first), (next, second)] = pair else { continue };
        // "a" as a file and "a/" as a folder cannot both be unpacked either.
        if key.trim_end_matches('/') != next.trim_end_matches('/') {
            continue;
        }
        let name = (*second).to_owned();
        return Err(if first == second {
            ZipError::DuplicateName { name }
        } else {
            ZipError::CaseClash { name, other: (*first).to_owned() }
        });
    }
    Ok(())
}
