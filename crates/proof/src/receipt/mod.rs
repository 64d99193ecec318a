//! 核验回执: who checked what, when, with what verdict, on what knowledge (`docs/receipt-format.md`).
//!
//! A receipt is signed by the node (online checks) or by the officer's device (offline ones, chained), never holds a name or document
//! number of a holder, and can be checked with public keys only.

mod bundle;
mod bytes;
mod check;
mod content;
mod countersign;
mod device;
mod reasons;
mod words;

pub use bundle::{Bundle, PREFIX, QR_CHARACTERS, SignedReceipt};
pub use check::{CheckedReceipt, ReceiptTrust, check_receipt};
pub use content::{Group, Knowledge, Outcome, Place, Receipt, Signer, Subject};
pub use countersign::{Countersignature, SignedCountersignature};
pub use device::{DeviceCertificate, SignedDeviceCertificate, enrolment};

use gm::sm2::{PublicKey, Signature};

use crate::code::Bytes;

/// Version of every structure here.
const VERSION: u8 = 1;
/// Length of a signature, r ‖ s.
const SIGNATURE_LEN: usize = 64;

/// What a node or device signs begins with one of these, so that no signature of one kind passes for another.
mod context {
    pub(super) const RECEIPT: &[u8] = b"luzheng receipt 1\n";
    pub(super) const DEVICE: &[u8] = b"luzheng device 1\n";
    pub(super) const ENROLMENT: &[u8] = b"luzheng device enrolment 1\n";
    pub(super) const COUNTERSIGNATURE: &[u8] = b"luzheng countersignature 1\n";
}

/// Why a text is no receipt, or a receipt cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Another text.
    #[error("不是核验回执（应以“LZR:”开头）；请核对所给的文字或文件")]
    Foreign,
    /// Not Base45, or cut.
    #[error("核验回执不完整或有误；请重新扫描或重新索取")]
    Encoding,
    /// A version that this program does not know.
    #[error("核验回执为第 {0} 版格式，本程序不识别；请更新程序")]
    Version(u8),
    /// A field that cannot be.
    #[error("核验回执中的“{0}”有误；请重新索取")]
    Field(&'static str),
    /// A signature that does not hold.
    #[error("核验回执中的“{0}”签名不成立，可能是伪造的；请到核验单位核对")]
    Signature(&'static str),
    /// The key failed.
    #[error("{0}；请检查密钥")]
    Key(String),
}

impl From<crate::CodeError> for ReceiptError {
    /// The identifier in a receipt is packed as in a code.
    fn from(error: crate::CodeError) -> Self {
        match error {
            crate::CodeError::Field(field) => Self::Field(field),
            _ => Self::Encoding,
        }
    }
}

/// Signs `message` under a context; message ‖ signature.
fn sign(key: &dyn gm::SigningKey, context: &[u8], message: Vec<u8>) -> Result<Vec<u8>, ReceiptError> {
    let bytes = [context, &message].concat();
    let signature = gm::sign_message(key, &bytes).map_err(|error| ReceiptError::Key(error.to_string()))?;
    Ok([message.as_slice(), &signature.to_bytes()].concat())
}

/// Reads message ‖ signature. One content has one form: whoever decodes encodes again and compares.
fn open<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Bytes<'_>) -> Result<T, ReceiptError>,
    write: impl FnOnce(&T) -> Result<Vec<u8>, ReceiptError>,
) -> Result<(T, Signature), ReceiptError> {
    let (message, signature) = split(bytes)?;
    let mut rest = Bytes(message);
    let version = rest.byte("版本")?;
    if version != VERSION {
        return Err(ReceiptError::Version(version));
    }
    let content = read(&mut rest)?;
    bytes::end(&rest)?;
    if write(&content)? != message {
        return Err(ReceiptError::Field("编码"));
    }
    Ok((content, signature))
}

/// Does the signature hold for this key under a context, and is it the key that the content names?
fn holds(bytes: &[u8], signature: &Signature, context: &[u8], key: &PublicKey, named: [u8; 8]) -> bool {
    let message = &bytes[..bytes.len().saturating_sub(SIGNATURE_LEN)];
    key.key_id() == named && gm::sm2::verify(key, &[context, message].concat(), signature)
}

/// Cuts the signature off.
fn split(bytes: &[u8]) -> Result<(&[u8], Signature), ReceiptError> {
    let (message, signature) = bytes.split_last_chunk::<SIGNATURE_LEN>().ok_or(ReceiptError::Encoding)?;
    let signature = Signature::from_bytes(signature).map_err(|_| ReceiptError::Signature("签名值"))?;
    Ok((message, signature))
}
