//! Which face of a font file is meant: names as OpenType `name` records hold them.

use ttf_parser::name::Table as NameTable;
use ttf_parser::{RawFace, Tag, fonts_in_collection, name_id};

use crate::error::FontError;

/// Finds the face whose family or full name is `wanted`; answers its index in the file.
///
/// A full name wins over a family name, because one file may hold several styles of a family.
pub(crate) fn find(data: &[u8], wanted: &str) -> Result<u32, FontError> {
    let mut by_family = None;
    let mut found: Vec<String> = Vec::new();
    for index in 0..fonts_in_collection(data).unwrap_or(1) {
        let face = RawFace::parse(data, index).map_err(|_| FontError::Malformed { part: "文件头" })?;
        let Some(names) = face.table(Tag::from_bytes(b"name")).and_then(NameTable::parse) else { continue };
        if texts(&names, name_id::FULL_NAME).any(|name| name == wanted) {
            return Ok(index);
        }
        for id in [name_id::TYPOGRAPHIC_FAMILY, name_id::FAMILY] {
            for family in texts(&names, id) {
                if family == wanted && by_family.is_none() {
                    by_family = Some(index);
                }
                if !found.contains(&family) {
                    found.push(family);
                }
            }
        }
    }
    by_family.ok_or_else(|| FontError::NoSuchFace { wanted: wanted.to_owned(), found })
}

/// The licence in a few words: an OFL font says so in one; other fonts keep the start of their own text.
pub(crate) fn licence_note(face: &RawFace<'_>) -> String {
    let Some(names) = face.table(Tag::from_bytes(b"name")).and_then(NameTable::parse) else {
        return String::new();
    };
    let texts: Vec<String> =
        texts(&names, name_id::LICENSE).chain(texts(&names, name_id::LICENSE_URL)).collect();
    if texts.iter().any(|t| t.contains("Open Font License") || t.contains("OFL")) {
        return "SIL OFL 1.1".to_owned();
    }
    texts.first().map(|t| t.chars().take(80).collect()).unwrap_or_default()
}

fn texts<'a>(names: &NameTable<'a>, id: u16) -> impl Iterator<Item = String> + use<'a> {
    names.names.into_iter().filter(move |n| n.name_id == id).filter_map(|n| n.to_string())
}
