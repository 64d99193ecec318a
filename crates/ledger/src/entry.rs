//! One row of the audit log and its canonical bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Hash, LedgerError, hex, parse_hex};

/// Version of the form; another one is refused by name.
const VERSION: u8 = 1;

/// Who did it: the API client and the person behind it. Numbers and names of units only, never a person's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The API client or the node's own process.
    pub client: String,
    /// Account of the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The operator's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// 执法证号 or staff number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_no: Option<String>,
}

/// How an entry stands to the earlier ones of its object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not in the object's chain: a read. Reads need no lock on the object and do not move its latest entry.
    #[default]
    Apart,
    /// The first act on the object.
    First,
    /// A later act: the leaf hash of the object's previous chained entry.
    After(Hash),
}

/// The certificate that an entry is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The certificate's key, as text.
    pub key: String,
    /// Place in the certificate's chain of acts.
    pub link: Link,
}

/// One act or one read of personal data.
///
/// *No personal data in clear.* Entries are exported to people who may check the log and not see the persons in it, and
/// nothing can ever be deleted from it. A name, document number, telephone number or plate goes in as
/// `subject_sm3` (a keyed digest), never into `purpose`, `detail` or any other text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// What was done: `certificate.cancel`, `verify.identifier`.
    pub act: String,
    /// When it was recorded, microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who did it.
    pub actor: Actor,
    /// Why.
    pub purpose: Option<String>,
    /// 案号 or business number.
    pub case_no: Option<String>,
    /// The certificate that it is about.
    pub object: Option<Object>,
    /// Area code.
    pub area: Option<String>,
    /// How it ended: `done`, `refused`, a verdict.
    pub outcome: String,
    /// More about it; sorted by name.
    pub detail: BTreeMap<String, String>,
    /// Whose data was read: HMAC-SM3 of the document number under a key of the node. (A bare digest of an ID number can
    /// be guessed.)
    pub subject_sm3: Option<Hash>,
}

/// The JSON form; the order of these fields is the order on the wire.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    v: u8,
    act: String,
    at: i64,
    actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    outcome: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    detail: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject_sm3: Option<String>,
}

/// `previous` of the first chained entry of an object.
const FIRST: &str = "first";

impl Entry {
    /// The canonical bytes: JSON in fixed order without white space, absent fields left out.
    pub fn canonical(&self) -> Vec<u8> {
        let entry = self.clone();
        let previous = match self.object.as_ref().map(|object| object.link) {
            None | Some(Link::Apart) => None,
            Some(Link::First) => Some(FIRST.to_owned()),
            Some(Link::After(hash)) => Some(hex(&hash)),
        };
        let spelled = Spelled {
            v: VERSION,
            act: entry.act,
            at: entry.at,
            actor: entry.actor,
            purpose: entry.purpose,
            case_no: entry.case_no,
            object: entry.object.map(|object| object.key),
            previous,
            area: entry.area,
            outcome: entry.outcome,
            detail: entry.detail,
            subject_sm3: entry.subject_sm3.as_ref().map(hex),
        };
        // Text, numbers and a map with text keys: serde_json has no way to fail on them.
        serde_json::to_vec(&spelled).unwrap_or_default()
    }

    /// Reads canonical bytes, and nothing else: what encodes differently is refused.
    ///
    /// # Errors
    /// [`LedgerError::Entry`] with the rule that was broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let wrong = |rule: &str| LedgerError::Entry { rule: rule.to_owned() };
        let spelled: Spelled = serde_json::from_slice(bytes)
            .map_err(|error| wrong(&format!("不是所定字段的 JSON（第 {} 个字符处）", error.column())))?;
        if spelled.v != VERSION {
            return Err(wrong(&format!("第 {} 版格式本程序不识别，应为第 {VERSION} 版", spelled.v)));
        }
        let link = match spelled.previous.as_deref() {
            None => Link::Apart,
            Some(FIRST) => Link::First,
            Some(text) => {
                Link::After(parse_hex(text).ok_or_else(|| wrong("previous 应为 64 位小写十六进制"))?)
            }
        };
        let object = match spelled.object {
            Some(key) => Some(Object { key, link }),
            None if link == Link::Apart => None,
            None => return Err(wrong("有 previous 的条目应写明 object")),
        };
        let subject = spelled.subject_sm3.as_deref();
        let subject_sm3 = subject
            .map(|text| parse_hex(text).ok_or_else(|| wrong("subject_sm3 应为 64 位小写十六进制")))
            .transpose()?;
        let entry = Self {
            act: spelled.act,
            at: spelled.at,
            actor: spelled.actor,
            purpose: spelled.purpose,
            case_no: spelled.case_no,
            object,
            area: spelled.area,
            outcome: spelled.outcome,
            detail: spelled.detail,
            subject_sm3,
        };
        if entry.canonical() != bytes {
            return Err(wrong("字段次序、空白或转义不是规定写法"));
        }
        Ok(entry)
    }
}
