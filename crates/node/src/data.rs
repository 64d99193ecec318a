//! Loading what the use cases stand on: the catalogue with a province's folder over it, templates, fonts.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::lifecycle::Rules;
use catalogue::{Catalogue, DataFile, Kind};
use codes::Calendar;
use face::{FontSpec, Fonts, Prepared, Templates};

use crate::parts::{DataPart, in_force};
use crate::{NodeError, files};

/// Catalogue and templates, with a province's own data folder laid over the built-in ones.
pub struct Data {
    /// Kinds, rules, authorities.
    pub catalogue: Catalogue,
    /// Templates.
    pub templates: Templates,
    /// What may happen to a certificate.
    pub rules: Rules,
    /// What holders are told.
    pub words: crate::deliver::Words,
    /// Working days: the built-in years, and a province's own over them.
    pub calendar: Calendar,
    fonts: Vec<FontSpec>,
    glyphs: Option<(String, String)>,
    /// The files in force with their digests.
    pub parts: Vec<DataPart>,
}

impl Data {
    /// Loads the built-in data and, if given, a province's folder (`kinds/`, `templates/`, `codes/`, `authorities.toml`,
    /// `fonts.toml`, `glyphs.toml` … as in this repository's `data/`).
    ///
    /// # Errors
    /// The first file that cannot be read or does not hold together.
    pub fn load(overlay: Option<&Path>) -> Result<Self, NodeError> {
        let files = overlay.map(read_overlay).transpose()?.unwrap_or_default();
        if let Some(file) = files.iter().find(|file| !is_data(&file.path)) {
            // A slip in a name would silently leave the built-in data in force.
            let what = format!("目录数据中的“{}”不是系统认识的数据文件", file.path);
            return Err(NodeError::refused(what, "请核对文件名和所在目录，可用的名称见 data/README.md"));
        }
        let template_files = files.iter().filter(|file| file.path.starts_with("templates/"));
        let templates = Templates::with(template_files.map(|file| (file.path.as_str(), file.text.as_str())))?;
        let find = |name: &str| files.iter().find(|file| file.path == name);
        let fonts = match find("fonts.toml") {
            Some(file) => FontSpec::parse(&file.path, &file.text)?,
            None => FontSpec::builtin()?,
        };
        let data = Self {
            catalogue: Catalogue::with(&files)?,
            templates,
            rules: rules(&files)?,
            words: crate::deliver::Words::load(find("deliver.toml").map(|file| file.text.as_str()))?,
            calendar: calendar(&files)?,
            fonts,
            parts: in_force(&files),
            glyphs: find("glyphs.toml").map(|file| (file.path.clone(), file.text.clone())),
        };
        for part in data.catalogue.kinds().iter().flat_map(|kind| &kind.parts) {
            data.templates.get(&part.template)?;
        }
        Ok(data)
    }

    /// Opens the fonts of all roles.
    ///
    /// # Errors
    /// A font that is on none of its paths.
    pub fn open_fonts(&self) -> Result<Fonts, NodeError> {
        let mut fonts = Fonts::default();
        for spec in &self.fonts {
            let path = spec.paths.iter().map(PathBuf::from).find(|path| path.is_file()).ok_or_else(|| {
                let what = format!("找不到字体“{}”（{}）", spec.face, spec.role);
                NodeError::refused(
                    what,
                    format!("请安装软件包 {}，或在 fonts.toml 中写明字体文件的路径", spec.package),
                )
            })?;
            fonts.add(spec, read_shared(&path)?)?;
        }
        if let Some((file, text)) = &self.glyphs {
            fonts.supply(file, text)?;
        }
        Ok(fonts)
    }
}

/// The lifecycle tables: the built-in ones, and a province's own over them.
fn rules(files: &[DataFile]) -> Result<Rules, NodeError> {
    let own: Vec<&str> = files
        .iter()
        .filter(|file| file.path.starts_with("lifecycle/"))
        .map(|file| file.text.as_str())
        .collect();
    let rules = if own.is_empty() { Rules::builtin() } else { Rules::with(&own) };
    rules.map_err(|error| NodeError::refused(error.to_string(), "请核对 lifecycle 目录下的规则文件"))
}

/// The working days: a year that a province's own file names replaces the built-in one.
fn calendar(files: &[DataFile]) -> Result<Calendar, NodeError> {
    let mut calendar = Calendar::builtin();
    for file in files.iter().filter(|file| file.path.starts_with("calendar/")) {
        calendar.add(&file.text).map_err(|error| {
            let what = format!("“{}”：{error}", file.path);
            NodeError::refused(what, "请按 data/calendar 中的格式核对放假安排")
        })?;
    }
    Ok(calendar)
}

fn is_data(path: &str) -> bool {
    const FILES: [&str; 9] = [
        "authorities.toml",
        "deliver.toml",
        "fonts.toml",
        "glyphs.toml",
        "number-rules.toml",
        "policy-overrides.toml",
        "reasons.toml",
        "rules.toml",
        "seal-policy.toml",
    ];
    const FOLDERS: [&str; 6] = ["areas", "calendar", "codes", "kinds", "lifecycle", "templates"];
    FILES.contains(&path) || path.split_once('/').is_some_and(|(folder, _)| FOLDERS.contains(&folder))
}

/// Reads a large file into shared memory. Copied once: filling shared memory in place is a loop a byte in an unoptimised build.
fn read_shared(path: &Path) -> Result<Arc<[u8]>, NodeError> {
    let mut file = std::fs::File::open(path).map_err(NodeError::io("读取", path))?;
    let length = file.metadata().map_err(NodeError::io("读取", path))?.len() as usize;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).map_err(NodeError::io("读取", path))?;
    Ok(bytes.into())
}

fn read_overlay(folder: &Path) -> Result<Vec<DataFile>, NodeError> {
    let mut paths = Vec::new();
    files::walk(folder, &mut paths)?;
    let mut out = Vec::new();
    for path in paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
    {
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let name = relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let text = files::read_text(&path)?;
        // These come with the program: a folder of data could otherwise give away what nobody granted.
        let ours = match name.as_str() {
            "rights.toml" => Some(crate::operator::RIGHTS),
            "duty.toml" => Some(crate::duty::default::DEFAULTS),
            _ => None,
        };
        if let Some(ours) = ours {
            if text != ours {
                return Err(NodeError::refused(
                    format!("目录数据中的“{name}”与程序自带的不同"),
                    "权限表和示例岗位随程序发布，不能用目录数据改动；请从目录中移除该文件",
                ));
            }
            continue;
        }
        out.push(DataFile { path: name, text });
    }
    Ok(out)
}

/// Templates made ready with their fonts: what turns values into package parts.
pub struct Engine {
    /// Fonts.
    pub fonts: Fonts,
    prepared: HashMap<String, Prepared>,
    fonts_digest: String,
}

impl Engine {
    /// Prepares every template that the catalogue's kinds name.
    ///
    /// # Errors
    /// A missing font; a template that does not hold together.
    pub fn new(data: &Data, demo: bool) -> Result<Self, NodeError> {
        let fonts = data.open_fonts()?;
        let mut prepared = HashMap::new();
        for part in data.catalogue.kinds().iter().flat_map(|kind| &kind.parts) {
            let template = data.templates.get(&part.template)?;
            prepared.insert(part.template.clone(), Prepared::new(template, &fonts, demo)?);
        }
        let fonts_digest = fonts.digest().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { fonts, prepared, fonts_digest })
    }

    /// Hex SM3 over the font files in use; the intent remembers it.
    pub fn fonts_digest(&self) -> &str {
        &self.fonts_digest
    }

    /// The prepared templates of a kind's parts, in order, with the part's name.
    pub fn parts<'a>(&'a self, kind: &'a Kind) -> impl Iterator<Item = (&'a str, &'a Prepared)> {
        // `new` has prepared every template that a kind names.
        kind.parts.iter().filter_map(|part| Some((part.name.as_str(), self.prepared.get(&part.template)?)))
    }
}
