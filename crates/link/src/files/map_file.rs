//! The TOML form of a field map, and what a map must fulfil.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{MapError, path};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapFile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) omit: Vec<String>,
    #[serde(default, rename = "field")]
    pub(super) fields: Vec<Field>,
    #[serde(default, rename = "constant")]
    pub(super) constants: Vec<Constant>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) ours: String,
    pub(super) theirs: String,
    #[serde(default)]
    pub(super) required: bool,
    /// Our value → their value; empty where values go unchanged.
    #[serde(default)]
    pub(super) codes: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constant {
    pub(super) theirs: String,
    pub(super) value: Value,
}

impl MapFile {
    pub(super) fn parse(text: &str) -> Result<Self, MapError> {
        let file: Self = toml::from_str(text).map_err(|error| MapError::File(error.message().to_owned()))?;
        let ours = file.fields.iter().map(|field| &field.ours).chain(&file.omit);
        check_paths(&ours.collect::<Vec<_>>())?;
        let theirs = file.fields.iter().map(|field| &field.theirs);
        check_paths(
            &theirs.chain(file.constants.iter().map(|constant| &constant.theirs)).collect::<Vec<_>>(),
        )?;
        file.fields.iter().try_for_each(check_codes)?;
        for constant in &file.constants {
            check_scalar(&constant.theirs, &constant.value)?;
        }
        Ok(file)
    }
}

/// No place may be filled, or read, twice.
fn check_paths(paths: &[&String]) -> Result<(), MapError> {
    for (index, one) in paths.iter().enumerate() {
        if !path::is_path(one) {
            let rule = "应为字段名，各级以“.”分隔，不超过 200 字节";
            return Err(MapError::Entry { field: (*one).clone(), rule });
        }
        if paths[..index].iter().any(|other| path::overlap(one, other)) {
            return Err(MapError::Entry {
                field: (*one).clone(), rule: "与另一项指向同一字段，或互相包含"
            });
        }
    }
    Ok(())
}

/// Two values under one code could not be told apart on the way back.
fn check_codes(field: &Field) -> Result<(), MapError> {
    let codes: Vec<&Value> = field.codes.values().collect();
    for (index, code) in codes.iter().enumerate() {
        check_scalar(&field.theirs, code)?;
        if codes[..index].contains(code) {
            return Err(MapError::Entry {
                field: field.ours.clone(),
                rule: "codes 中两个取值对应同一代码，无法还原",
            });
        }
    }
    Ok(())
}

fn check_scalar(field: &str, value: &Value) -> Result<(), MapError> {
    // TOML dates arrive as an object; floats do not compare exactly.
    if value.is_string() || value.is_boolean() || value.is_i64() {
        return Ok(());
    }
    Err(MapError::Entry {
        field: field.to_owned(), rule: "固定值和代码应为字符串、整数或布尔值"
    })
}
