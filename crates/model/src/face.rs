//! 照面数据 `FaceData`: the items that stand on a certificate's face, by short name.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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
    /// Business systems send numbers as numbers or as text: both mean the same item text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Given::deserialize(deserializer)? {
            Given::Text(text) => Ok(Self::Text(text)),
            Given::Row(_) => Err(D::Error::custom("照面项的值应为文字或数字，不能是对象")),
            Given::List(list) if list.iter().any(|one| matches!(one, Given::Row(_))) => {
                let row = |one| match one {
                    Given::Row(row) => Ok(row),
                    _ => Err(D::Error::custom("列表中的各项应同为对象")),
                };
                list.into_iter().map(row).collect::<Result<_, _>>().map(Self::Rows)
            }
            Given::List(list) => {
                let text = |one| match one {
                    Given::Text(text) => Ok(text),
                    _ => Err(D::Error::custom("列表中的各项应为文字或数字")),
                };
                list.into_iter().map(text).collect::<Result<_, _>>().map(Self::List)
            }
        }
    }
}

/// A value as JSON gives it. Read by a visitor of its own: a generic JSON value would keep the last of two equal names.
enum Given {
    Text(String),
    List(Vec<Given>),
    Row(Row),
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("文字、数字、列表或若干行")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Given, E> {
        Ok(Given::Text(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Given, E> {
        Ok(Given::Text(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Given, E> {
        // As JSON writes it: 1.0 and not 1.
        Ok(Given::Text(serde_json::Value::from(number).to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<Given, E> {
        Ok(Given::Text(String::new()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Given, E> {
        Err(E::custom("照面项的值应为文字或数字，不能是 true 或 false"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Given>()? {
            if matches!(item, Given::List(_)) {
                return Err(A::Error::custom("列表中不能再有列表"));
            }
            list.push(item);
        }
        Ok(Given::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, items: A) -> Result<Given, A::Error> {
        let row = distinct(items)?.into_iter().map(|(short, value)| match value {
            Given::Text(text) => Ok((short, text)),
            _ => Err(A::Error::custom(format!("“{short}”的值应为文字或数字"))),
        });
        row.collect::<Result<_, _>>().map(Given::Row)
    }
}

/// Reads an object whose names differ. The last of two equal names must not win in silence: nobody knows which is meant.
fn distinct<'de, V: Deserialize<'de>, A: MapAccess<'de>>(
    mut items: A,
) -> Result<BTreeMap<String, V>, A::Error> {
    let mut map = BTreeMap::new();
    while let Some((short, value)) = items.next_entry::<String, V>()? {
        if map.contains_key(&short) {
            return Err(A::Error::custom(format!("“{short}”写了两遍")));
        }
        map.insert(short, value);
    }
    Ok(map)
}

/// The face items of one record, by short name (`KZ_YHMC`), in the order of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FaceData(BTreeMap<String, FaceValue>);

impl<'de> Deserialize<'de> for FaceData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FaceVisitor)
    }
}

struct FaceVisitor;

impl<'de> Visitor<'de> for FaceVisitor {
    type Value = FaceData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("以短名为名的各照面项")
    }

    fn visit_map<A: MapAccess<'de>>(self, items: A) -> Result<FaceData, A::Error> {
        distinct(items).map(FaceData)
    }
}

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
