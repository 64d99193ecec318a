//! The ASN.1 of GB/T 38540-2020: electronic seal (SESeal) and seal signature (SES_Signature), strictly DER.

use gm::der::{Oid, Reader, Tag, Writer};
use gm::x509::Certificate;
use gm::{GmError, oid};

use crate::SealError;

/// The version that this crate reads and writes.
pub(crate) const VERSION: u64 = 4;

/// Who may sign with a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertList {
    /// Certificates, DER.
    Certificates(Vec<Vec<u8>>),
    /// Digests of certificates with their type (`SM3`).
    Digests(Vec<(String, Vec<u8>)>),
}

impl CertList {
    /// Is this certificate on the list, by its bytes or its SM3?
    pub fn contains(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Certificates(list) => list.iter().any(|der| der == certificate.as_der()),
            Self::Digests(list) => {
                let digest = gm::sm3::sm3(certificate.as_der());
                list.iter().any(|(_, listed)| listed[..] == digest)
            }
        }
    }
}

/// The picture of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealPicture {
    /// `PNG`, `JPG`, `OFD` …
    pub format: String,
    /// File bytes.
    pub data: Vec<u8>,
    /// Width in mm.
    pub width: u64,
    /// Height in mm.
    pub height: u64,
}

/// An electronic seal (电子印章): what it looks like, who may sign with it, and the maker's signature over both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SesSeal {
    /// The received bytes of the whole seal.
    pub der: Vec<u8>,
    /// The received bytes of SES_SealInfo, which the maker signed.
    pub info_der: Vec<u8>,
    /// 印章标识.
    pub id: String,
    /// 厂商标识.
    pub vendor: String,
    /// 印章类型.
    pub kind: u64,
    /// 印章名称.
    pub name: String,
    /// 签章人名单.
    pub signers: CertList,
    /// Made at, Unix seconds.
    pub created: i64,
    /// Valid from, Unix seconds.
    pub valid_from: i64,
    /// Valid to, Unix seconds.
    pub valid_to: i64,
    /// 印章图片.
    pub picture: SealPicture,
    /// Maker's certificate, DER.
    pub maker: Vec<u8>,
    /// Algorithm of the maker's signature.
    pub algorithm: Oid,
    /// Maker's signature value.
    pub signature: Vec<u8>,
}

/// What a maker signs: everything of a seal before the maker's certificate.
pub struct SealDraft<'a> {
    /// 印章标识.
    pub id: &'a str,
    /// 厂商标识.
    pub vendor: &'a str,
    /// 印章名称.
    pub name: &'a str,
    /// DER of the signers' certificates.
    pub signers: &'a [Vec<u8>],
    /// Made at, Unix seconds.
    pub created: i64,
    /// Valid from.
    pub valid_from: i64,
    /// Valid to.
    pub valid_to: i64,
    /// Picture.
    pub picture: &'a SealPicture,
}

impl SesSeal {
    /// Makes a seal: the maker signs the DER of the seal's information (SES v4 as independent implementations read it).
    ///
    /// # Errors
    /// The maker's key fails.
    pub fn make(
        draft: &SealDraft<'_>,
        maker: &Certificate,
        key: &dyn gm::SigningKey,
    ) -> Result<Self, SealError> {
        let mut writer = Writer::new();
        writer.sequence(|info| write_info(info, draft));
        let info = writer.finish()?;
        let signature = gm::sign_message(key, &info)?;
        let mut writer = Writer::new();
        writer.sequence(|seal| {
            seal.raw(&info);
            seal.octet_string(maker.as_der());
            seal.oid(&oid::SM2_WITH_SM3);
            seal.bit_string(&signature.to_der());
        });
        Self::parse(&writer.finish()?)
    }

    /// Reads a seal.
    ///
    /// # Errors
    /// Anything but DER of version 4.
    pub fn parse(der: &[u8]) -> Result<Self, SealError> {
        let mut outer = Reader::new(der);
        let mut seal = outer.sequence()?;
        outer.finish()?;
        let info_der = seal.raw_tlv()?.to_vec();
        let maker = seal.octet_string()?.to_vec();
        let algorithm = seal.oid()?;
        let signature = seal.bit_string()?.to_vec();
        seal.finish()?;
        let mut reader = Reader::new(&info_der);
        let mut info = reader.sequence()?;
        let vendor = read_header(&mut info)?;
        let id = info.ia5()?.to_owned();
        let property = read_property(&mut info)?;
        let picture = read_picture(&mut info)?;
        skip_extensions(&mut info)?;
        info.finish()?;
        Ok(Self {
            der: der.to_vec(),
            id,
            vendor,
            kind: property.kind,
            name: property.name,
            signers: property.signers,
            created: property.created,
            valid_from: property.valid_from,
            valid_to: property.valid_to,
            picture,
            maker,
            algorithm,
            signature,
            info_der,
        })
    }

    /// Does the maker's signature hold for the maker's own certificate? It may be over the seal's information alone, or,
    /// as older makers do, over information, certificate and algorithm; both bind the whole of what the seal says.
    pub fn maker_signature_holds(&self, maker: &Certificate) -> bool {
        let Ok(signature) = gm::sm2::Signature::from_der(&self.signature) else { return false };
        let holds = |message: &[u8]| gm::sm2::verify(maker.public_key(), message, &signature);
        holds(&self.info_der)
            || older_message(&self.info_der, &self.maker, &self.algorithm)
                .is_ok_and(|message| holds(&message))
    }
}

/// What older makers sign (the form of GM/T 0031): SEQUENCE { eSealInfo, cert, signAlgID }.
fn older_message(info: &[u8], maker: &[u8], algorithm: &Oid) -> Result<Vec<u8>, GmError> {
    let mut writer = Writer::new();
    writer.sequence(|message| {
        message.raw(info);
        message.octet_string(maker);
        message.oid(algorithm);
    });
    writer.finish()
}

fn write_info(info: &mut Writer, draft: &SealDraft<'_>) {
    info.sequence(|header| {
        header.ia5("ES");
        header.integer_u64(VERSION);
        header.ia5(draft.vendor);
    });
    info.ia5(draft.id);
    info.sequence(|property| {
        // 1: a unit's seal.
        property.integer_u64(1);
        property.utf8(draft.name);
        property.integer_u64(1);
        property.sequence(|list| draft.signers.iter().for_each(|der| list.octet_string(der)));
        property.generalized_time(draft.created);
        property.generalized_time(draft.valid_from);
        property.generalized_time(draft.valid_to);
    });
    info.sequence(|picture| {
        picture.ia5(&draft.picture.format);
        picture.octet_string(&draft.picture.data);
        picture.integer_u64(draft.picture.width);
        picture.integer_u64(draft.picture.height);
    });
}

fn read_header(info: &mut Reader<'_>) -> Result<String, SealError> {
    let mut header = info.sequence()?;
    if header.ia5()? != "ES" {
        return Err(SealError::Content("印章头标识不是“ES”"));
    }
    let version = header.integer_u64()?;
    if version != VERSION {
        return Err(SealError::Version(version));
    }
    let vendor = header.ia5()?.to_owned();
    header.finish()?;
    Ok(vendor)
}

struct Property {
    kind: u64,
    name: String,
    signers: CertList,
    created: i64,
    valid_from: i64,
    valid_to: i64,
}

fn read_property(info: &mut Reader<'_>) -> Result<Property, SealError> {
    let mut property = info.sequence()?;
    let kind = property.integer_u64()?;
    let name = property.utf8()?.to_owned();
    let signers = match property.integer_u64()? {
        1 => CertList::Certificates(property.sequence_of(|list| Ok(list.octet_string()?.to_vec()))?),
        2 => CertList::Digests(property.sequence_of(|list| {
            let mut item = list.sequence()?;
            let digest = (item.printable()?.to_owned(), item.octet_string()?.to_vec());
            item.finish()?;
            Ok(digest)
        })?),
        _ => return Err(SealError::Content("签章人名单类型既不是证书也不是摘要")),
    };
    let created = property.generalized_time()?;
    let valid_from = property.generalized_time()?;
    let valid_to = property.generalized_time()?;
    property.finish()?;
    Ok(Property { kind, name, signers, created, valid_from, valid_to })
}

fn read_picture(info: &mut Reader<'_>) -> Result<SealPicture, SealError> {
    let mut picture = info.sequence()?;
    let read = SealPicture {
        format: picture.ia5()?.to_owned(),
        data: picture.octet_string()?.to_vec(),
        width: picture.integer_u64()?,
        height: picture.integer_u64()?,
    };
    picture.finish()?;
    Ok(read)
}

/// Extensions are opaque here; they are under the signature all the same.
fn skip_extensions(reader: &mut Reader<'_>) -> Result<(), GmError> {
    if reader.is_next(Tag::context(0)) {
        reader.raw_tlv()?;
    }
    Ok(())
}

/// A seal signature (电子签章数据) as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SesSignature {
    /// The received bytes of TBS_Sign, which the signer signed.
    pub tbs_der: Vec<u8>,
    /// The seal inside.
    pub seal: SesSeal,
    /// Claimed signing time, Unix seconds.
    pub signed_at: i64,
    /// SM3 of Signature.xml.
    pub data_hash: Vec<u8>,
    /// Path of Signature.xml.
    pub property_info: String,
    /// Signer's certificate, DER.
    pub signer: Vec<u8>,
    /// Algorithm.
    pub algorithm: Oid,
    /// Signature value, DER of r and s.
    pub signature: Vec<u8>,
    /// Timestamp token, if any.
    pub timestamp: Option<Vec<u8>>,
}

impl SesSignature {
    /// Reads a seal signature.
    ///
    /// # Errors
    /// [`SealError::Version`] for v1 and v5, otherwise anything that is not DER of the structure.
    pub fn parse(der: &[u8]) -> Result<Self, SealError> {
        // The version stands inside; it decides which structure the rest has, so it is looked at first.
        if let Some(version) = peek_version(der).filter(|version| *version != VERSION) {
            return Err(SealError::Version(version));
        }
        let mut outer = Reader::new(der);
        let mut whole = outer.sequence()?;
        outer.finish()?;
        let tbs_der = whole.raw_tlv()?.to_vec();
        let signer = whole.octet_string()?.to_vec();
        let algorithm = whole.oid()?;
        let signature = whole.bit_string()?.to_vec();
        let timestamp = match whole.optional_explicit(0)? {
            Some(mut inner) => {
                let token = inner.bit_string()?.to_vec();
                inner.finish()?;
                Some(token)
            }
            None => None,
        };
        whole.finish()?;
        let mut reader = Reader::new(&tbs_der);
        let mut tbs = reader.sequence()?;
        tbs.integer_u64()?;
        let seal = SesSeal::parse(tbs.raw_tlv()?)?;
        let signed_at = tbs.generalized_time()?;
        let data_hash = tbs.bit_string()?.to_vec();
        let property_info = tbs.ia5()?.to_owned();
        skip_extensions(&mut tbs)?;
        tbs.finish()?;
        Ok(Self {
            seal,
            signed_at,
            data_hash,
            property_info,
            signer,
            algorithm,
            signature,
            timestamp,
            tbs_der,
        })
    }
}

/// The version of TBS_Sign, in v1, v4 and v5 alike the first INTEGER of the first SEQUENCE.
fn peek_version(der: &[u8]) -> Option<u64> {
    let mut outer = Reader::new(der);
    let mut whole = outer.sequence().ok()?;
    let mut tbs = whole.sequence().ok()?;
    tbs.integer_u64().ok()
}

/// TBS_Sign cut where the certificate's own part begins: the fixed front (header, version, seal) and the rest.
pub(crate) fn tbs(
    seal: &[u8],
    signed_at: i64,
    data_hash: &[u8; 32],
    property_info: &str,
) -> Result<(Vec<u8>, usize), GmError> {
    let mut writer = Writer::new();
    writer.sequence(|tbs| {
        tbs.integer_u64(VERSION);
        tbs.raw(seal);
        tbs.generalized_time(signed_at);
        tbs.bit_string(data_hash);
        tbs.ia5(property_info);
    });
    let der = writer.finish()?;
    // Behind the seal stand GeneralizedTime (17), BIT STRING (35) and the path with its two-byte header.
    let rest = 17 + 35 + 2 + property_info.len();
    let front = der.len().saturating_sub(rest);
    Ok((der, front))
}
