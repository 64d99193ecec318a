//! One stored record: a header of 80 bytes and the encrypted content (`docs/file-store.md`).

use gm::sm3::sm3;
use gm::sm4::{NONCE_LEN, TAG_LEN};

use crate::{DIGEST_LEN, Object, ObjectError, ObjectKeys};

/// Length of a header in bytes.
pub const HEADER_LEN: usize = 80;
/// Most bytes of content in one object.
pub(crate) const MAX_CONTENT: usize = 1 << 30;

/// First bytes of every record.
pub(crate) const MAGIC: [u8; 4] = *b"LZOB";
/// What the tag covers beside the content: magic, length, digest, key id.
const COVERED: usize = 44;

/// Header of a stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Length of the content in bytes.
    pub len: u32,
    /// SM3 of the plaintext.
    pub sm3: [u8; DIGEST_LEN],
    /// Number of the key.
    pub key_id: u32,
    /// Nonce of SM4-GCM.
    pub nonce: [u8; NONCE_LEN],
    /// Tag of SM4-GCM.
    pub tag: [u8; TAG_LEN],
    /// CRC-32 of the encrypted content: rot is found without any key.
    pub content_crc: u32,
}

/// What a record turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Content, tag and digest fit.
    Good,
    /// The checksum fits; no key was given to look further.
    Whole,
    /// The checksum of the content does not fit.
    Rotten,
    /// The key is not at hand.
    NoKey,
    /// The checksum fits and the tag does not: written by somebody without the key, or another key has this number.
    Forged,
    /// All fits except the digest.
    WrongDigest,
}

impl Condition {
    /// In the words a user reads.
    pub fn text(self) -> &'static str {
        match self {
            Self::Good => "完好",
            Self::Whole => "校验和相符（未解密）",
            Self::Rotten => "内容校验和不符",
            Self::NoKey => "缺少解密密钥",
            Self::Forged => "鉴别标签不符",
            Self::WrongDigest => "内容摘要与名称不符",
        }
    }
}

impl Header {
    /// Reads a header; `None` if it is not one or its checksum does not fit.
    pub fn parse(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        let (covered, crc) = bytes.split_last_chunk::<4>()?;
        if bytes[..4] != MAGIC || crc32fast::hash(covered) != u32::from_be_bytes(*crc) {
            return None;
        }
        let len = u32::from_be_bytes(field(bytes, 4));
        (len as usize <= MAX_CONTENT).then(|| Self {
            len,
            sm3: field(bytes, 8),
            key_id: u32::from_be_bytes(field(bytes, 40)),
            nonce: field(bytes, 44),
            tag: field(bytes, 56),
            content_crc: u32::from_be_bytes(field(bytes, 72)),
        })
    }

    /// Writes a header.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        let fields: [&[u8]; 7] = [
            &MAGIC,
            &self.len.to_be_bytes(),
            &self.sm3,
            &self.key_id.to_be_bytes(),
            &self.nonce,
            &self.tag,
            &self.content_crc.to_be_bytes(),
        ];
        let mut at = 0;
        for field in fields {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        }
        let crc = crc32fast::hash(&bytes[..at]);
        bytes[at..].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    /// Bytes of the whole record.
    pub fn record_len(&self) -> u64 {
        HEADER_LEN as u64 + u64::from(self.len)
    }

    /// Looks at the encrypted content without a key.
    pub(crate) fn check(&self, content: &[u8]) -> Condition {
        let whole = crc32fast::hash(content) == self.content_crc;
        if whole { Condition::Whole } else { Condition::Rotten }
    }

    /// Decrypts the content in place; anything but [`Condition::Good`] leaves no plaintext to be trusted.
    pub(crate) fn open(&self, keys: &ObjectKeys, content: &mut [u8]) -> Condition {
        let Some(key) = keys.get(self.key_id) else { return Condition::NoKey };
        if key.gcm.open(&self.nonce, &self.to_bytes()[..COVERED], content, &self.tag).is_err() {
            // The checksum tells rot from a wrong key; it is not needed where the tag fits.
            let rotten = self.check(content) == Condition::Rotten;
            return if rotten { Condition::Rotten } else { Condition::Forged };
        }
        if sm3(content) == self.sm3 { Condition::Good } else { Condition::WrongDigest }
    }
}

/// Encrypts an object under the current key and appends its record to `out`. Same key, same object, same bytes.
pub(crate) fn append(keys: &ObjectKeys, object: &Object<'_>, out: &mut Vec<u8>) -> Result<(), ObjectError> {
    if object.bytes.len() > MAX_CONTENT {
        return Err(ObjectError::TooLarge { len: object.bytes.len() as u64, limit: MAX_CONTENT as u64 });
    }
    let key = keys.current();
    let mut header = Header {
        len: object.bytes.len() as u32,
        sm3: object.sm3,
        key_id: key.id,
        nonce: key.nonce(&object.sm3),
        tag: [0; TAG_LEN],
        content_crc: 0,
    };
    let start = out.len();
    out.extend_from_slice(&header.to_bytes());
    out.extend_from_slice(object.bytes);
    let (head, content) = out[start..].split_at_mut(HEADER_LEN);
    header.tag = key.gcm.seal(&header.nonce, &head[..COVERED], content);
    header.content_crc = crc32fast::hash(content);
    head.copy_from_slice(&header.to_bytes());
    Ok(())
}

/// The `N` bytes from `at`, which every caller takes from inside the header.
fn field<const N: usize>(bytes: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[at + i])
}
