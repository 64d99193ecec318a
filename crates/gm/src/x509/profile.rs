//! Building certificates.

use super::signed::{Signed, write_algorithm};
use super::{Certificate, Extension, KeyUsage, Name, key_identifier};
use crate::der::{Oid, Writer};
use crate::sm2::PublicKey;
use crate::{GmError, SigningKey, oid};

const ITEM: &str = "证书签发参数";

/// What a certificate is to say.
#[derive(Debug, Clone)]
pub struct CertificateProfile {
    /// Whose it is.
    pub subject: Name,
    /// Who signs; equal to `subject` for a root.
    pub issuer: Name,
    /// Serial number: positive, big endian, at most 20 bytes.
    pub serial: Vec<u8>,
    /// First second of validity, Unix seconds.
    pub not_before: i64,
    /// Last second of validity, Unix seconds.
    pub not_after: i64,
    /// The key certified.
    pub public_key: PublicKey,
    /// Whether it may issue certificates.
    pub is_ca: bool,
    /// How many CA certificates may follow below it; only for a CA.
    pub path_len: Option<u64>,
    /// Key usage, written as critical; a CA needs [`KeyUsage::KEY_CERT_SIGN`].
    pub key_usage: KeyUsage,
    /// Further extensions, such as extKeyUsage or CRL distribution points. Those above are written by this crate.
    pub extra: Vec<Extension>,
}

impl CertificateProfile {
    /// Signs the certificate with the issuer's key. SKI and AKI are the [`key_identifier`] of the two keys.
    ///
    /// # Errors
    /// [`GmError::Profile`] for contradictory fields, [`GmError::Encode`] for values out of range, [`GmError::Signing`],
    /// and everything [`Certificate::from_der`] finds wrong with the result.
    pub fn sign(&self, issuer: &dyn SigningKey) -> Result<Certificate, GmError> {
        self.check()?;
        let der = Signed::sign(&self.tbs(issuer.public_key())?, issuer)?;
        // What was just made is read back, so nothing leaves that this crate would refuse.
        Certificate::from_der(&der)
    }

    fn check(&self) -> Result<(), GmError> {
        let fault = |rule| Err(GmError::Profile { item: ITEM, rule });
        if self.is_ca != self.key_usage.contains(KeyUsage::KEY_CERT_SIGN) {
            return fault("CA 与“签发证书”密钥用途应同时具备或同时不具备");
        }
        if self.key_usage == KeyUsage::NONE {
            return fault("应至少有一种密钥用途");
        }
        if self.path_len.is_some() && !self.is_ca {
            return fault("非 CA 证书不得含路径长度");
        }
        Ok(())
    }

    /// TBSCertificate (RFC 5280 §4.1).
    fn tbs(&self, issuer_key: &PublicKey) -> Result<Vec<u8>, GmError> {
        let extensions = self.extensions(issuer_key)?;
        let mut writer = Writer::new();
        writer.sequence(|w| {
            w.explicit(0, |w| w.integer_u64(2));
            w.integer_unsigned(&self.serial);
            write_algorithm(w);
            w.raw(self.issuer.as_der());
            w.sequence(|w| {
                w.time(self.not_before);
                w.time(self.not_after);
            });
            w.raw(self.subject.as_der());
            write_public_key(w, &self.public_key);
            w.explicit(3, |w| w.sequence(|w| extensions.iter().for_each(|extension| extension.write(w))));
        });
        writer.finish()
    }

    fn extensions(&self, issuer_key: &PublicKey) -> Result<Vec<Extension>, GmError> {
        let mut all = vec![
            extension(oid::BASIC_CONSTRAINTS, true, |w| {
                w.sequence(|w| {
                    if self.is_ca {
                        w.boolean(true);
                    }
                    if let Some(path_len) = self.path_len {
                        w.integer_u64(path_len);
                    }
                });
            })?,
            extension(oid::KEY_USAGE, true, |w| w.named_bits(self.key_usage.0))?,
            extension(oid::SUBJECT_KEY_ID, false, |w| w.octet_string(&key_identifier(&self.public_key)))?,
            authority_key_id(issuer_key)?,
        ];
        all.extend(self.extra.iter().cloned());
        Ok(all)
    }
}

/// An extension whose value the closure writes.
pub(super) fn extension(
    oid: Oid,
    critical: bool,
    write: impl FnOnce(&mut Writer),
) -> Result<Extension, GmError> {
    let mut writer = Writer::new();
    write(&mut writer);
    Ok(Extension { oid, critical, value: writer.finish()? })
}

/// AKI with the key identifier only.
pub(super) fn authority_key_id(issuer_key: &PublicKey) -> Result<Extension, GmError> {
    extension(oid::AUTHORITY_KEY_ID, false, |w| {
        w.sequence(|w| w.implicit(0, &key_identifier(issuer_key)));
    })
}

fn write_public_key(writer: &mut Writer, public_key: &PublicKey) {
    writer.sequence(|w| {
        w.sequence(|w| {
            w.oid(&oid::EC_PUBLIC_KEY);
            w.oid(&oid::SM2_CURVE);
        });
        w.bit_string(public_key.as_bytes());
    });
}
