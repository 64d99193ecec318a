//! 照面数据 `FaceData`: the items that stand on a certificate's face, by short name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One line of a repeated group (a 从业资格类别 with its dates): sub-item short name → text.
pub type Row = BTreeMap<String, String>;

/// The value of one face item. Codes, dates and numbers stay text until the catalogue has checked them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FaceValue {
    /// A single value.
    Text(String),
    /// Several values of the same item (经营范围, 准驾车型).
    List(Vec<String>),
    /// A repeated group of sub-items (从业资格类别).
    Rows(Vec<Row>),
}

impl FaceValue {
    /// The single text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True when nothing but white space is there.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::List(list) => list.iter().all(|text| text.trim().is_empty()),
            Self::Rows(rows) => rows.iter().all(|row| row.values().all(|text| text.trim().is_empty())),
        }
    }
}

impl From<&str> for FaceValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for FaceValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        Self::from_json(&json).map_err(serde::de::Error::custom)
    }
}

impl FaceValue {
    /// Business systems send numbers as numbers or as text: both mean the same item text.
    fn from_json(json: &serde_json::Value) -> Result<Self, String> {
        use serde_json::Value;
        match json {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                items.iter().map(row_from_json).collect::<Result<_, _>>().map(Self::Rows)
            }
            Value::Array(items) => items.iter().map(text_from_json).collect::<Result<_, _>>().map(Self::List),
            other => text_from_json(other).map(Self::Text),
        }
    }
}

fn row_from_json(json: &serde_json::Value) -> Result<Row, String> {
    let object = json.as_object().ok_or("列表中的各项应同为对象")?;
    object.iter().map(|(key, value)| Ok((key.clone(), text_from_json(value)?))).collect()
}

fn text_from_json(json: &serde_json::Value) -> Result<String, String> {
    use serde_json::Value;
    match json {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(format!("应为文字或数字，实为 {json}")),
    }
}

/// The face items of one record, by short name (`KZ_YHMC`), in the order of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaceData(BTreeMap<String, FaceValue>);

impl FaceData {
    /// The value of an item; `None` when it is absent or blank.
    pub fn get(&self, short: &str) -> Option<&FaceValue> {
        self.0.get(short).filter(|value| !value.is_blank())
    }

    /// The single text of an item; `None` when absent, blank or not single.
    pub fn text(&self, short: &str) -> Option<&str> {
        self.get(short).and_then(FaceValue::as_text)
    }

    /// Sets an item, replacing what was there.
    pub fn set(&mut self, short: impl Into<String>, value: impl Into<FaceValue>) {
        self.0.insert(short.into(), value.into());
    }

    /// Takes an item away.
    pub fn remove(&mut self, short: &str) -> Option<FaceValue> {
        self.0.remove(short)
    }

    /// All items in the order of their short names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FaceValue)> {
        self.0.iter().map(|(short, value)| (short.as_str(), value))
    }
}
