//! Distinguished names.

use std::fmt;

use crate::GmError;
use crate::der::{Oid, Reader, Tag, Writer};
use crate::oid;

/// The kinds of name parts this crate writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameAttribute {
    /// C, two capital letters such as `CN`.
    Country,
    /// ST.
    Province,
    /// L.
    Locality,
    /// O.
    Organization,
    /// OU.
    Unit,
    /// CN.
    CommonName,
    /// serialNumber of the subject, such as a 统一社会信用代码.
    SerialNumber,
}

impl NameAttribute {
    const ALL: [Self; 7] = [
        Self::Country,
        Self::Province,
        Self::Locality,
        Self::Organization,
        Self::Unit,
        Self::CommonName,
        Self::SerialNumber,
    ];

    const fn oid(self) -> Oid {
        match self {
            Self::Country => oid::COUNTRY,
            Self::Province => oid::PROVINCE,
            Self::Locality => oid::LOCALITY,
            Self::Organization => oid::ORGANIZATION,
            Self::Unit => oid::UNIT,
            Self::CommonName => oid::COMMON_NAME,
            Self::SerialNumber => oid::SERIAL_NUMBER,
        }
    }

    const fn short(self) -> &'static str {
        match self {
            Self::Country => "C",
            Self::Province => "ST",
            Self::Locality => "L",
            Self::Organization => "O",
            Self::Unit => "OU",
            Self::CommonName => "CN",
            Self::SerialNumber => "SERIALNUMBER",
        }
    }
}

/// A distinguished name. Two names are equal when their bytes are.
#[derive(Clone)]
pub struct Name {
    der: Vec<u8>,
    parts: Vec<(Oid, String)>,
}

impl Name {
    /// Builds a name, one part per RDN, in the order given (customarily C first and CN last). Values are UTF8String,
    /// except C and serialNumber, which X.520 defines as PrintableString.
    ///
    /// # Errors
    /// [`GmError::Encode`] for an empty value, a country that is not two capitals, or characters outside PrintableString.
    pub fn new(parts: &[(NameAttribute, &str)]) -> Result<Self, GmError> {
        for &(attribute, value) in parts {
            if value.is_empty() {
                return Err(GmError::Encode { kind: "Name", rule: "名称各项不得为空" });
            }
            let is_code = value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase());
            if attribute == NameAttribute::Country && !is_code {
                return Err(GmError::Encode {
                    kind: "Name", rule: "国家应为两个大写字母，如 CN"
                });
            }
        }
        let mut writer = Writer::new();
        writer.sequence(|w| parts.iter().for_each(|&(attribute, value)| write_part(w, attribute, value)));
        let parts = parts.iter().map(|&(attribute, value)| (attribute.oid(), value.to_owned())).collect();
        Ok(Self { der: writer.finish()?, parts })
    }

    /// Reads a Name at the reader.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, GmError> {
        let der = reader.clone().raw_tlv()?.to_vec();
        let sets = reader.sequence_of(|rdn| {
            rdn.nested_with(Tag::SET, |set| {
                let mut parts = vec![read_part(set)?];
                while !set.is_empty() {
                    parts.push(read_part(set)?);
                }
                Ok(parts)
            })
        })?;
        Ok(Self { der, parts: sets.into_iter().flatten().collect() })
    }

    /// The exact DER bytes.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The first value of a kind.
    pub fn get(&self, attribute: NameAttribute) -> Option<&str> {
        self.parts.iter().find(|(oid, _)| *oid == attribute.oid()).map(|(_, value)| value.as_str())
    }

    /// The CN, if any.
    pub fn common_name(&self) -> Option<&str> {
        self.get(NameAttribute::CommonName)
    }

    /// What to call the holder in a message: the CN, or the whole name without one.
    pub fn short_text(&self) -> String {
        self.common_name().map_or_else(|| self.to_string(), str::to_owned)
    }
}

/// `C=CN, O=…, CN=…` in the order of the encoding; unknown kinds appear as their OID.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (oid, value)) in self.parts.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            match NameAttribute::ALL.iter().find(|attribute| attribute.oid() == *oid) {
                Some(attribute) => write!(f, "{separator}{}={value}", attribute.short())?,
                None => write!(f, "{separator}{oid}={value}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Name {}

fn write_part(writer: &mut Writer, attribute: NameAttribute, value: &str) {
    writer.set(|w| {
        w.sequence(|w| {
            w.oid(&attribute.oid());
            match attribute {
                NameAttribute::Country | NameAttribute::SerialNumber => w.printable(value),
                _ => w.utf8(value),
            }
        });
    });
}

fn read_part(reader: &mut Reader<'_>) -> Result<(Oid, String), GmError> {
    reader.nested_with(Tag::SEQUENCE, |part| Ok((part.oid()?, part.any_text()?)))
}
