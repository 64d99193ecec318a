//! 证照类型代码 (GB/T 36902, GB/T 36904).

use std::fmt;

use crate::check;
use crate::error::CodeError;
use crate::text::text_value;
use crate::uscc::Uscc;

pub(crate) const ITEM: &str = "证照类型代码";

/// The 21-character code of a kind of certificate: the defining authority's USCC and a 3-digit number.
///
/// The numbers of the nine kinds are data of the catalogue, not of this type (standards.md table 1.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeCode {
    text: String,
    authority: Uscc,
}

impl TypeCode {
    /// Reads a type code exactly as it stands.
    ///
    /// # Errors
    /// Wrong length, wrong characters, or a USCC whose check character does not hold.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        Self::shape(text)?;
        Ok(Self { authority: Uscc::parse(&text[..18])?, text: text.to_owned() })
    }

    /// Everything but the check character of the USCC inside.
    pub(crate) fn shape(text: &str) -> Result<(), CodeError> {
        check::characters(ITEM, text, "数字或大写字母", |c| {
            c.is_ascii_digit() || c.is_ascii_uppercase()
        })?;
        check::length(ITEM, text, &[21], "21")?;
        Uscc::shape(ITEM, &text[..18])?;
        match text.chars().enumerate().skip(18).find(|(_, c)| !c.is_ascii_digit()) {
            Some((index, c)) => Err(check::character(ITEM, index, c, "数字（类型顺序号）")),
            None => Ok(()),
        }
    }

    /// The 21 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The authority that defined this kind (证照定义机构).
    #[must_use]
    pub fn defining_authority(&self) -> &Uscc {
        &self.authority
    }

    /// The 3-digit number within the defining authority, e.g. `013`.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.text[18..]
    }
}

impl fmt::Display for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

text_value!(TypeCode);
