//! Identifiers of other systems, which bend GB/T 36904 in known ways: accepted with named warnings.

use std::fmt;

use crate::area::AreaCode;
use crate::certificate::{CertificateId, ROOT, Serial, check_character, split};
use crate::error::CodeError;
use crate::type_code::TypeCode;
use crate::uscc::Uscc;
use crate::warning::Warning;

/// Who issued, as the foreign identifier says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForeignIssuer {
    /// A valid USCC, as the standard asks.
    Uscc(Uscc),
    /// 18 characters in the shape of a USCC whose check character is wrong.
    UnverifiedUscc(String),
    /// A 6-digit area code (one ministry's system does so).
    Area(AreaCode),
}

impl fmt::Display for ForeignIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uscc(uscc) => uscc.fmt(f),
            Self::UnverifiedUscc(text) => f.pad(text),
            Self::Area(area) => area.fmt(f),
        }
    }
}

/// An identifier that could be split into its parts, with whatever warnings came beside it.
///
/// It is a type apart so that none can pass as one of ours; [`Self::strict`] converts where every rule holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignCertificateId {
    /// 21 characters in the shape of a type code.
    type_code: String,
    issuer: ForeignIssuer,
    serial: Serial,
    /// 0–999.
    version: u16,
    /// As it stands, not as the rule would have it.
    check: char,
}

impl CertificateId {
    /// Reads an identifier of another system: a 6-digit area as issuer, version 000 and wrong check characters
    /// (of the identifier, the issuer or the type code) each give a warning.
    ///
    /// # Errors
    /// Only what cannot be split: wrong root, wrong number of parts, characters or lengths that fit no form.
    pub fn parse_warn(text: &str) -> Result<(ForeignCertificateId, Vec<Warning>), CodeError> {
        let parts = split(text)?;
        let mut warnings = Vec::new();
        TypeCode::shape(parts.type_code)?;
        if let Err(CodeError::CheckCharacter { expected, found, .. }) = TypeCode::parse(parts.type_code) {
            warnings.push(Warning::TypeCodeCheck { expected, found });
        }
        let issuer = issuer(parts.issuer, &mut warnings)?;
        let serial = Serial::parse(parts.serial)?;
        if parts.version == 0 {
            warnings.push(Warning::VersionZero);
        }
        let expected = check_character(parts.type_code, parts.issuer, parts.serial, parts.version);
        if expected != parts.check {
            warnings.push(Warning::CheckMismatch { expected, found: parts.check });
        }
        let type_code = parts.type_code.to_owned();
        let id =
            ForeignCertificateId { type_code, issuer, serial, version: parts.version, check: parts.check };
        Ok((id, warnings))
    }
}

fn issuer(text: &str, warnings: &mut Vec<Warning>) -> Result<ForeignIssuer, CodeError> {
    if text.len() == 6 {
        let area = AreaCode::parse(text)?;
        warnings.push(Warning::IssuerIsArea { area });
        return Ok(ForeignIssuer::Area(area));
    }
    match Uscc::parse(text) {
        Ok(uscc) => Ok(ForeignIssuer::Uscc(uscc)),
        Err(CodeError::CheckCharacter { expected, found, .. }) => {
            warnings.push(Warning::IssuerCheck { expected, found });
            Ok(ForeignIssuer::UnverifiedUscc(text.to_owned()))
        }
        Err(error) => Err(error),
    }
}

impl ForeignCertificateId {
    /// The same identifier as one of the strict type.
    ///
    /// # Errors
    /// The first rule that does not hold, i.e. whenever there were warnings.
    pub fn strict(&self) -> Result<CertificateId, CodeError> {
        CertificateId::parse_strict(&self.to_string())
    }

    /// 21 characters in the shape of a type code.
    #[must_use]
    pub fn type_code(&self) -> &str {
        &self.type_code
    }

    /// The issuer as it stands.
    #[must_use]
    pub fn issuer(&self) -> &ForeignIssuer {
        &self.issuer
    }

    /// The serial.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The version, 0–999.
    #[must_use]
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The check character as it stands.
    #[must_use]
    pub fn check(&self) -> char {
        self.check
    }
}

impl fmt::Display for ForeignCertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { type_code, issuer, serial, version, check } = self;
        write!(f, "{ROOT}.{type_code}.{issuer}.{serial}.{version:03}.{check}")
    }
}
