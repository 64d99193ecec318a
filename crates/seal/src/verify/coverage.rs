//! Coverage: every file that a reader shows must be under the seal; what else lies in the package is named.

use std::collections::HashSet;

use ofd::Package;

use super::Reasons;
use super::signature::Checked;

/// Compares what the document needs with what the main signature covers.
pub(crate) fn check(
    package: &Package<'_>,
    list_path: &str,
    main: &Checked,
    holding: &[&Checked],
    reasons: &mut Reasons,
) {
    let layers: HashSet<&str> =
        std::iter::once(main).chain(holding.iter().copied()).flat_map(|one| &one.layer).map(String::as_str).collect();
    let mut needed = HashSet::new();
    for reach in package.reachable() {
        needed.insert(reach.path.as_str());
        let is_layer = reach.path == list_path || layers.contains(reach.path.as_str());
        if !reach.present || is_layer || reach.why.is_annotation() || main.covered.contains(&reach.path) {
            continue;
        }
        reasons.about("PART_UNPROTECTED", &reach.path);
    }
    annotations(package, main, holding, reasons);
    for name in package.archive.names() {
        let known = name == list_path
            || name.ends_with('/')
            || needed.contains(name)
            || layers.contains(name)
            || main.covered.contains(name)
            || holding.iter().any(|one| one.covered.contains(name));
        if !known {
            reasons.about("UNCOVERED_FILE", name);
        }
    }
}

/// An annotation may hide a field: it counts only under a valid signature. An empty list is no annotation.
fn annotations(package: &Package<'_>, main: &Checked, holding: &[&Checked], reasons: &mut Reasons) {
    let Some(list) = &package.annotations else { return };
    if package.annotation_files.is_empty() && !list_draws(package, list) {
        return;
    }
    let files = std::iter::once(list).chain(package.annotation_files.iter().map(|file| &file.path));
    for file in files {
        let covered = main.covered.contains(file) || holding.iter().any(|one| one.covered.contains(file));
        if !covered {
            reasons.about("ANNOTATION_UNCOVERED", file);
        }
    }
}

/// Does the list itself hold anything? A file that cannot be read might.
fn list_draws(package: &Package<'_>, list: &str) -> bool {
    let Ok(bytes) = package.read(list) else { return package.archive.contains(list) };
    ofd::xml::parse(&bytes, &ofd::Limits::default()).map_or(true, |root| !root.children.is_empty())
}
