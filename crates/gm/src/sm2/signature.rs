//! Signature values in their two forms: raw r ‖ s and DER.

use std::fmt;

use super::engine;
use crate::GmError;
use crate::der::{Reader, Tag, Writer};

/// A pair r, s, both in 1..n-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature([u8; 64]);

impl Signature {
    /// From raw `r ‖ s`, 32 bytes each, big endian.
    ///
    /// # Errors
    /// [`GmError::Signature`] if r or s is outside 1..n-1.
    pub fn from_bytes(bytes: &[u8; 64]) -> Result<Self, GmError> {
        if engine::are_scalars(bytes) { Ok(Self(*bytes)) } else { Err(GmError::Signature) }
    }

    /// Raw `r ‖ s`.
    pub fn to_bytes(&self) -> [u8; 64] {
        self.0
    }

    /// From `SEQUENCE { r INTEGER, s INTEGER }` (GB/T 35276-2017 §7.3), strict DER without trailing bytes.
    ///
    /// # Errors
    /// [`GmError::Signature`] for everything else.
    pub fn from_der(der: &[u8]) -> Result<Self, GmError> {
        let mut bytes = [0u8; 64];
        let (halves, _) = bytes.as_chunks_mut::<32>();
        let mut reader = Reader::new(der);
        let read = reader.nested_with(Tag::SEQUENCE, |inner| {
            halves.iter_mut().try_for_each(|half| {
                let number = inner.integer_unsigned()?;
                let start = half.len().checked_sub(number.len()).ok_or(GmError::Signature)?;
                half[start..].copy_from_slice(number);
                Ok(())
            })
        });
        read.and_then(|()| reader.finish()).map_err(|_| GmError::Signature)?;
        Self::from_bytes(&bytes)
    }

    /// `SEQUENCE { r INTEGER, s INTEGER }`, 68 to 72 bytes as a rule.
    pub fn to_der(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(|w| {
            w.integer_unsigned(&self.0[..32]);
            w.integer_unsigned(&self.0[32..]);
        });
        // Integers of any size can be written, so there is nothing to report.
        writer.finish().unwrap_or_default()
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ")")
    }
}
