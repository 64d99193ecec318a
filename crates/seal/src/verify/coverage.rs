//! Coverage: every file that a reader shows must be under the seal; what else lies in the package is named.

use std::collections::HashSet;

use ofd::Package;

use super::Reasons;
use super::signature::Checked;

/// Uncovered files that are named one by one; more of them say nothing new.
const MOST_NAMED: usize = 20;

/// Compares what the document needs with what the main signature covers.
pub(crate) fn check(
    package: &Package<'_>,
    list_path: &str,
    main: &Checked,
    holding: &[&Checked],
    reasons: &mut Reasons,
) {
    annotations(package, main, holding, reasons);
    // What a signature that cannot be read would cover is unknown; the verdict says that it cannot be read.
    let Some(named) = &main.named else { return };
    let layers: HashSet<&str> = std::iter::once(main)
        .chain(holding.iter().copied())
        .flat_map(|one| &one.layer)
        .map(String::as_str)
        .collect();
    let mut needed = HashSet::new();
    for reach in package.reachable() {
        needed.insert(reach.path.as_str());
        let is_layer = reach.path == list_path || layers.contains(reach.path.as_str());
        if !reach.present || is_layer || reach.why.is_annotation() || named.contains(&reach.path) {
            continue;
        }
        reasons.about("PART_UNPROTECTED", &reach.path);
    }
    let (known, strange): (Vec<&str>, Vec<&str>) = package.archive.names().partition(|name| {
        *name == list_path
            || needed.contains(name)
            || layers.contains(name)
            || named.contains(*name)
            || holding.iter().any(|one| one.covered.contains(*name))
    });
    let known: HashSet<String> = known.into_iter().map(folded).collect();
    let harmless: Vec<&str> = strange.into_iter().filter(|name| !confusable(name, &known, reasons)).collect();
    harmless.into_iter().take(MOST_NAMED).for_each(|name| reasons.about("UNCOVERED_FILE", name));
}

/// A file that nothing covers and nothing names is a hint, unless a reader that unpacks to a folder, or looks a relative
/// reference up from another place, would take it for a file of the document.
fn confusable(name: &str, known: &HashSet<String>, reasons: &mut Reasons) -> bool {
    let own = folded(name);
    let tail = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('/'));
    if known.contains(&own) {
        reasons.about("PART_UNPROTECTED", name);
    } else if is_short_name(&own) || known.iter().any(|one| tail(one, &own) || tail(&own, one)) {
        reasons.add("STRUCTURE_UNSUPPORTED", &format!("“{name}”容易与证照的文件混淆"));
    } else {
        return false;
    }
    true
}

/// A name as the most careless file system compares it: without case, without dots and spaces that end a part of it,
/// and without characters that cannot be seen.
fn folded(name: &str) -> String {
    let unseen = |c: &char| !matches!(*c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let parts = name
        .split('/')
        .map(|part| part.chars().filter(unseen).flat_map(char::to_lowercase).collect::<String>());
    parts.map(|part| part.trim_end_matches(['.', ' ']).to_owned()).collect::<Vec<_>>().join("/")
}

/// `DOCUME~1.XML`: the second name that Windows gives to a file with a long one.
fn is_short_name(name: &str) -> bool {
    name.split('/').any(|part| {
        part.split_once('~').is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// An annotation may hide a field: it counts only under a valid signature. An empty list is no annotation.
fn annotations(package: &Package<'_>, main: &Checked, holding: &[&Checked], reasons: &mut Reasons) {
    let tree = package.reachable().iter().filter(|reach| reach.present && reach.why.is_annotation());
    let listed = package.annotation_files.iter().map(|file| &file.path);
    let mut files: Vec<&String> = tree.map(|reach| &reach.path).chain(listed).collect();
    files.sort_unstable();
    files.dedup();
    if !files.iter().any(|file| draws(package, file)) {
        return;
    }
    for file in files {
        let covered = main.covered.contains(file) || holding.iter().any(|one| one.covered.contains(file));
        if !covered {
            reasons.about("ANNOTATION_UNCOVERED", file);
        }
    }
}

/// Does the file hold anything? One that cannot be read might.
fn draws(package: &Package<'_>, file: &str) -> bool {
    let Ok(bytes) = package.read(file) else { return package.archive.contains(file) };
    ofd::xml::parse(&bytes, &ofd::Limits::default()).map_or(true, |root| !root.children.is_empty())
}
