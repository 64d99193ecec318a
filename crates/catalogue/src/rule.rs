//! The names of the lint's rules.

use serde::Deserialize;

use crate::CatalogueError;
use crate::load::parse;

/// What a rule is called and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleInfo {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// Source.
    pub source: String,
}

/// All rules.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<RuleInfo>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<RuleInfo>,
}

impl Rules {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, CatalogueError> {
        parse::<File>(file, text).map(|file| Self(file.rules))
    }

    /// The rule of that code.
    pub fn get(&self, code: &str) -> Option<&RuleInfo> {
        self.0.iter().find(|rule| rule.code == code)
    }

    /// Chinese name of a rule; the code itself when it is not listed.
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |rule| &rule.name)
    }
}
