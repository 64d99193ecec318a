//! 赋码 `CodeProvider`: who mints the content of the 2D code. Ours by default; the ministry's connector is another one.

use codes::{CertificateId, Validity};
use gm::SigningKey;
use jiff::civil::Date;

use crate::{Code, CodeError, CodeType};

/// What a code is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRequest {
    /// 证照标识.
    pub identifier: CertificateId,
    /// Dense number within the province.
    pub status_index: u32,
    /// 颁发日期.
    pub issued: Date,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_to: Validity,
}

/// Mints the content of the code on a face.
pub trait CodeProvider: Send + Sync {
    /// The text that the symbol carries.
    ///
    /// # Errors
    /// The key or the other system fails, or refuses; the certificate then waits.
    fn content(&self, request: &CodeRequest) -> Result<String, CodeError>;

    /// Which key or system mints: the intent remembers it.
    fn label(&self) -> String;
}

/// Our own signed code.
pub struct OwnCodes {
    key: Box<dyn SigningKey>,
}

impl OwnCodes {
    /// Codes signed with the code key.
    pub fn new(key: Box<dyn SigningKey>) -> Self {
        Self { key }
    }
}

impl CodeProvider for OwnCodes {
    fn content(&self, request: &CodeRequest) -> Result<String, CodeError> {
        let code = Code {
            code_type: CodeType::Face,
            key_id: self.key.public_key().key_id(),
            identifier: request.identifier.clone(),
            status_index: request.status_index,
            issued: request.issued,
            valid_from: request.valid_from,
            valid_to: request.valid_to,
        };
        code.sign(&*self.key)
    }

    fn label(&self) -> String {
        self.key.public_key().key_id().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
