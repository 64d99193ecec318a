//! Field and status maps: our names and values to theirs and back, as data.

use serde_json::{Map, Value};

use super::map_file::{Constant, Field, MapFile};
use super::{MapError, path};

/// Turns our JSON objects into another system's and back.
///
/// Nothing is lost: a field that the map does not know is an error, every place is named once, and code tables can be
/// read backwards. So [`FieldMap::to_ours`] of [`FieldMap::to_theirs`] is the object itself, less what `omit` names.
/// Lists go over whole.
#[derive(Clone, Debug)]
pub struct FieldMap {
    name: String,
    omit: Vec<String>,
    fields: Vec<Field>,
    constants: Vec<Constant>,
}

impl FieldMap {
    /// Reads a map from TOML; the form is in `docs/file-interface.md`.
    ///
    /// # Errors
    /// [`MapError::File`] and [`MapError::Entry`].
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let MapFile { name, omit, fields, constants } = MapFile::parse(text)?;
        Ok(Self { name, omit, fields, constants })
    }

    /// What the map is for, as its file says.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Our object as theirs.
    ///
    /// # Errors
    /// [`MapError::Unknown`], [`MapError::Required`], [`MapError::Code`].
    pub fn to_theirs(&self, ours: &Map<String, Value>) -> Result<Map<String, Value>, MapError> {
        let (mut left, mut theirs) = (ours.clone(), Map::new());
        for field in &self.fields {
            if let Some(value) = take(&mut left, &field.ours, field.required)? {
                path::put(&mut theirs, &field.theirs, encode(field, value)?);
            }
        }
        for omitted in &self.omit {
            path::take(&mut left, omitted);
        }
        for constant in &self.constants {
            path::put(&mut theirs, &constant.theirs, constant.value.clone());
        }
        nothing_left(&left)?;
        Ok(theirs)
    }

    /// Their object as ours.
    ///
    /// # Errors
    /// As for [`FieldMap::to_theirs`], and [`MapError::Constant`].
    pub fn to_ours(&self, theirs: &Map<String, Value>) -> Result<Map<String, Value>, MapError> {
        let (mut left, mut ours) = (theirs.clone(), Map::new());
        for constant in &self.constants {
            let found = take(&mut left, &constant.theirs, true)?.unwrap_or_default();
            if found != constant.value {
                let (field, expected) = (constant.theirs.clone(), constant.value.to_string());
                return Err(MapError::Constant { field, expected, found: found.to_string() });
            }
        }
        for field in &self.fields {
            if let Some(value) = take(&mut left, &field.theirs, field.required)? {
                path::put(&mut ours, &field.ours, decode(field, value)?);
            }
        }
        nothing_left(&left)?;
        Ok(ours)
    }
}

fn take(object: &mut Map<String, Value>, path: &str, required: bool) -> Result<Option<Value>, MapError> {
    let value = path::take(object, path);
    if value.is_none() && required {
        return Err(MapError::Required { field: path.to_owned() });
    }
    Ok(value)
}

fn encode(field: &Field, value: Value) -> Result<Value, MapError> {
    if field.codes.is_empty() {
        return Ok(value);
    }
    let code = value.as_str().and_then(|text| field.codes.get(text));
    code.cloned().ok_or_else(|| MapError::Code { field: field.ours.clone(), value: value.to_string() })
}

fn decode(field: &Field, value: Value) -> Result<Value, MapError> {
    if field.codes.is_empty() {
        return Ok(value);
    }
    let known = field.codes.iter().find(|(_, code)| **code == value);
    let ours = known.map(|(ours, _)| Value::String(ours.clone()));
    ours.ok_or_else(|| MapError::Code { field: field.theirs.clone(), value: value.to_string() })
}

fn nothing_left(left: &Map<String, Value>) -> Result<(), MapError> {
    path::first_left(left).map_or(Ok(()), |field| Err(MapError::Unknown { field }))
}
