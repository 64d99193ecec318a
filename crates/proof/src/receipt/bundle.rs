//! How a receipt travels: itself, and what is needed to check it, as one text that goes into a QR or a file.

use gm::sm2::{PublicKey, Signature};

use super::content::Receipt;
use super::{ReceiptError, SignedCountersignature, SignedDeviceCertificate, context, holds, open};
use crate::base45;
use crate::code::Bytes;

/// What every receipt begins with.
pub const PREFIX: &str = "LZR:";
/// Characters of the alphanumeric alphabet that QR version 15 holds at level M (ISO/IEC 18004, table 7).
pub const QR_CHARACTERS: usize = 600;

/// A receipt with its signature, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedReceipt {
    /// Content.
    pub content: Receipt,
    bytes: Vec<u8>,
    signature: Signature,
}

impl SignedReceipt {
    /// Reads message ‖ signature.
    ///
    /// # Errors
    /// Cut, of another version, a field that cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let (content, signature) = open(bytes, Receipt::read, Receipt::message)?;
        Ok(Self { content, bytes: bytes.to_vec(), signature })
    }

    /// Message ‖ signature.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SM3 of the message: the receipt's identity, whoever signed it again.
    pub fn digest(&self) -> [u8; 32] {
        gm::sm3::sm3(&self.bytes[..self.bytes.len() - super::SIGNATURE_LEN])
    }

    /// Does the signature hold for this key, and is it the key that the receipt names?
    ///
    /// # Errors
    /// [`ReceiptError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<&Receipt, ReceiptError> {
        if holds(&self.bytes, &self.signature, context::RECEIPT, key, self.content.key_id) {
            Ok(&self.content)
        } else {
            Err(ReceiptError::Signature("回执"))
        }
    }
}

/// A receipt with what goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The receipt.
    pub receipt: SignedReceipt,
    /// The certificate of the device that signed it.
    pub device: Option<SignedDeviceCertificate>,
    /// The node's countersignature, once it was uploaded.
    pub countersignature: Option<SignedCountersignature>,
}

impl From<SignedReceipt> for Bundle {
    fn from(receipt: SignedReceipt) -> Self {
        Self { receipt, device: None, countersignature: None }
    }
}

impl Bundle {
    /// The whole as text, for files.
    pub fn text(&self) -> String {
        let mut out = Vec::with_capacity(512);
        let mut part = |tag: u8, bytes: &[u8]| {
            out.push(tag);
            // A part is far below 64 KiB.
            out.extend((bytes.len() as u16).to_be_bytes());
            out.extend(bytes);
        };
        part(1, self.receipt.as_bytes());
        if let Some(device) = &self.device {
            part(2, device.as_bytes());
        }
        if let Some(countersignature) = &self.countersignature {
            part(3, countersignature.as_bytes());
        }
        format!("{PREFIX}{}", base45::encode(&out))
    }

    /// The text for a QR: the countersignature says everything that the device certificate says, so both are not needed.
    pub fn qr_text(&self) -> String {
        if self.countersignature.is_none() || self.device.is_none() {
            return self.text();
        }
        Self { device: None, ..self.clone() }.text()
    }

    /// Reads a text. Nothing in it is to be believed before [`super::check_receipt`].
    ///
    /// # Errors
    /// Foreign, damaged, of another version, or with a field that cannot be.
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(ReceiptError::Foreign)?;
        let bytes = base45::decode(body).ok_or(ReceiptError::Encoding)?;
        let mut parts = Parts(Bytes(&bytes));
        let receipt = parts.next(1)?.ok_or(ReceiptError::Encoding)?;
        let bundle = Self {
            receipt: SignedReceipt::read(receipt)?,
            device: parts.next(2)?.map(SignedDeviceCertificate::read).transpose()?,
            countersignature: parts.next(3)?.map(SignedCountersignature::read).transpose()?,
        };
        if parts.0.0.is_empty() { Ok(bundle) } else { Err(ReceiptError::Encoding) }
    }
}

/// Parts stand in the order of their tags, each at most once.
struct Parts<'a>(Bytes<'a>);

impl<'a> Parts<'a> {
    /// The part of this tag, if it comes next.
    fn next(&mut self, tag: u8) -> Result<Option<&'a [u8]>, ReceiptError> {
        if self.0.0.first() != Some(&tag) {
            return Ok(None);
        }
        let cut = |_| ReceiptError::Encoding;
        self.0.byte("长度").map_err(cut)?;
        let length = self.0.u16("长度").map_err(cut)?;
        self.0.take(usize::from(length), "长度").map(Some).map_err(cut)
    }
}
