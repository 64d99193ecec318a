//! Sealing: the signature layer over finished package parts.

use gm::sm3::Sm3;
use gm::x509::Certificate;
use gm::{SigningKey, oid};
use ofd::zip::{Deflater, Entry};

use crate::SealError;
use crate::describe::{self, Draft};
use crate::ses::{self, SesSeal};

const SIGN_DIR: &str = "Doc_0/Signs/Sign_0";
const SIGNATURE_PATH: &str = "/Doc_0/Signs/Sign_0/Signature.xml";

/// A file of the package and the SM3 of its content; `covered` is false for the annotation tree (`ofd.md` §7).
pub struct Protected<'a> {
    /// Zip entry.
    pub entry: &'a Entry,
    /// SM3 of the uncompressed content.
    pub sm3: &'a [u8; 32],
    /// Goes into References.
    pub covered: bool,
}

/// What is to be sealed.
pub struct SealRequest<'a> {
    /// All files but the signature layer, in package order.
    pub parts: &'a [Protected<'a>],
    /// Object id of the page that carries the seal.
    pub page_id: u64,
    /// `[x, y, width, height]` of the seal in mm.
    pub frame: [f32; 4],
    /// Signing time that the intent fixed, Unix seconds.
    pub signed_at: i64,
}

/// A sealed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// File bytes.
    pub bytes: Vec<u8>,
    /// SM3 of Signature.xml, the `dataHash` under the signature: it covers the digest of every protected file, so two
    /// packages with the same one show the same certificate.
    pub data_hash: [u8; 32],
}

/// Seals packages: with a key of our own, with a device that signs a digest, or through a province's seal platform.
pub trait SealProvider: Send + Sync {
    /// The sealed package.
    ///
    /// # Errors
    /// The key, the device or the platform fails; nothing was released then.
    fn seal(&self, request: &SealRequest<'_>, deflater: &mut Deflater) -> Result<Sealed, SealError>;

    /// The sealed packages of several requests, in order. A provider that can share work between them does.
    ///
    /// # Errors
    /// Of the first request that fails.
    fn seal_all(
        &self,
        requests: &[SealRequest<'_>],
        deflater: &mut Deflater,
    ) -> Result<Vec<Sealed>, SealError> {
        requests.iter().map(|request| self.seal(request, deflater)).collect()
    }

    /// Name of the seal (ZZQZMC).
    fn seal_name(&self) -> &str;

    /// First eight bytes of the SM3 of the signer's public key; the intent remembers it.
    fn key_id(&self) -> [u8; 8];
}

/// Adds a trusted time to a signature value (GB/T 20520). Optional.
pub trait TimestampProvider: Send + Sync {
    /// A token over SM3 of the signature value.
    ///
    /// # Errors
    /// The service does not answer or refuses.
    fn token(&self, signature_sm3: &[u8; 32]) -> Result<Vec<u8>, SealError>;
}

/// The local provider: a seal and the key of its signer.
pub struct KeyedSeal {
    seal: SesSeal,
    signer: Certificate,
    key: Box<dyn SigningKey>,
    /// SM3 state after Z_A and the fixed front of TBS_Sign: the seal is hashed once, not for every certificate.
    front: Sm3,
    front_len: usize,
    seal_entry: Entry,
    seal_sm3: [u8; 32],
    list_entry: Entry,
    timestamp: Option<Box<dyn TimestampProvider>>,
}

impl KeyedSeal {
    /// A seal made ready to sign.
    ///
    /// # Errors
    /// [`SealError::KeyMismatch`], or a signer that the seal does not list.
    pub fn new(seal: SesSeal, signer: Certificate, key: Box<dyn SigningKey>) -> Result<Self, SealError> {
        if signer.public_key() != key.public_key() {
            return Err(SealError::KeyMismatch);
        }
        if !seal.signers.contains(&signer) {
            return Err(SealError::Content("签章人证书不在印章的签章人名单内"));
        }
        let (tbs, front_len) = ses::tbs(&seal.der, 0, &[0; 32], SIGNATURE_PATH)?;
        let front = Sm3::new().chain(&gm::sm2::za(key.public_key())).chain(&tbs[..front_len]);
        let seal_entry = Entry::deflated(&format!("{SIGN_DIR}/Seal.esl"), &seal.der, 9);
        let list = describe::write_list(SIGN_DIR);
        let list_entry = Entry::deflated("Doc_0/Signs/Signatures.xml", list.as_bytes(), 9);
        let seal_sm3 = gm::sm3::sm3(&seal.der);
        Ok(Self { seal, signer, key, front, front_len, seal_entry, seal_sm3, list_entry, timestamp: None })
    }

    /// The same with trusted time.
    pub fn with_timestamp(self, provider: Box<dyn TimestampProvider>) -> Self {
        Self { timestamp: Some(provider), ..self }
    }

    /// The seal.
    pub fn seal_data(&self) -> &SesSeal {
        &self.seal
    }

    fn describe(&self, request: &SealRequest<'_>) -> String {
        let signed_at = utc_text(request.signed_at);
        let [x, y, w, h] = request.frame.map(f64::from);
        let boundary = ofd::notation::boundary(&ofd::Rect::new(x, y, w, h));
        let draft = Draft {
            sign_dir: SIGN_DIR,
            signed_at: &signed_at,
            page_id: request.page_id,
            boundary: &boundary,
        };
        let covered =
            request.parts.iter().filter(|part| part.covered).map(|part| (part.entry.name(), part.sm3));
        let seal = std::iter::once((self.seal_entry.name(), &self.seal_sm3));
        describe::write(&draft, covered.chain(seal))
    }

    fn signed_value(&self, data_hash: &[u8; 32], signed_at: i64) -> Result<Vec<u8>, SealError> {
        let (tbs, front_len) = ses::tbs(&self.seal.der, signed_at, data_hash, SIGNATURE_PATH)?;
        debug_assert_eq!(front_len, self.front_len, "the fixed front does not depend on the certificate");
        let digest = self.front.clone().chain(&tbs[self.front_len..]).finish();
        let signature = self.key.sign_digest(&digest)?.to_der();
        let token = match &self.timestamp {
            Some(provider) => Some(provider.token(&gm::sm3::sm3(&signature))?),
            None => None,
        };
        let mut writer = gm::der::Writer::new();
        writer.sequence(|whole| {
            whole.raw(&tbs);
            whole.octet_string(self.signer.as_der());
            whole.oid(&oid::SM2_WITH_SM3);
            whole.bit_string(&signature);
            if let Some(token) = &token {
                whole.explicit(0, |inner| inner.bit_string(token));
            }
        });
        Ok(writer.finish()?)
    }

    fn package(
        &self,
        request: &SealRequest<'_>,
        xml: &str,
        data_hash: [u8; 32],
        deflater: &mut Deflater,
    ) -> Result<Sealed, SealError> {
        let value = self.signed_value(&data_hash, request.signed_at)?;
        let mut entries: Vec<Entry> = Vec::with_capacity(request.parts.len() + 4);
        entries.extend(request.parts.iter().map(|part| part.entry.clone()));
        entries.push(self.list_entry.clone());
        entries.push(self.seal_entry.clone());
        entries.push(deflater.entry(&format!("{SIGN_DIR}/Signature.xml"), xml.as_bytes()));
        // The value is the seal's picture and certificates once more, compressed already or random: stored.
        entries.push(Entry::stored(&format!("{SIGN_DIR}/SignedValue.dat"), &value));
        Ok(Sealed { bytes: ofd::zip::write(&entries)?, data_hash })
    }
}

impl SealProvider for KeyedSeal {
    fn seal(&self, request: &SealRequest<'_>, deflater: &mut Deflater) -> Result<Sealed, SealError> {
        let xml = self.describe(request);
        self.package(request, &xml, gm::sm3::sm3(xml.as_bytes()), deflater)
    }

    fn seal_all(
        &self,
        requests: &[SealRequest<'_>],
        deflater: &mut Deflater,
    ) -> Result<Vec<Sealed>, SealError> {
        let xmls: Vec<String> = requests.iter().map(|request| self.describe(request)).collect();
        let messages: Vec<&[u8]> = xmls.iter().map(String::as_bytes).collect();
        let hashes = gm::sm3::sm3_many(&messages);
        let all = requests.iter().zip(&xmls).zip(hashes);
        all.map(|((request, xml), hash)| self.package(request, xml, hash, deflater)).collect()
    }

    fn seal_name(&self) -> &str {
        &self.seal.name
    }

    fn key_id(&self) -> [u8; 8] {
        self.key.public_key().key_id()
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, as SignatureDateTime is written.
fn utc_text(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let utc = jiff::tz::TimeZone::UTC.to_datetime(time);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        utc.year(),
        utc.month(),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second()
    )
}
