//! The node's word on an offline receipt: whose it is, when it came, and its number among all that came.

use gm::SigningKey;
use gm::sm2::{PublicKey, Signature};

use super::bytes::{array, number, officer, push_officer, push_time, time};
use super::{ReceiptError, VERSION, context, holds, open, sign};
use crate::code::Bytes;

/// What a node says of a receipt that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countersignature {
    /// Key id of the node key that signs this.
    pub issuer: [u8; 8],
    /// Key id of the device that signed the receipt; the node has checked its signature and certificate.
    pub device: [u8; 8],
    /// When the receipt came, Unix seconds, by the node's clock.
    pub received_at: i64,
    /// Its number among the receipts of this node, from 1.
    pub number: u32,
    /// The node's id.
    pub node: String,
    /// 执法证号 or staff number of the officer.
    pub staff_no: String,
    /// The officer's unit.
    pub unit: String,
}

/// A countersignature, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCountersignature {
    /// Content.
    pub content: Countersignature,
    bytes: Vec<u8>,
    signature: Signature,
}

impl Countersignature {
    /// Signs for the receipt with this digest ([`super::Receipt::digest`]).
    ///
    /// # Errors
    /// A field out of range; another key than [`Countersignature::issuer`] names; the key fails.
    pub fn sign(
        &self,
        digest: &[u8; 32],
        key: &dyn SigningKey,
    ) -> Result<SignedCountersignature, ReceiptError> {
        if key.public_key().key_id() != self.issuer {
            return Err(ReceiptError::Field("密钥编号"));
        }
        // The digest is signed and not sent: whoever checks has the receipt.
        let bytes = sign(key, &[context::COUNTERSIGNATURE, digest].concat(), self.message()?)?;
        SignedCountersignature::read(&bytes)
    }

    fn message(&self) -> Result<Vec<u8>, ReceiptError> {
        let mut out = Vec::with_capacity(160);
        out.push(VERSION);
        out.extend(self.issuer);
        out.extend(self.device);
        push_time(&mut out, self.received_at, "收到时间")?;
        out.extend(self.number.to_be_bytes());
        push_officer(&mut out, &self.node, &self.staff_no, &self.unit)?;
        Ok(out)
    }
}

impl SignedCountersignature {
    /// Reads message ‖ signature.
    ///
    /// # Errors
    /// Cut, of another version, a field that cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let read = |rest: &mut Bytes<'_>| {
            let (issuer, device) = (array(rest, "密钥编号")?, array(rest, "设备")?);
            let (received_at, number) = (time(rest, "收到时间")?, number(rest, "收到序号")?);
            let (node, staff_no, unit) = officer(rest)?;
            Ok(Countersignature { issuer, device, received_at, number, node, staff_no, unit })
        };
        let (content, signature) = open(bytes, read, Countersignature::message)?;
        Ok(Self { content, bytes: bytes.to_vec(), signature })
    }

    /// Message ‖ signature.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Does the signature hold for this receipt and this node key?
    ///
    /// # Errors
    /// [`ReceiptError::Signature`].
    pub fn verify(&self, digest: &[u8; 32], key: &PublicKey) -> Result<&Countersignature, ReceiptError> {
        let context = [context::COUNTERSIGNATURE, digest].concat();
        if holds(&self.bytes, &self.signature, &context, key, self.content.issuer) {
            Ok(&self.content)
        } else {
            Err(ReceiptError::Signature("签收"))
        }
    }
}
