//! Shown codes (亮证) signed ahead, so that a phone without network can show a fresh one (`docs/code-format.md`, "Slots").

use gm::SigningKey;
use serde::{Deserialize, Serialize};

use crate::code::text;
use crate::{Code, CodeError, CodeType, SLOT_LEN};

/// A row of shown codes of one certificate: one prefix, one signature a slot.
///
/// The text of slot `n` is `LZ:` + Base45 of `prefix ‖ (first_slot + n·step) ‖ life ‖ signatures[64n .. 64n+64]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Signed bytes before slot and life, Base64.
    pub prefix: String,
    /// Seconds since [`crate::SLOT_EPOCH`] at which the first begins.
    pub first_slot: u32,
    /// Seconds from one to the next.
    pub step: u16,
    /// Seconds that each lives.
    pub life: u16,
    /// 64 bytes r‖s a slot, Base64.
    pub signatures: String,
}

impl Slots {
    /// Signs `count` slots; the type of `code` tells the first one and its life.
    ///
    /// # Errors
    /// A code that is not a shown one, a slot past the year 2136, the key fails.
    pub fn sign(code: &Code, step: u16, count: u32, key: &dyn SigningKey) -> Result<Self, CodeError> {
        let CodeType::Present { slot: first_slot, life, .. } = code.code_type else {
            return Err(CodeError::Field("类型"));
        };
        let mut message = code.message()?;
        let cut = message.len() - SLOT_LEN;
        let mut signatures = Vec::with_capacity(64 * count as usize);
        for n in 0..count {
            let slot = n.checked_mul(u32::from(step)).and_then(|after| first_slot.checked_add(after));
            let slot = slot.ok_or(CodeError::Field("时段"))?;
            message[cut..cut + 4].copy_from_slice(&slot.to_be_bytes());
            let signature =
                gm::sign_message(key, &message).map_err(|error| CodeError::Key(error.to_string()))?;
            signatures.extend(signature.to_bytes());
        }
        Ok(Self {
            prefix: gm::base64::encode(&message[..cut]),
            first_slot,
            step,
            life,
            signatures: gm::base64::encode(&signatures),
        })
    }

    /// The text of slot `n`, as the holder's page puts it together; `None` past the last one or where the row is damaged.
    pub fn text(&self, n: u32) -> Option<String> {
        let signatures = gm::base64::decode(&self.signatures).ok()?;
        let at = 64 * usize::try_from(n).ok()?;
        let signature = signatures.get(at..at.checked_add(64)?)?;
        let slot = self.first_slot.checked_add(n.checked_mul(u32::from(self.step))?)?;
        let mut bytes = gm::base64::decode(&self.prefix).ok()?;
        bytes.extend(slot.to_be_bytes());
        bytes.extend(self.life.to_be_bytes());
        bytes.extend(signature);
        Some(text(&bytes))
    }
}
