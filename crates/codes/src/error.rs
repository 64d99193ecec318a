//! The one error type: every text names the item, the rule and the fix, in Chinese, and never quotes a whole
//! document number (personal data must not reach a log through an error).

use jiff::civil::Date;

/// Why a number, code, date or data file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The text has the wrong number of characters.
    #[error("{item}应为{expected}位，实为{actual}位，请核对原件后补全或删去多余字符")]
    Length {
        /// What was being read, e.g. 统一社会信用代码.
        item: &'static str,
        /// The permitted lengths in words, e.g. `18` or `8或10`.
        expected: &'static str,
        /// Characters found.
        actual: usize,
    },
    /// One character is outside the permitted set.
    #[error("{item}第{position}位“{found}”不符合规则（应为{allowed}），{fix}")]
    Character {
        /// What was being read.
        item: &'static str,
        /// 1-based position in characters.
        position: usize,
        /// The character, or its code point where it cannot be shown.
        found: String,
        /// The permitted set in words.
        allowed: &'static str,
        /// What the person should do.
        fix: String,
    },
    /// A dot or a blank between the characters of a plate.
    #[error("{item}中有{what}，请去掉{what}")]
    Separator {
        /// What was being read.
        item: &'static str,
        /// 间隔点 or 空格.
        what: &'static str,
    },
    /// The check character does not follow from the others.
    #[error("{item}第{position}位校验码应为“{expected}”，实为“{found}”，请核对原件")]
    CheckCharacter {
        /// What was being read.
        item: &'static str,
        /// 1-based position in characters.
        position: usize,
        /// The character that the rule gives.
        expected: char,
        /// The character that stands there.
        found: char,
    },
    /// The text cannot be split into its parts.
    #[error("{item}的结构不正确：{detail}，请核对原件")]
    Structure {
        /// What was being read.
        item: &'static str,
        /// Which rule of the structure was broken.
        detail: String,
    },
    /// The version number of a certificate identifier is outside 001–999.
    #[error("证照标识的版本号应为001至999，实为{found}，请从001起逐版递增")]
    Version {
        /// The number given.
        found: u32,
    },
    /// A date in another form than ISO, or a birth date inside a number that the calendar does not have.
    #[error("{item}“{found}”不是有效日期，{}", date_fix(.item))]
    Date {
        /// What was being read.
        item: &'static str,
        /// The text, shortened.
        found: String,
    },
    /// A date of the right form that the calendar does not have, such as 30 February.
    #[error("{item}“{found}”这一天不存在，请核对原件")]
    NoSuchDay {
        /// What was being read.
        item: &'static str,
        /// The text.
        found: String,
    },
    /// A birth date after today.
    #[error("{item}中的出生日期{date}晚于{today}，请核对原件")]
    BirthInFuture {
        /// What was being read.
        item: &'static str,
        /// The birth date in the number.
        date: Date,
        /// The day it was compared with.
        today: Date,
    },
    /// No province has these two digits.
    #[error("{item}前两位“{found}”不是任何省级行政区划代码，请核对原件")]
    Province {
        /// What was being read.
        item: &'static str,
        /// The two digits.
        found: String,
    },
    /// A code that its table does not contain.
    #[error("{table}代码“{found}”不在代码表中，请从代码表中选取")]
    UnknownCode {
        /// The table's Chinese name.
        table: &'static str,
        /// The code, shortened.
        found: String,
    },
    /// A data file of ours, or one that a province brought, cannot be read.
    #[error("数据文件“{file}”有误：{detail}，请按data/README.md的说明修改")]
    Data {
        /// Table id, file name or year.
        file: String,
        /// What is wrong.
        detail: String,
    },
}

impl CodeError {
    /// Whether only the check character is wrong: most often one character was copied wrongly.
    #[must_use]
    pub fn is_check_digit(&self) -> bool {
        matches!(self, Self::CheckCharacter { .. })
    }

    /// The text in two: what is wrong, and what to do about it (begins with 请).
    #[must_use]
    pub fn fault_and_fix(&self) -> (String, String) {
        split_fix(&self.to_string())
    }
}

/// Every text here ends in its fix, which begins with 请: what stands before the last such comma is the fault.
pub(crate) fn split_fix(text: &str) -> (String, String) {
    let at = text.rfind("，请").unwrap_or(text.len());
    (text[..at].to_owned(), text[at..].trim_start_matches('，').to_owned())
}

/// A date inside a number cannot be written in another form: only its document says what is right.
fn date_fix(item: &str) -> &'static str {
    if item.contains("号码") { "请核对原件" } else { "请按“年-月-日”填写，如2026-03-01" }
}
