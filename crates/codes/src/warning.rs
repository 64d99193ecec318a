//! What is odd but does not make a value unusable.

use crate::area::AreaCode;

/// A named oddity of a value that was nevertheless accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The issuer part of a foreign identifier is a 6-digit area, not a USCC (GB/T 36904 asks for 18 characters).
    #[error("证照标识的颁发机构部分是行政区划代码{area}，应为18位统一社会信用代码，请向发证地核实")]
    IssuerIsArea {
        /// The area that stands in place of the issuer.
        area: AreaCode,
    },
    /// The issuer part looks like a USCC but its check character is wrong.
    #[error("证照标识的颁发机构代码第18位校验码应为“{expected}”，实为“{found}”，请向发证地核实")]
    IssuerCheck {
        /// The character that the rule gives.
        expected: char,
        /// The character that stands there.
        found: char,
    },
    /// The defining authority inside the type code has a wrong check character.
    #[error("证照类型代码第18位校验码应为“{expected}”，实为“{found}”，请核对证照目录")]
    TypeCodeCheck {
        /// The character that the rule gives.
        expected: char,
        /// The character that stands there.
        found: char,
    },
    /// Version 000: the rule begins with 001.
    #[error("证照标识的版本号为000，应从001起，请向发证地核实")]
    VersionZero,
    /// The check character of the identifier is wrong.
    #[error("证照标识的校验码应为“{expected}”，实为“{found}”，请核对原件是否抄录有误")]
    CheckMismatch {
        /// The character that the rule gives.
        expected: char,
        /// The character that stands there.
        found: char,
    },
    /// The area in an identity number was abolished; such numbers stay valid for life.
    #[error("号码中的行政区划代码{area}（{name}）已撤销，号码仍可有效，请留意核对")]
    AreaRetired {
        /// The area code.
        area: AreaCode,
        /// Its last name.
        name: String,
    },
    /// The area in an identity number is not in the table.
    #[error("号码中的行政区划代码{area}不在代码表中，请核对原件")]
    AreaUnknown {
        /// The area code.
        area: AreaCode,
    },
    /// A 15-digit identity number of before 1999.
    #[error("这是15位旧居民身份证号码，已停止使用，请改填18位公民身份号码")]
    OldResidentNumber,
    /// A new-energy plate with a colour that is not 5, 93 or 94.
    #[error(
        "号牌{number}是新能源汽车号牌，车牌颜色应为绿色（5）、黄绿色（93）或渐变绿色（94），实为{colour}，请核对"
    )]
    NewEnergyColour {
        /// The plate.
        number: String,
        /// The colour code given.
        colour: String,
    },
    /// A plate of the ordinary pattern with a colour that only new-energy plates have.
    #[error("号牌{number}不是新能源汽车号牌，车牌颜色却为{colour}（新能源专用），请核对")]
    OrdinaryColour {
        /// The plate.
        number: String,
        /// The colour code given.
        colour: String,
    },
}

impl Warning {
    /// The stable name of this warning, for reports and counts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::IssuerIsArea { .. } => "ISSUER_IS_AREA",
            Self::IssuerCheck { .. } => "ISSUER_CHECK",
            Self::TypeCodeCheck { .. } => "TYPE_CODE_CHECK",
            Self::VersionZero => "VERSION_ZERO",
            Self::CheckMismatch { .. } => "CHECK_MISMATCH",
            Self::AreaRetired { .. } => "AREA_RETIRED",
            Self::AreaUnknown { .. } => "AREA_UNKNOWN",
            Self::OldResidentNumber => "OLD_RESIDENT_NUMBER",
            Self::NewEnergyColour { .. } => "NEW_ENERGY_COLOUR",
            Self::OrdinaryColour { .. } => "ORDINARY_COLOUR",
        }
    }

    /// The text in two: what is odd, and what to do about it (begins with 请).
    #[must_use]
    pub fn fault_and_fix(&self) -> (String, String) {
        crate::error::split_fix(&self.to_string())
    }
}
