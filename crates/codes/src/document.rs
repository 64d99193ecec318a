//! Document numbers of holders, judged by their document type (GB/T 36903 appendix A, table `holder-document-type`).

use std::fmt;

use jiff::civil::Date;

use crate::check;
use crate::error::CodeError;
use crate::resident::{ResidentId, Sex, fifteen_to_eighteen};
use crate::uscc::Uscc;
use crate::warning::Warning;

/// What a number turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentKind {
    /// 001 统一社会信用代码.
    Uscc(Uscc),
    /// 111 公民身份号码.
    Resident(ResidentId),
    /// 111 with 15 digits; carries the 18-character form.
    OldResident(ResidentId),
    /// 111 or 999 with the prefix 81, 82 or 83: 港澳台居民居住证.
    ResidencePermit(ResidentId),
    /// 516 港澳居民来往内地通行证.
    HongKongMacauPass,
    /// 511 台湾居民来往大陆通行证.
    TaiwanPass,
    /// 411–414 passports, loosely.
    Passport,
    /// Military and other documents: only that there is a text without odd characters.
    Other,
}

/// A holder's document number that keeps the rule of its type. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentNumber {
    text: String,
    kind: DocumentKind,
    warnings: Vec<Warning>,
}

impl DocumentNumber {
    /// Reads a number by its 3-digit document type; birth dates are compared with `today`.
    ///
    /// # Errors
    /// An unknown type code, or a number that breaks the rule of its type.
    pub fn parse(type_code: &str, text: &str, today: Date) -> Result<Self, CodeError> {
        let (kind, warnings) = match type_code {
            "001" => (DocumentKind::Uscc(Uscc::parse(text)?), Vec::new()),
            "111" => resident(text, today)?,
            "411" | "412" | "413" | "414" => (passport(text)?, Vec::new()),
            "511" => (taiwan_pass(text)?, Vec::new()),
            "516" => (hong_kong_macau_pass(text)?, Vec::new()),
            // Permits have no type of their own in the table, so they also come as 其他自然人证件.
            "999" if is_permit_shape(text) => resident(text, today)?,
            "099" | "114" | "115" | "118" | "119" | "120" | "122" | "999" => (other(text)?, Vec::new()),
            _ => {
                let found = check::shortened(type_code);
                return Err(CodeError::UnknownCode { table: "持证主体代码类型", found });
            }
        };
        Ok(Self { text: text.to_owned(), kind, warnings })
    }

    /// What the number is.
    #[must_use]
    pub fn kind(&self) -> &DocumentKind {
        &self.kind
    }

    /// Oddities that do not make it unusable.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The number as given: personal data, not for logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number in its present form: 18 characters for an old 15-digit one, else as given.
    #[must_use]
    pub fn current_form(&self) -> &str {
        match &self.kind {
            DocumentKind::OldResident(id) => id.as_str(),
            _ => &self.text,
        }
    }

    /// The birth date, where the number carries one.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        self.resident().map(ResidentId::birth_date)
    }

    /// The sex, where the number carries it.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        self.resident().map(ResidentId::sex)
    }

    fn resident(&self) -> Option<&ResidentId> {
        match &self.kind {
            DocumentKind::Resident(id)
            | DocumentKind::OldResident(id)
            | DocumentKind::ResidencePermit(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Debug for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentNumber").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn resident(text: &str, today: Date) -> Result<(DocumentKind, Vec<Warning>), CodeError> {
    if text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit()) {
        let (id, mut warnings) = ResidentId::parse(&fifteen_to_eighteen(text)?, today)?;
        warnings.push(Warning::OldResidentNumber);
        return Ok((DocumentKind::OldResident(id), warnings));
    }
    let (id, warnings) = ResidentId::parse(text, today)?;
    let kind =
        if id.is_residence_permit() { DocumentKind::ResidencePermit(id) } else { DocumentKind::Resident(id) };
    Ok((kind, warnings))
}

fn is_permit_shape(text: &str) -> bool {
    text.len() == 18 && ["810000", "820000", "830000"].iter().any(|prefix| text.starts_with(prefix))
}

/// H or M, then 8 digits (since 2013 the version number is apart) or 10.
fn hong_kong_macau_pass(text: &str) -> Result<DocumentKind, CodeError> {
    const ITEM: &str = "港澳居民来往内地通行证号码";
    if let Some(c) = text.chars().next().filter(|c| !matches!(c, 'H' | 'M')) {
        return Err(check::character(ITEM, 0, c, "字母H（香港）或M（澳门）"));
    }
    if let Some((index, c)) = text.chars().enumerate().skip(1).find(|(_, c)| !c.is_ascii_digit()) {
        return Err(check::character(ITEM, index, c, "数字"));
    }
    check::length(ITEM, text, &[9, 11], "9（字母加8位数字）或11")?;
    Ok(DocumentKind::HongKongMacauPass)
}

/// 8 digits (since 2015) or 10.
fn taiwan_pass(text: &str) -> Result<DocumentKind, CodeError> {
    const ITEM: &str = "台湾居民来往大陆通行证号码";
    check::characters(ITEM, text, "数字", |c| c.is_ascii_digit())?;
    check::length(ITEM, text, &[8, 10], "8或10")?;
    Ok(DocumentKind::TaiwanPass)
}

/// Passports of all countries: 5–20 letters and digits (ICAO 9303 fields have 9, old ones vary).
fn passport(text: &str) -> Result<DocumentKind, CodeError> {
    const ITEM: &str = "护照号码";
    check::characters(ITEM, text, "数字或大写字母", |c| c.is_ascii_digit() || c.is_ascii_uppercase())?;
    match text.len() {
        5..=20 => Ok(DocumentKind::Passport),
        actual => Err(CodeError::Length { item: ITEM, expected: "5至20", actual }),
    }
}

/// Numbers whose rule nobody published, such as 军字第…号: not blank, no control characters, at most 64.
fn other(text: &str) -> Result<DocumentKind, CodeError> {
    const ITEM: &str = "证件号码";
    check::characters(ITEM, text, "可见字符", |c| !c.is_control() && !c.is_whitespace())?;
    match text.chars().count() {
        1..=64 => Ok(DocumentKind::Other),
        actual => Err(CodeError::Length { item: ITEM, expected: "1至64", actual }),
    }
}
