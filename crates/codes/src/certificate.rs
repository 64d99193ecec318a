//! 证照标识 (GB/T 36904-2018): `root.type.issuer.serial.version.check`.

use std::fmt;

use crate::check;
use crate::checksum::{mod_37_36, value36};
use crate::error::CodeError;
use crate::text::text_value;
use crate::type_code::TypeCode;
use crate::uscc::Uscc;

/// The object identifier that every certificate identifier begins with.
pub const ROOT: &str = "1.2.156.3005.2";

pub(crate) const ITEM: &str = "证照标识";
const SERIAL: &str = "证照标识流水号";
const SERIAL_ALLOWED: &str = "数字或大写字母";

/// The serial part: 1–32 characters of `0-9A-Z`, unique within type and issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(String);

impl Serial {
    /// Reads a serial exactly as it stands.
    ///
    /// # Errors
    /// Empty, longer than 32, or a character outside `0-9A-Z`.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        check::characters(SERIAL, text, SERIAL_ALLOWED, |c| value36(c).is_some())?;
        match text.len() {
            1..=32 => Ok(Self(text.to_owned())),
            actual => Err(CodeError::Length { item: SERIAL, expected: "1至32", actual }),
        }
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_value!(Serial);

/// The identifier of one version of one certificate; all parts and the check character hold.
///
/// Text and serde form is the full dotted identifier. The check is ISO 7064 MOD 37,36 over type, issuer, serial
/// and version, root and dots excluded (verified on published identifiers, standards.md 2.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateId {
    type_code: TypeCode,
    issuer: Uscc,
    serial: Serial,
    version: u16,
    check: char,
}

impl CertificateId {
    /// Makes the identifier of a version (1–999) and computes its check character.
    ///
    /// # Errors
    /// [`CodeError::Version`] outside 1–999.
    pub fn new(type_code: TypeCode, issuer: Uscc, serial: Serial, version: u16) -> Result<Self, CodeError> {
        if !(1..=999).contains(&version) {
            return Err(CodeError::Version { found: u32::from(version) });
        }
        let check = check_character(type_code.as_str(), issuer.as_str(), serial.as_str(), version);
        Ok(Self { type_code, issuer, serial, version, check })
    }

    /// Reads an identifier that must keep every rule, as our own do.
    ///
    /// # Errors
    /// Any part or the check character wrong. For identifiers of other systems see [`Self::parse_warn`].
    pub fn parse_strict(text: &str) -> Result<Self, CodeError> {
        let parts = split(text)?;
        let id = Self::new(
            TypeCode::parse(parts.type_code)?,
            Uscc::parse(parts.issuer)?,
            Serial::parse(parts.serial)?,
            parts.version,
        )?;
        id.checked(parts.check, text)
    }

    /// As [`Self::parse_strict`], under the name that `FromStr` and serde use.
    ///
    /// # Errors
    /// As there.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        Self::parse_strict(text)
    }

    /// Reads the form of [`Self::compact`].
    ///
    /// # Errors
    /// Any part or the check character wrong.
    pub fn parse_compact(text: &str) -> Result<Self, CodeError> {
        check::characters(ITEM, text, SERIAL_ALLOWED, |c| value36(c).is_some())?;
        // 21 type + 18 issuer + at least 1 serial + 3 version + 1 check; all ASCII by the line above.
        if !(44..=75).contains(&text.len()) {
            return Err(CodeError::Length { item: ITEM, expected: "44至75", actual: text.len() });
        }
        let (body, check) = text.split_at(text.len() - 1);
        let (body, version) = body.split_at(body.len() - 3);
        let id = Self::new(
            TypeCode::parse(&body[..21])?,
            Uscc::parse(&body[21..39])?,
            Serial::parse(&body[39..])?,
            version_number(version)?,
        )?;
        id.checked(check.chars().next().unwrap_or(' '), text)
    }

    fn checked(self, found: char, text: &str) -> Result<Self, CodeError> {
        if self.check == found {
            return Ok(self);
        }
        let position = text.chars().count();
        Err(CodeError::CheckCharacter { item: ITEM, position, expected: self.check, found })
    }

    /// The identifier of another version of the same certificate.
    ///
    /// # Errors
    /// [`CodeError::Version`] outside 1–999.
    pub fn with_version(&self, version: u16) -> Result<Self, CodeError> {
        Self::new(self.type_code.clone(), self.issuer.clone(), self.serial.clone(), version)
    }

    /// The kind of certificate.
    #[must_use]
    pub fn type_code(&self) -> &TypeCode {
        &self.type_code
    }

    /// The issuing authority.
    #[must_use]
    pub fn issuer(&self) -> &Uscc {
        &self.issuer
    }

    /// The serial, the same in all versions.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The version, 1–999.
    #[must_use]
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The check character.
    #[must_use]
    pub fn check(&self) -> char {
        self.check
    }

    /// Type, issuer, serial, version and check joined without root and dots (44–75 characters), for 2D codes.
    #[must_use]
    pub fn compact(&self) -> String {
        format!("{}{}{}{:03}{}", self.type_code, self.issuer, self.serial, self.version, self.check)
    }
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { type_code, issuer, serial, version, check } = self;
        write!(f, "{ROOT}.{type_code}.{issuer}.{serial}.{version:03}.{check}")
    }
}

text_value!(CertificateId);

/// The check character over the four parts.
pub(crate) fn check_character(type_code: &str, issuer: &str, serial: &str, version: u16) -> char {
    let version = format!("{version:03}");
    mod_37_36([type_code, issuer, serial, &version].into_iter().flat_map(str::chars))
}

/// The five parts after the root, split but not yet judged.
pub(crate) struct Parts<'a> {
    pub type_code: &'a str,
    pub issuer: &'a str,
    pub serial: &'a str,
    pub version: u16,
    pub check: char,
}

/// Splits at the dots after the fixed root; version and check must have their shape.
pub(crate) fn split(text: &str) -> Result<Parts<'_>, CodeError> {
    let structure = |detail: &str| CodeError::Structure { item: ITEM, detail: detail.to_owned() };
    let rest = text
        .strip_prefix(ROOT)
        .and_then(|rest| rest.strip_prefix('.'))
        .ok_or_else(|| structure("应以“1.2.156.3005.2.”开头"))?;
    let parts: Vec<&str> = rest.split('.').collect();
    let [type_code, issuer, serial, version, check] = parts[..] else {
        return Err(structure(&format!("根标识之后应有以点号分隔的5段，实有{}段", parts.len())));
    };
    let mut check_chars = check.chars();
    let (Some(check), None) = (check_chars.next(), check_chars.next()) else {
        return Err(structure("末段校验码应为1位"));
    };
    if value36(check).is_none() {
        return Err(structure("末段校验码应为数字或大写字母"));
    }
    Ok(Parts { type_code, issuer, serial, version: version_number(version)?, check })
}

/// Exactly three decimal digits.
fn version_number(text: &str) -> Result<u16, CodeError> {
    let detail = "版本号应为3位数字".to_owned();
    match text.parse() {
        // `parse` alone would take "+01".
        Ok(version) if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(version),
        _ => Err(CodeError::Structure { item: ITEM, detail }),
    }
}
