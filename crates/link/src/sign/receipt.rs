//! Receipts: the answering node vouches for which request it answered, and how.

use gm::sm2::Signature;
use gm::{GmError, SigningKey, sign_message};

use super::key::{HmacKey, SignatureValue};
use super::{AuthError, RECEIPT, VerifyingKey, canonical, hex, params};

/// Hex digits of an SM2 signature; a MAC has half as many.
const SM2_DIGITS: usize = 128;

/// Signs an answer: the value of the `LZ-Receipt` header. `request` is [`super::Caller::digest`], `body_sm3` SM3 of the
/// answer's body, `time` unix seconds, `key_id` the id of the node's certificate.
///
/// # Errors
/// [`GmError`] if the key fails.
pub fn sign_receipt(
    request: &[u8; 32],
    status: u16,
    body_sm3: &[u8; 32],
    time: i64,
    key_id: &str,
    key: &dyn SigningKey,
) -> Result<String, GmError> {
    let time = time.to_string();
    let message = canonical::receipt(request, status, body_sm3, &time, key_id);
    let signature = hex::encode(&sign_message(key, message.as_bytes())?.to_bytes());
    Ok(format!("key={key_id}, time={time}, signature={signature}"))
}

/// Covers an answer with the client's own secret: the value of the `LZ-Receipt` header. It shows the client that nobody altered the answer
/// on its way; it proves nothing to others, for the client could have made it. `key_id` is the client's key id; the rest as for
/// [`sign_receipt`].
pub fn mac_receipt(
    request: &[u8; 32],
    status: u16,
    body_sm3: &[u8; 32],
    time: i64,
    key_id: &str,
    key: &HmacKey,
) -> String {
    let time = time.to_string();
    let mac = key.mac(canonical::receipt(request, status, body_sm3, &time, key_id).as_bytes());
    format!("key={key_id}, time={time}, signature={}", hex::encode(&mac))
}

/// A receipt as read from an answer. One that is signed by SM2 is worth keeping with the request's digest: both together prove what was
/// answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Id of the node certificate that signed; of the client's own key for a MAC.
    pub key: String,
    /// When it signed, unix seconds.
    pub time: i64,
    signature: SignatureValue,
}

impl Receipt {
    /// Reads the value of the header.
    ///
    /// # Errors
    /// [`AuthError::Format`], or [`AuthError::Signature`] for numbers that no signature can have.
    pub fn parse(value: &str) -> Result<Self, AuthError> {
        let [key, time, signature] = params::parse(RECEIPT, value, ["key", "time", "signature"])?;
        let need = |value: Option<_>, rule| value.ok_or(AuthError::format(RECEIPT, rule));
        let signature = need(signature, "缺少 signature")?;
        let signature = if signature.len() == SM2_DIGITS {
            let value = Signature::from_bytes(&params::signature(signature)?);
            SignatureValue::Sm2(value.map_err(|_| AuthError::Signature)?)
        } else {
            SignatureValue::Mac(params::signature(signature)?)
        };
        Ok(Self {
            key: params::id("key", need(key, "缺少 key")?)?.to_owned(),
            time: params::time("time", need(time, "缺少 time")?)?,
            signature,
        })
    }

    /// Is it an SM2 signature, which proves the answer to anybody?
    pub fn is_signed(&self) -> bool {
        matches!(self.signature, SignatureValue::Sm2(_))
    }

    /// Checks that the receipt answers this request with this status and body. No clock is needed: the request's
    /// digest holds the sender's own nonce, so an old receipt fits no new request. A signature fits only the key of a node, a MAC only the
    /// client's own.
    ///
    /// # Errors
    /// [`AuthError::Signature`] if it does not fit.
    pub fn verify(
        &self,
        request: &[u8; 32],
        status: u16,
        body_sm3: &[u8; 32],
        key: &VerifyingKey,
    ) -> Result<(), AuthError> {
        let message = canonical::receipt(request, status, body_sm3, &self.time.to_string(), &self.key);
        if key.fits(message.as_bytes(), &self.signature) { Ok(()) } else { Err(AuthError::Signature) }
    }
}
