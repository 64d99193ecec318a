//! References from one file of the package to another (`ST_Loc`, GB/T 33190-2016 §7.3).

use thiserror::Error;

/// Why a reference was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// The reference is empty or names the package itself.
    #[error("文件“{base}”中的引用“{loc}”没有指向任何文件；应写出包内文件的路径，请联系出具单位改正")]
    Empty {
        /// File that holds the reference.
        base: String,
        /// Reference as written.
        loc: String,
    },
    /// `..` climbs above the package root.
    #[error("文件“{base}”中的引用“{loc}”越出了文件包；引用只能指向包内文件，请勿使用此文件并向出具单位核实")]
    Escapes {
        /// File that holds the reference.
        base: String,
        /// Reference as written.
        loc: String,
    },
    /// Backslash, drive letter, NUL or another character that no path of a package may hold.
    #[error("文件“{base}”中的引用“{loc}”含有不允许的字符；包内路径只用“/”分隔，请联系出具单位改正")]
    Forbidden {
        /// File that holds the reference.
        base: String,
        /// Reference as written.
        loc: String,
    },
}

impl PathError {
    /// Stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "OFD-P01",
            Self::Escapes { .. } => "OFD-P02",
            Self::Forbidden { .. } => "OFD-P03",
        }
    }
}

/// Resolves the reference `loc` found in the file `base_file` to a path from the package root, without a
/// leading `/`.
///
/// A reference that starts with `/` counts from the package root, any other from the folder of `base_file`.
/// Runs of `/` and `.` segments collapse, as other writers leave them. Fails when the result would leave the
/// package, is empty, or holds a character that no entry name may hold.
pub fn resolve(base_file: &str, loc: &str) -> Result<String, PathError> {
    let fail = || (base_file.to_owned(), loc.to_owned());
    let loc_text = loc.trim_matches([' ', '\t', '\r', '\n']);
    if loc_text.chars().any(|c| c == '\\' || c == ':' || c.is_control()) {
        let (base, loc) = fail();
        return Err(PathError::Forbidden { base, loc });
    }
    let folder = match (loc_text.starts_with('/'), base_file.rfind('/')) {
        (false, Some(end)) => &base_file[..end],
        _ => "",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(loc_text.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    let (base, loc) = fail();
                    return Err(PathError::Escapes { base, loc });
                }
            }
            other => parts.push(other),
        }
    }
    if parts.is_empty() || loc_text.is_empty() {
        let (base, loc) = fail();
        return Err(PathError::Empty { base, loc });
    }
    Ok(parts.join("/"))
}
