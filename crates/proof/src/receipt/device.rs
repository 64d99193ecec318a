//! The certificate of an officer's device: its node says whose key it is and for how long. Smaller than X.509 by half, so that it goes
//! into the QR beside the receipt.

use gm::SigningKey;
use gm::sm2::{PublicKey, Signature};

use super::bytes::{array, officer, push_officer, push_time, time};
use super::{ReceiptError, VERSION, context, holds, open, sign};
use crate::code::Bytes;

/// Bytes that node, staff number and unit may take together so that every receipt of the device fits its QR.
const ROOM: usize = 64;

/// Whose key a device's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCertificate {
    /// Key id of the node key that signs this.
    pub issuer: [u8; 8],
    /// The device's key.
    pub key: PublicKey,
    /// First and last second of checks that it may sign, Unix seconds.
    pub valid: (i64, i64),
    /// The node's id.
    pub node: String,
    /// 执法证号 or staff number of the officer.
    pub staff_no: String,
    /// The officer's unit.
    pub unit: String,
}

/// A device certificate with its signature, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDeviceCertificate {
    /// Content.
    pub content: DeviceCertificate,
    bytes: Vec<u8>,
    signature: Signature,
}

/// What a device signs to show that it has the key that it wants certified, for this officer and no other.
pub fn enrolment(key: &PublicKey, staff_no: &str) -> Vec<u8> {
    [context::ENROLMENT, key.as_bytes(), staff_no.as_bytes()].concat()
}

impl DeviceCertificate {
    /// The unit, shortened by whole characters where node, staff number and unit together would not fit the QR.
    pub fn short_unit(node: &str, staff_no: &str, unit: &str) -> String {
        let room = ROOM.saturating_sub(node.len() + staff_no.len());
        if unit.len() <= room {
            return unit.to_owned();
        }
        let room = room.saturating_sub('…'.len_utf8());
        let cut =
            unit.char_indices().map(|(at, one)| at + one.len_utf8()).take_while(|end| *end <= room).last();
        format!("{}…", unit[..cut.unwrap_or(0)].trim_end())
    }

    /// Signs with the node key; it must be the one that [`DeviceCertificate::issuer`] names.
    ///
    /// # Errors
    /// A field out of range; another key; the key fails.
    pub fn sign(&self, key: &dyn SigningKey) -> Result<SignedDeviceCertificate, ReceiptError> {
        if key.public_key().key_id() != self.issuer {
            return Err(ReceiptError::Field("密钥编号"));
        }
        SignedDeviceCertificate::read(&sign(key, context::DEVICE, self.message()?)?)
    }

    fn message(&self) -> Result<Vec<u8>, ReceiptError> {
        let mut out = Vec::with_capacity(192);
        out.push(VERSION);
        out.extend(self.issuer);
        out.extend(self.key.to_compressed());
        if self.valid.0 > self.valid.1 {
            return Err(ReceiptError::Field("设备有效期"));
        }
        push_time(&mut out, self.valid.0, "设备有效期")?;
        push_time(&mut out, self.valid.1, "设备有效期")?;
        push_officer(&mut out, &self.node, &self.staff_no, &self.unit)?;
        Ok(out)
    }
}

impl SignedDeviceCertificate {
    /// Reads message ‖ signature.
    ///
    /// # Errors
    /// Cut, of another version, a field that cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let read = |rest: &mut Bytes<'_>| {
            let issuer = array(rest, "密钥编号")?;
            let key = PublicKey::from_compressed(&array(rest, "设备公钥")?);
            let key = key.map_err(|_| ReceiptError::Field("设备公钥"))?;
            let valid = (time(rest, "设备有效期")?, time(rest, "设备有效期")?);
            let (node, staff_no, unit) = officer(rest)?;
            Ok(DeviceCertificate { issuer, key, valid, node, staff_no, unit })
        };
        let (content, signature) = open(bytes, read, DeviceCertificate::message)?;
        Ok(Self { content, bytes: bytes.to_vec(), signature })
    }

    /// Message ‖ signature.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Does the signature hold for this node key, and is it the key that the certificate names?
    ///
    /// # Errors
    /// [`ReceiptError::Signature`].
    pub fn verify(&self, key: &PublicKey) -> Result<&DeviceCertificate, ReceiptError> {
        if holds(&self.bytes, &self.signature, context::DEVICE, key, self.content.issuer) {
            Ok(&self.content)
        } else {
            Err(ReceiptError::Signature("设备证明"))
        }
    }
}
