//! Building revocation lists.

use super::profile::{authority_key_id, extension};
use super::signed::{Signed, write_algorithm};
use super::{Crl, CrlReason, Extension, Name, RevokedEntry};
use crate::der::Writer;
use crate::{GmError, SigningKey, oid};

/// What a revocation list is to say.
#[derive(Debug, Clone)]
pub struct CrlProfile {
    /// Who signs.
    pub issuer: Name,
    /// When it was made, Unix seconds.
    pub this_update: i64,
    /// By when the next one appears, Unix seconds.
    pub next_update: i64,
    /// Number of the list; rises with every list.
    pub number: u64,
    /// Revoked certificates, in any order.
    pub entries: Vec<RevokedEntry>,
}

impl CrlProfile {
    /// Signs the list with the issuer's key.
    ///
    /// # Errors
    /// [`GmError::Encode`] for values out of range, [`GmError::Signing`], and everything [`Crl::from_der`] finds wrong
    /// with the result, such as a serial number listed twice.
    pub fn sign(&self, issuer: &dyn SigningKey) -> Result<Crl, GmError> {
        let mut extensions = vec![authority_key_id(issuer.public_key())?];
        extensions.push(extension(oid::CRL_NUMBER, false, |w| w.integer_u64(self.number))?);
        let entries: Vec<_> = self.entries.iter().map(with_reason).collect::<Result<_, _>>()?;
        let mut writer = Writer::new();
        writer.sequence(|w| {
            // TBSCertList of version 2 (RFC 5280 §5.1).
            w.integer_u64(1);
            write_algorithm(w);
            w.raw(self.issuer.as_der());
            w.time(self.this_update);
            w.time(self.next_update);
            // An empty list must be left out (RFC 5280 §5.1.2.6).
            if !entries.is_empty() {
                w.sequence(|w| {
                    entries.iter().for_each(|(entry, reason)| write_entry(w, entry, reason.as_ref()))
                });
            }
            w.explicit(0, |w| w.sequence(|w| extensions.iter().for_each(|extension| extension.write(w))));
        });
        Crl::from_der(&Signed::sign(&writer.finish()?, issuer)?)
    }
}

/// The reason as an extension; "unspecified" is left out (RFC 5280 §5.3.1).
fn with_reason(entry: &RevokedEntry) -> Result<(&RevokedEntry, Option<Extension>), GmError> {
    if entry.reason == CrlReason::Unspecified {
        return Ok((entry, None));
    }
    extension(oid::CRL_REASON, false, |w| w.enumerated(entry.reason as u8))
        .map(|reason| (entry, Some(reason)))
}

fn write_entry(writer: &mut Writer, entry: &RevokedEntry, reason: Option<&Extension>) {
    writer.sequence(|w| {
        w.integer_unsigned(&entry.serial);
        w.time(entry.at);
        if let Some(reason) = reason {
            w.sequence(|w| reason.write(w));
        }
    });
}
