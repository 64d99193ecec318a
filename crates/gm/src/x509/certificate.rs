//! Parsed certificates.

use super::signed::{Signed, read_algorithm};
use super::{Extension, KeyUsage, Name};
use crate::GmError;
use crate::der::{Oid, Reader, Tag};
use crate::oid;
use crate::sm2::{PublicKey, Signature};

const ITEM: &str = "证书";

/// An X.509 version 3 certificate with an SM2 key, signed by SM2 with SM3. Parsing says nothing about trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    signed: Signed,
    fields: Fields,
    known: Known,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Fields {
    serial: Vec<u8>,
    issuer: Name,
    subject: Name,
    not_before: i64,
    not_after: i64,
    public_key: PublicKey,
    extensions: Vec<Extension>,
}

/// The extensions this crate acts upon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    is_ca: bool,
    path_len: Option<u64>,
    key_usage: Option<KeyUsage>,
    ski: Option<Vec<u8>>,
    aki: Option<Vec<u8>>,
}

impl Certificate {
    /// Parses strict DER.
    ///
    /// # Errors
    /// [`GmError::Der`], [`GmError::Algorithm`] for other keys or signatures, [`GmError::CriticalExtension`],
    /// [`GmError::Profile`].
    pub fn from_der(der: &[u8]) -> Result<Self, GmError> {
        let signed = Signed::from_der(ITEM, der)?;
        let mut outer = Reader::new(signed.tbs());
        let fields = outer.nested_with(Tag::SEQUENCE, Fields::read)?;
        let known = Known::from_extensions(&fields.extensions)?;
        if fields.not_before > fields.not_after {
            return Err(GmError::Profile { item: ITEM, rule: "有效期起始晚于截止" });
        }
        Ok(Self { signed, fields, known })
    }

    /// All bytes, as received.
    pub fn as_der(&self) -> &[u8] {
        &self.signed.der
    }

    /// The signed part (TBSCertificate), as received.
    pub fn tbs(&self) -> &[u8] {
        self.signed.tbs()
    }

    /// Signature of the issuer.
    pub fn signature(&self) -> &Signature {
        &self.signed.signature
    }

    /// Serial number: positive, big endian, without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.fields.serial
    }

    /// Who signed it.
    pub fn issuer(&self) -> &Name {
        &self.fields.issuer
    }

    /// Whose it is.
    pub fn subject(&self) -> &Name {
        &self.fields.subject
    }

    /// First second of validity, Unix seconds.
    pub fn not_before(&self) -> i64 {
        self.fields.not_before
    }

    /// Last second of validity, Unix seconds.
    pub fn not_after(&self) -> i64 {
        self.fields.not_after
    }

    /// The key certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.fields.public_key
    }

    /// True if basicConstraints makes it a CA.
    pub fn is_ca(&self) -> bool {
        self.known.is_ca
    }

    /// How many CA certificates may follow below it; `None` for no limit.
    pub fn path_len(&self) -> Option<u64> {
        self.known.path_len
    }

    /// Key usage; `None` if the extension is absent.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.known.key_usage
    }

    /// Identifier of its own key.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.known.ski.as_deref()
    }

    /// Identifier of the issuer's key.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.known.aki.as_deref()
    }

    /// DER value of any extension present.
    pub fn extension(&self, oid: &Oid) -> Option<&[u8]> {
        self.fields
            .extensions
            .iter()
            .find(|extension| extension.oid == *oid)
            .map(|extension| extension.value.as_slice())
    }

    /// True if the signature is that of `issuer`. Says nothing about names, time or the right to issue.
    pub fn verify_signed_by(&self, issuer: &PublicKey) -> bool {
        self.signed.verifies(issuer)
    }
}

impl Fields {
    /// TBSCertificate (RFC 5280 §4.1).
    fn read(tbs: &mut Reader<'_>) -> Result<Self, GmError> {
        let version = tbs.optional_explicit(0)?.map(|mut version| version.integer_u64()).transpose()?;
        if version != Some(2) {
            return Err(GmError::Profile { item: ITEM, rule: "应为 X.509 第 3 版" });
        }
        let serial = tbs.integer_unsigned()?.to_vec();
        if serial == [0] || serial.len() > 20 {
            return Err(GmError::Profile {
                item: ITEM, rule: "序列号应为不超过 20 字节的正整数"
            });
        }
        read_algorithm(ITEM, tbs)?;
        let issuer = Name::read(tbs)?;
        let (not_before, not_after) =
            tbs.nested_with(Tag::SEQUENCE, |times| Ok((times.time()?, times.time()?)))?;
        let subject = Name::read(tbs)?;
        let public_key = tbs.nested_with(Tag::SEQUENCE, read_public_key)?;
        // issuerUniqueID [1] and subjectUniqueID [2] are obsolete and without meaning here.
        tbs.optional_implicit(1)?;
        tbs.optional_implicit(2)?;
        let mut extensions = Vec::new();
        if let Some(mut wrapper) = tbs.optional_explicit(3)? {
            extensions = Extension::read_all(&mut wrapper)?;
            wrapper.finish()?;
        }
        Ok(Self { serial, issuer, subject, not_before, not_after, public_key, extensions })
    }
}

/// SubjectPublicKeyInfo of an SM2 key (RFC 5480 with the national curve).
fn read_public_key(info: &mut Reader<'_>) -> Result<PublicKey, GmError> {
    info.nested_with(Tag::SEQUENCE, |algorithm| {
        // Other kinds of key carry other parameters, so the curve is read only under id-ecPublicKey.
        for wanted in [oid::EC_PUBLIC_KEY, oid::SM2_CURVE] {
            let found = algorithm.oid()?;
            if found != wanted {
                return Err(GmError::Algorithm { item: "证书公钥", oid: found.to_string() });
            }
        }
        Ok(())
    })?;
    PublicKey::from_bytes(info.bit_string()?)
}

impl Known {
    fn from_extensions(extensions: &[Extension]) -> Result<Self, GmError> {
        let mut known = Self::default();
        for extension in extensions {
            match extension.oid {
                oid::BASIC_CONSTRAINTS => {
                    (known.is_ca, known.path_len) =
                        extension.parse(|r| r.nested_with(Tag::SEQUENCE, read_basic_constraints))?;
                }
                oid::KEY_USAGE => known.key_usage = Some(extension.parse(KeyUsage::read)?),
                oid::SUBJECT_KEY_ID => known.ski = Some(extension.parse(|r| Ok(r.octet_string()?.to_vec()))?),
                oid::AUTHORITY_KEY_ID => known.aki = extension.parse(read_authority_key_id)?,
                other if extension.critical => {
                    return Err(GmError::CriticalExtension { item: ITEM, oid: other.to_string() });
                }
                _ => {}
            }
        }
        Ok(known)
    }
}

fn read_basic_constraints(reader: &mut Reader<'_>) -> Result<(bool, Option<u64>), GmError> {
    let is_ca = reader.is_next(Tag::BOOLEAN) && reader.boolean()?;
    if reader.is_empty() {
        return Ok((is_ca, None));
    }
    // A length without the right to issue is meaningless, and RFC 5280 §4.2.1.9 forbids it.
    if !is_ca {
        return Err(GmError::Profile { item: ITEM, rule: "非 CA 证书不得含路径长度" });
    }
    Ok((is_ca, Some(reader.integer_u64()?)))
}

/// The keyIdentifier of AuthorityKeyIdentifier; authorityCertIssuer and its serial number are passed over.
pub(super) fn read_authority_key_id(reader: &mut Reader<'_>) -> Result<Option<Vec<u8>>, GmError> {
    reader.nested_with(Tag::SEQUENCE, |aki| {
        let id = aki.optional_implicit(0)?.map(<[u8]>::to_vec);
        aki.optional_explicit(1)?;
        aki.optional_implicit(2)?;
        Ok(id)
    })
}
