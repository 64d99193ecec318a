//! Extensions shared by certificates and revocation lists.

use std::ops::BitOr;

use crate::GmError;
use crate::der::{Oid, Reader, Tag, Writer};
use crate::sm2::PublicKey;
use crate::sm3::sm3;

/// One extension as it stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its identifier.
    pub oid: Oid,
    /// Whether a reader that does not know it must refuse the certificate.
    pub critical: bool,
    /// The DER inside the OCTET STRING.
    pub value: Vec<u8>,
}

impl Extension {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.sequence(|w| {
            w.oid(&self.oid);
            // FALSE is the default, which DER leaves out.
            if self.critical {
                w.boolean(true);
            }
            w.octet_string(&self.value);
        });
    }

    /// Reads an Extensions sequence; an extension may occur once only (RFC 5280 §4.2).
    pub(super) fn read_all(reader: &mut Reader<'_>) -> Result<Vec<Self>, GmError> {
        let mut all: Vec<Self> = Vec::new();
        reader.nested_with(Tag::SEQUENCE, |list| {
            while !list.is_empty() {
                let extension = list.nested_with(Tag::SEQUENCE, Self::read)?;
                if all.iter().any(|known| known.oid == extension.oid) {
                    return Err(list.fault("同一扩展出现两次"));
                }
                all.push(extension);
            }
            Ok(())
        })?;
        Ok(all)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, GmError> {
        let oid = reader.oid()?;
        // Several issuers write the default FALSE out; harmless, as the signature covers the bytes received.
        let critical = reader.is_next(Tag::BOOLEAN) && reader.boolean()?;
        Ok(Self { oid, critical, value: reader.octet_string()?.to_vec() })
    }

    /// Reads the value, all of it, with `read`.
    pub(super) fn parse<T>(
        &self,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, GmError>,
    ) -> Result<T, GmError> {
        let mut reader = Reader::new(&self.value);
        let value = read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// Key usage bits of RFC 5280 §4.2.1.3; bit 0 is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Signatures other than those below, such as logins.
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// Signatures meant to be held against the signer (contentCommitment): seals.
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// Encrypting keys.
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// Encrypting data.
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// Key agreement.
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// Signing certificates.
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// Signing revocation lists.
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// True if every bit of `wanted` is set here.
    pub const fn contains(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, GmError> {
        let bits = reader.bit_string_with_unused()?;
        let flags = match *bits.bytes {
            [first] => u16::from_be_bytes([first, 0]),
            [first, second] => u16::from_be_bytes([first, second]),
            _ => return Err(reader.fault("密钥用途应为 1 到 16 位")),
        };
        Ok(Self(flags.reverse_bits()))
    }
}

impl BitOr for KeyUsage {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Key identifier for the SKI and AKI extensions: the first 20 bytes of SM3 of the public key.
/// RFC 5280 §4.2.1.2 leaves the method open as long as the value is unique.
pub fn key_identifier(public_key: &PublicKey) -> [u8; 20] {
    let mut id = [0; 20];
    id.copy_from_slice(&sm3(public_key.as_bytes())[..20]);
    id
}
