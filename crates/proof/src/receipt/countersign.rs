//! The node's word on an offline receipt: whose it is, when it came, and its number among all that came.

use gm::SigningKey;
use gm::sm2::{PublicKey, Signature};

use super::bytes::{array, end, number, push_text, push_time, text, time};
use super::content::{NODE_MOST, STAFF_MOST, UNIT_MOST};
use super::{ReceiptError, context, sign, split};
use crate::code::Bytes;

const VERSION: u8 = 1;

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
        push_text(&mut out, &self.node, NODE_MOST, "节点")?;
        push_text(&mut out, &self.staff_no, STAFF_MOST, "执法证号")?;
        push_text(&mut out, &self.unit, UNIT_MOST, "执法单位")?;
        Ok(out)
    }
}

impl SignedCountersignature {
    /// Reads message ‖ signature.
    ///
    /// # Errors
    /// Cut, of another version, a field that cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let (message, signature) = split(bytes)?;
        let mut rest = Bytes(message);
        let version = rest.byte("版本")?;
        if version != VERSION {
            return Err(ReceiptError::Version(version));
        }
        let content = Countersignature {
            issuer: array(&mut rest, "密钥编号")?,
            device: array(&mut rest, "设备")?,
            received_at: time(&mut rest, "收到时间")?,
            number: number(&mut rest, "收到序号")?,
            node: text(&mut rest, NODE_MOST, "节点")?,
            staff_no: text(&mut rest, STAFF_MOST, "执法证号")?,
            unit: text(&mut rest, UNIT_MOST, "执法单位")?,
        };
        end(&rest)?;
        // No field of these has two forms; the comparison keeps it so.
        if content.message()? != message {
            return Err(ReceiptError::Field("编码"));
        }
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
        let (message, _) = split(&self.bytes)?;
        let signed = [context::COUNTERSIGNATURE, digest, message].concat();
        let holds = key.key_id() == self.content.issuer && gm::sm2::verify(key, &signed, &self.signature);
        if holds { Ok(&self.content) } else { Err(ReceiptError::Signature("签收")) }
    }
}
