//! The person behind a client: travels in each call and into the audit log.

use super::{AuthError, percent};

/// A header that carries one fact about the person, and the most UTF-8 bytes it may hold once decoded.
pub(super) struct Field {
    pub(super) header: &'static str,
    limit: usize,
}

/// The person headers, in the order in which the signature covers them.
pub(super) const FIELDS: [Field; 5] = [
    Field { header: "LZ-Operator", limit: 150 },
    Field { header: "LZ-Unit", limit: 300 },
    Field { header: "LZ-Staff-No", limit: 64 },
    Field { header: "LZ-Purpose", limit: 600 },
    Field { header: "LZ-Case-No", limit: 150 },
];

/// Who acts behind the client, and why. All are as the client states them; which of them a call needs is the
/// server's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name of the operator, at most 150 bytes of UTF-8 (50 Chinese characters).
    pub operator: Option<String>,
    /// Unit, at most 300 bytes.
    pub unit: Option<String>,
    /// Staff number or 执法证号, at most 64 bytes.
    pub staff_no: Option<String>,
    /// Purpose of the call, at most 600 bytes.
    pub purpose: Option<String>,
    /// Case number, at most 150 bytes.
    pub case_no: Option<String>,
}

impl Person {
    /// Values as they stand in the headers, `""` for an absent one.
    ///
    /// # Errors
    /// [`AuthError::Format`] if a value is too long or holds a control character.
    pub(super) fn encode(&self) -> Result<[String; 5], AuthError> {
        let values = [&self.operator, &self.unit, &self.staff_no, &self.purpose, &self.case_no];
        let mut encoded: [String; 5] = Default::default();
        for ((value, field), place) in values.into_iter().zip(&FIELDS).zip(&mut encoded) {
            let text = value.as_deref().unwrap_or_default();
            check_length(text, field)?;
            if text.chars().any(char::is_control) {
                return Err(AuthError::format(field.header, "不得含控制字符"));
            }
            *place = percent::encode(text);
        }
        Ok(encoded)
    }

    /// Reads the header values; an empty one counts as absent.
    ///
    /// # Errors
    /// [`AuthError::Format`] naming the header.
    pub(super) fn decode(values: &[&str; 5]) -> Result<Self, AuthError> {
        let mut decoded: [Option<String>; 5] = Default::default();
        for ((value, field), place) in values.iter().zip(&FIELDS).zip(&mut decoded) {
            if value.is_empty() {
                continue;
            }
            if value.len() > 3 * field.limit {
                return Err(AuthError::format(field.header, "内容过长"));
            }
            let text = percent::decode(value)
                .ok_or(AuthError::format(field.header, "应为 UTF-8 的百分号编码，且不含控制字符"))?;
            check_length(&text, field)?;
            *place = Some(text.into_owned());
        }
        let [operator, unit, staff_no, purpose, case_no] = decoded;
        Ok(Self { operator, unit, staff_no, purpose, case_no })
    }
}

fn check_length(text: &str, field: &Field) -> Result<(), AuthError> {
    if text.len() > field.limit { Err(AuthError::format(field.header, "内容过长")) } else { Ok(()) }
}
