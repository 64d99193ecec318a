//! Parsed revocation lists.

use super::certificate::read_authority_key_id;
use super::signed::{Signed, read_algorithm};
use super::{Certificate, Extension, KeyUsage, Name};
use crate::GmError;
use crate::der::{Reader, Tag, utc_text};
use crate::oid;

const ITEM: &str = "吊销列表";

/// Why a certificate was revoked (RFC 5280 §5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CrlReason {
    /// Not stated.
    Unspecified = 0,
    /// 密钥泄露.
    KeyCompromise = 1,
    /// 签发机构密钥泄露.
    CaCompromise = 2,
    /// 隶属关系变更.
    AffiliationChanged = 3,
    /// 已被替代.
    Superseded = 4,
    /// 停止使用.
    CessationOfOperation = 5,
    /// 暂停.
    CertificateHold = 6,
    /// 从列表移除.
    RemoveFromCrl = 8,
    /// 权限撤销.
    PrivilegeWithdrawn = 9,
    /// 属性机构密钥泄露.
    AaCompromise = 10,
}

impl CrlReason {
    const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    fn read(reader: &mut Reader<'_>) -> Result<Self, GmError> {
        let code = reader.enumerated()?;
        let known = Self::ALL.into_iter().find(|reason| *reason as u8 == code);
        known.ok_or(GmError::Profile { item: ITEM, rule: "吊销原因代码未定义" })
    }
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Serial number: positive, big endian, without leading zeros.
    pub serial: Vec<u8>,
    /// When it was revoked, Unix seconds.
    pub at: i64,
    /// Why.
    pub reason: CrlReason,
}

/// A version 2 revocation list signed by SM2 with SM3. Parsing says nothing about trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    signed: Signed,
    issuer: Name,
    this_update: i64,
    next_update: Option<i64>,
    number: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    /// Sorted by serial number.
    entries: Vec<RevokedEntry>,
}

impl Crl {
    /// Parses strict DER.
    ///
    /// # Errors
    /// [`GmError::Der`], [`GmError::Algorithm`], [`GmError::CriticalExtension`] (so delta and partial lists are
    /// refused), [`GmError::Profile`].
    pub fn from_der(der: &[u8]) -> Result<Self, GmError> {
        let signed = Signed::from_der(ITEM, der)?;
        let mut outer = Reader::new(signed.tbs());
        let mut tbs = outer.sequence()?;
        if tbs.integer_u64()? != 1 {
            return Err(GmError::Profile { item: ITEM, rule: "应为第 2 版" });
        }
        read_algorithm(ITEM, &mut tbs)?;
        let issuer = Name::read(&mut tbs)?;
        let this_update = tbs.time()?;
        let has_next = tbs.is_next(Tag::UTC_TIME) || tbs.is_next(Tag::GENERALIZED_TIME);
        let next_update = if has_next { Some(tbs.time()?) } else { None };
        let entries = read_entries(&mut tbs)?;
        let (number, authority_key_id) = read_extensions(&mut tbs)?;
        tbs.finish()?;
        Ok(Self { signed, issuer, this_update, next_update, number, authority_key_id, entries })
    }

    /// All bytes, as received.
    pub fn as_der(&self) -> &[u8] {
        &self.signed.der
    }

    /// Who signed it.
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// When it was made, Unix seconds.
    pub fn this_update(&self) -> i64 {
        self.this_update
    }

    /// By when the next one appears, Unix seconds.
    pub fn next_update(&self) -> Option<i64> {
        self.next_update
    }

    /// Number of the list, big endian without leading zeros.
    pub fn number(&self) -> Option<&[u8]> {
        self.number.as_deref()
    }

    /// All entries, sorted by the bytes of their serial numbers.
    pub fn entries(&self) -> &[RevokedEntry] {
        &self.entries
    }

    /// Checks that the list is `issuer`'s: name, key identifier, the right to sign lists, and the signature.
    /// The issuer's own chain is the caller's to check.
    ///
    /// # Errors
    /// [`GmError::CrlIssuer`], [`GmError::Profile`] without the cRLSign usage, [`GmError::BadSignature`].
    pub fn verify(&self, issuer: &Certificate) -> Result<(), GmError> {
        let same_key = match (&self.authority_key_id, issuer.subject_key_id()) {
            (Some(aki), Some(ski)) => aki == ski,
            _ => true,
        };
        if self.issuer != *issuer.subject() || !same_key {
            let (found, expected) = (self.issuer.to_string(), issuer.subject().to_string());
            return Err(GmError::CrlIssuer { found, expected });
        }
        if !issuer.key_usage().unwrap_or_default().contains(KeyUsage::CRL_SIGN) {
            return Err(GmError::Profile {
                item: ITEM, rule: "签发者证书没有“签发吊销列表”密钥用途"
            });
        }
        if !self.signed.verifies(issuer.public_key()) {
            let subject = format!("“{}”的吊销列表", self.issuer.short_text());
            return Err(GmError::BadSignature { subject });
        }
        Ok(())
    }

    /// Checks that the list is in force at `now` (Unix seconds): made before it, and its successor not yet due.
    /// A list without a next update is never fresh.
    ///
    /// # Errors
    /// [`GmError::CrlStale`].
    pub fn check_fresh(&self, now: i64) -> Result<(), GmError> {
        if self.this_update <= now && self.next_update.is_some_and(|next| now <= next) {
            return Ok(());
        }
        Err(GmError::CrlStale {
            issuer: self.issuer.short_text(),
            at: utc_text(now),
            from: utc_text(self.this_update),
            until: self.next_update.map_or_else(|| "未注明".to_owned(), utc_text),
        })
    }

    /// The entry of a serial number (big endian without leading zeros), if revoked.
    pub fn find(&self, serial: &[u8]) -> Option<&RevokedEntry> {
        let place = self.entries.binary_search_by(|entry| entry.serial.as_slice().cmp(serial)).ok()?;
        self.entries.get(place)
    }
}

fn read_entries(tbs: &mut Reader<'_>) -> Result<Vec<RevokedEntry>, GmError> {
    if !tbs.is_next(Tag::SEQUENCE) {
        return Ok(Vec::new());
    }
    let mut entries = tbs.sequence_of(|list| list.nested_with(Tag::SEQUENCE, read_entry))?;
    entries.sort_by(|a, b| a.serial.cmp(&b.serial));
    if entries.array_windows().any(|[a, b]| a.serial == b.serial) {
        return Err(GmError::Profile { item: ITEM, rule: "同一序列号出现两次" });
    }
    Ok(entries)
}

fn read_entry(reader: &mut Reader<'_>) -> Result<RevokedEntry, GmError> {
    let (serial, at) = (reader.integer_unsigned()?.to_vec(), reader.time()?);
    let mut reason = CrlReason::Unspecified;
    let extensions = if reader.is_empty() { Vec::new() } else { Extension::read_all(reader)? };
    for extension in &extensions {
        match extension.oid {
            oid::CRL_REASON => reason = extension.parse(CrlReason::read)?,
            // certificateIssuer, which would make the list an indirect one, is critical and ends here.
            other if extension.critical => return Err(critical(&other)),
            _ => {}
        }
    }
    Ok(RevokedEntry { serial, at, reason })
}

type Ids = (Option<Vec<u8>>, Option<Vec<u8>>);

/// CRL number and authority key identifier.
fn read_extensions(tbs: &mut Reader<'_>) -> Result<Ids, GmError> {
    let Some(mut wrapper) = tbs.optional_explicit(0)? else { return Ok((None, None)) };
    let extensions = Extension::read_all(&mut wrapper)?;
    wrapper.finish()?;
    let (mut number, mut aki) = (None, None);
    for extension in &extensions {
        match extension.oid {
            oid::CRL_NUMBER => number = Some(extension.parse(|r| Ok(r.integer_unsigned()?.to_vec()))?),
            oid::AUTHORITY_KEY_ID => aki = extension.parse(read_authority_key_id)?,
            other if extension.critical => return Err(critical(&other)),
            _ => {}
        }
    }
    Ok((number, aki))
}

fn critical(oid: &crate::der::Oid) -> GmError {
    GmError::CriticalExtension { item: ITEM, oid: oid.to_string() }
}
