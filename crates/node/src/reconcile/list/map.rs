//! Whose field is called what, and which of their codes is which of our values: data.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::NodeError;
use crate::reconcile::Side;

/// What a list may say, under the names of [`crate::reconcile::field_name`].
const FIELDS: [&str; 9] =
    ["identifier", "certificate_no", "kind", "area", "version", "state_seq", "base", "last_day", "files"];

/// How the fields of a list are read. TOML, as a field map of the file interface: `name`, and for each field `ours`,
/// `theirs`, and `codes` (our value → theirs) where values differ. What it does not name is not compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMap {
    name: String,
    #[serde(rename = "field")]
    fields: Vec<Field>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    ours: String,
    theirs: String,
    #[serde(default)]
    codes: BTreeMap<String, String>,
}

impl ListMap {
    /// Reads a map.
    ///
    /// # Errors
    /// Anything but such TOML, an unknown or repeated field, a map without identifier and number.
    pub fn parse(text: &str) -> Result<Self, NodeError> {
        let refused = |what: String| {
            NodeError::refused(format!("对账清单的字段映射不可用：{what}"), "请按 docs/reconcile.md 修改")
        };
        let map: Self = toml::from_str(text).map_err(|error| refused(error.message().to_owned()))?;
        for (index, field) in map.fields.iter().enumerate() {
            if !FIELDS.contains(&field.ours.as_str()) {
                return Err(refused(format!(
                    "没有名为“{}”的我方字段，可用：{}",
                    field.ours,
                    FIELDS.join("、")
                )));
            }
            if map.fields[..index].iter().any(|other| other.ours == field.ours) {
                return Err(refused(format!("“{}”写了两次", field.ours)));
            }
        }
        let has = |name: &str| map.fields.iter().any(|field| field.ours == name);
        if !has("identifier") && !has("certificate_no") {
            return Err(refused("至少要有证照标识（identifier）或证照编号（certificate_no）".into()));
        }
        Ok(map)
    }

    /// What the map is for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their names of the mapped fields.
    pub(super) fn theirs(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.theirs.as_str())
    }

    /// An entry with our names and values. A code that the map does not know stays as it is, and so is reported.
    pub fn to_ours(&self, theirs: impl Fn(&str) -> Option<String>) -> Side {
        let mut side = Side::new();
        for field in &self.fields {
            let Some(value) = theirs(&field.theirs) else { continue };
            let value = value.trim();
            let known = field.codes.iter().find(|(_, code)| *code == value).map(|(ours, _)| ours.as_str());
            side.insert(field.ours.clone(), normalised(&field.ours, known.unwrap_or(value)));
        }
        // An empty key is none: the other one may serve.
        for key in ["identifier", "certificate_no"] {
            if side.get(key).is_some_and(String::is_empty) {
                side.remove(key);
            }
        }
        side
    }
}

/// The form in which equal values are equal.
fn normalised(field: &str, value: &str) -> String {
    match field {
        "files" => {
            let parts = value.split([' ', ',', ';', '，', '；']).filter(|part| !part.is_empty());
            parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join(" ")
        }
        // 20260601, 2026/06/01 and 2026-06-01 are one day.
        "last_day" => {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            match digits.len() {
                8 => format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]),
                _ if value == "长期" => String::new(),
                _ => value.to_owned(),
            }
        }
        "version" | "state_seq" => {
            value.parse::<u64>().map_or_else(|_| value.to_owned(), |number| number.to_string())
        }
        "identifier" => value.to_ascii_uppercase(),
        _ => value.to_owned(),
    }
}
