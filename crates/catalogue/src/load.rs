//! Reading catalogue data: the built-in files, and a province's own folder laid over them.

use codes::{Areas, CodeTables};
use jiff::civil::Date;
use serde::Deserialize;

use crate::kind::{Definition, Group, Item, Kind, Part, RuleSpec};
use crate::{Authorities, CatalogueError, Extension, NumberRule, Rules, SealPolicy, check};

/// A data file: its path below the data folder (`kinds/qualification.toml`) and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Path below the data folder, with `/`.
    pub path: String,
    /// UTF-8 text.
    pub text: String,
}

macro_rules! builtin {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../data/", $path)))),*]
    };
}

/// The file of validity extended by notice.
const EXTENSIONS: &str = "policy-overrides.toml";
const COMMON: &str = include_str!("../../../data/kinds/common.toml");
const BUILTIN: &[(&str, &str)] = builtin![
    "kinds/qualification.toml",
    "kinds/ride-hailing-driver.toml",
    "kinds/taxi-driver.toml",
    "kinds/operation-licence.toml",
    "kinds/dangerous-goods-licence.toml",
    "kinds/ride-hailing-licence.toml",
    "kinds/radioactive-licence.toml",
    "kinds/transport-certificate.toml",
    "kinds/ride-hailing-transport.toml",
    "authorities.toml",
    "rules.toml",
    "number-rules.toml",
    "seal-policy.toml",
    "policy-overrides.toml",
];

/// Everything the system knows about kinds, authorities and rules, with versions and dates of effect.
#[derive(Clone, Debug)]
pub struct Catalogue {
    kinds: Vec<Kind>,
    /// Issuing authorities.
    pub authorities: Authorities,
    /// What the lint's rules are called.
    pub rules: Rules,
    /// How serials are minted.
    pub number_rules: Vec<NumberRule>,
    /// Which seal goes where.
    pub seal_policies: Vec<SealPolicy>,
    /// Validity extended by notice.
    pub extensions: Vec<Extension>,
    /// Code tables.
    pub tables: CodeTables,
    /// Administrative areas.
    pub areas: Areas,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommonFile {
    items: Vec<Item>,
    rules: Vec<RuleSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    slug: String,
    name: String,
    title: String,
    type_code: String,
    family: String,
    standard: String,
    version: String,
    effective_from: String,
    #[serde(default)]
    effective_to: Option<String>,
    collect_since: String,
    #[serde(default)]
    illustrative: bool,
    definition: Definition,
    part: Vec<Part>,
    content: Content,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    items: Vec<Item>,
    #[serde(default)]
    rules: Vec<RuleSpec>,
    #[serde(default)]
    group: Vec<Group>,
}

impl Catalogue {
    /// The data that the program carries.
    pub fn builtin() -> Result<Self, CatalogueError> {
        Self::with(&[])
    }

    /// The built-in data with a province's files laid over it: a file of the same path replaces, another one adds.
    ///
    /// # Errors
    /// The first file that does not parse or contradicts another one.
    pub fn with(overlay: &[DataFile]) -> Result<Self, CatalogueError> {
        let common = text_of(overlay, "kinds/common.toml").unwrap_or(COMMON);
        let common: CommonFile = parse("kinds/common.toml", common)?;
        let mut kinds = Vec::new();
        let mut kind_files = Vec::new();
        for (path, text) in BUILTIN.iter().filter(|(path, _)| path.starts_with("kinds/")) {
            let text = text_of(overlay, path).unwrap_or(text);
            kinds.push(read_kind(path, text, &common)?);
            kind_files.push((*path).to_owned());
        }
        for file in overlay.iter().filter(|file| is_new_kind(&file.path)) {
            kinds.push(read_kind(&file.path, &file.text, &common)?);
            kind_files.push(file.path.clone());
        }
        let tables = codes_with(overlay)?;
        let catalogue = Self {
            kinds,
            authorities: Authorities::parse("authorities.toml", whole(overlay, "authorities.toml"))?,
            rules: Rules::parse("rules.toml", whole(overlay, "rules.toml"))?,
            number_rules: NumberRule::parse("number-rules.toml", whole(overlay, "number-rules.toml"))?,
            seal_policies: SealPolicy::parse("seal-policy.toml", whole(overlay, "seal-policy.toml"))?,
            extensions: Extension::parse(EXTENSIONS, whole(overlay, EXTENSIONS))?,
            tables,
            areas: Areas::builtin(),
        };
        catalogue.check(&kind_files)?;
        Ok(catalogue)
    }

    /// All versions of all kinds, in file order.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The version of a kind in force on a day, by type code, slug or name.
    pub fn kind(&self, key: &str, on: Date) -> Option<&Kind> {
        let in_force =
            |kind: &&Kind| kind.effective_from <= on && kind.effective_to.is_none_or(|end| on <= end);
        let named = |kind: &&Kind| kind.type_code == key || kind.slug == key || kind.name == key;
        self.kinds.iter().filter(named).filter(in_force).max_by_key(|kind| kind.effective_from)
    }

    /// The notice that extends a certificate of this kind (slug) and area whose validity ended on `ended`, as of the day `on`; of
    /// several the one that extends it longest.
    pub fn extension(&self, kind: &str, area: &str, ended: Date, on: Date) -> Option<&Extension> {
        let covering = self.extensions.iter().filter(|one| one.covers(kind, area, ended, on));
        covering.max_by_key(|one| one.extended_to)
    }

    fn check(&self, kind_files: &[String]) -> Result<(), CatalogueError> {
        for (file, kind) in kind_files.iter().zip(&self.kinds) {
            check::kind(file, kind, self)?;
        }
        check::together(kind_files, &self.kinds)?;
        let numbered = self.number_rules.iter().flat_map(NumberRule::kinds);
        check::named_kinds("number-rules.toml", numbered, &self.kinds)?;
        let sealed = self.seal_policies.iter().flat_map(SealPolicy::kinds);
        check::named_kinds("seal-policy.toml", sealed, &self.kinds)?;
        let extended = self.extensions.iter().flat_map(|one| one.kinds.iter().map(String::as_str));
        check::named_kinds(EXTENSIONS, extended, &self.kinds)
    }
}

fn is_new_kind(path: &str) -> bool {
    let kind_file = path.starts_with("kinds/") && path.ends_with(".toml") && path != "kinds/common.toml";
    kind_file && !BUILTIN.iter().any(|(builtin, _)| *builtin == path)
}

fn text_of<'a>(overlay: &'a [DataFile], path: &str) -> Option<&'a str> {
    overlay.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}

fn whole<'a>(overlay: &'a [DataFile], path: &str) -> &'a str {
    let builtin = || BUILTIN.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| *text);
    text_of(overlay, path).unwrap_or_else(builtin)
}

fn codes_with(overlay: &[DataFile]) -> Result<CodeTables, CatalogueError> {
    let mut tables = CodeTables::builtin();
    for file in overlay.iter().filter(|file| file.path.starts_with("codes/") && file.path.ends_with(".toml"))
    {
        tables
            .add(&file.text)
            .map_err(|error| CatalogueError::Syntax { file: file.path.clone(), cause: error.to_string() })?;
    }
    Ok(tables)
}

fn read_kind(path: &str, text: &str, common: &CommonFile) -> Result<Kind, CatalogueError> {
    let file: KindFile = parse(path, text)?;
    let date = |field: &str, text: &str| {
        text.parse::<Date>().map_err(|_| {
            CatalogueError::content(path, field, format!("“{text}”不是日期"), "请写成 YYYY-MM-DD")
        })
    };
    Ok(Kind {
        effective_from: date("effective_from", &file.effective_from)?,
        effective_to: file.effective_to.as_deref().map(|text| date("effective_to", text)).transpose()?,
        collect_since: date("collect_since", &file.collect_since)?,
        items: common.items.iter().cloned().chain(file.content.items).collect(),
        rules: common.rules.iter().cloned().chain(file.content.rules).collect(),
        groups: file.content.group,
        slug: file.slug,
        name: file.name,
        title: file.title,
        type_code: file.type_code,
        family: file.family,
        standard: file.standard,
        version: file.version,
        illustrative: file.illustrative,
        definition: file.definition,
        parts: file.part,
    })
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, CatalogueError> {
    toml::from_str(text).map_err(|error| CatalogueError::syntax(file, text, &error))
}
