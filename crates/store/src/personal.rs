//! Personal data at rest: SM4-GCM values and blind indexes for exact search (`domain.md`, "Personal data at rest"; L7.3).

use gm::sm3::hmac_sm3;
use gm::sm4::{Gcm, NONCE_LEN, TAG_LEN};
use zeroize::Zeroizing;

use crate::StoreError;

/// One generation of the data key.
pub struct PersonalKey {
    id: String,
    cipher: Gcm,
    nonces: Zeroizing<[u8; 32]>,
}

impl PersonalKey {
    /// Derives the working keys of a generation from its 32 secret bytes. `id` names it in every value: letters and digits.
    pub fn new(id: &str, secret: &[u8; 32]) -> Self {
        let cipher = Zeroizing::new(hmac_sm3(secret, b"luzheng personal sm4"));
        let mut half = Zeroizing::new([0; 16]);
        half.copy_from_slice(&cipher[..16]);
        Self {
            id: id.to_owned(),
            cipher: Gcm::new(&half),
            nonces: Zeroizing::new(hmac_sm3(secret, b"luzheng personal nonce")),
        }
    }

    /// Two equal values in different places look different; the same value in the same place looks the same, so that a redo
    /// writes the same row and no nonce ever serves two messages.
    fn nonce(&self, place: &str, text: &str) -> [u8; NONCE_LEN] {
        let mut message = Zeroizing::new(Vec::with_capacity(place.len() + text.len() + 1));
        message.extend_from_slice(place.as_bytes());
        message.push(0);
        message.extend_from_slice(text.as_bytes());
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&hmac_sm3(&self.nonces[..], &message)[..NONCE_LEN]);
        nonce
    }
}

/// The key in use, those before it, and the key of the blind indexes.
pub struct PersonalKeys {
    current: PersonalKey,
    older: Vec<PersonalKey>,
    blind: Zeroizing<[u8; 32]>,
    mac: Zeroizing<[u8; 32]>,
}

/// What a blind index speaks of; equal values of different kinds give different entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blind {
    /// Document number or USCC of the holder.
    HolderNumber,
    /// Name of the holder.
    HolderName,
    /// Plate and colour.
    Plate,
    /// 证照编号, old forms included.
    CertificateNumber,
    /// The digits of a 证照编号 that has words in it (`演交运管许可字990101000001号`): what people read out and type.
    NumberDigits,
    /// What only one live certificate may have (rules DUPLICATE and LIVE_TWICE of a kind).
    Unique,
}

impl Blind {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::HolderNumber => "holder_number",
            Self::HolderName => "holder_name",
            Self::Plate => "plate",
            Self::CertificateNumber => "certificate_number",
            Self::NumberDigits => "number_digits",
            Self::Unique => "unique",
        }
    }
}

impl PersonalKeys {
    /// `blind` stays the same when the data key changes: else nothing would be found any more.
    pub fn new(current: PersonalKey, older: Vec<PersonalKey>, blind: &[u8; 32]) -> Self {
        let mac = Zeroizing::new(hmac_sm3(blind, b"luzheng personal mac"));
        let blind = Zeroizing::new(hmac_sm3(blind, b"luzheng personal blind"));
        Self { current, older, blind, mac }
    }

    /// Encrypts a value for one place (table, column and row); it opens nowhere else.
    pub fn seal(&self, place: &str, text: &str) -> String {
        let nonce = self.current.nonce(place, text);
        let mut bytes = Vec::with_capacity(NONCE_LEN + text.len() + TAG_LEN);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(text.as_bytes());
        let tag = self.current.cipher.seal(&nonce, place.as_bytes(), &mut bytes[NONCE_LEN..]);
        bytes.extend_from_slice(&tag);
        format!("{}:{}", self.current.id, gm::base64::encode(&bytes))
    }

    /// Decrypts a value of [`PersonalKeys::seal`].
    ///
    /// # Errors
    /// [`StoreError::Personal`]: an unknown key, another place, changed bytes.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Zeroizing<String>, StoreError> {
        let refused = |cause: &str| StoreError::Personal(format!("{place}：{cause}"));
        let (id, text) = sealed.split_once(':').ok_or_else(|| refused("格式不对"))?;
        let key = std::iter::once(&self.current).chain(&self.older).find(|key| key.id == id);
        let key = key.ok_or_else(|| refused(&format!("没有编号为“{id}”的数据密钥")))?;
        let mut bytes = gm::base64::decode(text).map_err(|_| refused("格式不对"))?;
        if bytes.len() < NONCE_LEN + TAG_LEN {
            return Err(refused("内容不完整"));
        }
        let (mut nonce, mut tag) = ([0; NONCE_LEN], [0; TAG_LEN]);
        nonce.copy_from_slice(&bytes[..NONCE_LEN]);
        tag.copy_from_slice(&bytes[bytes.len() - TAG_LEN..]);
        bytes.truncate(bytes.len() - TAG_LEN);
        bytes.drain(..NONCE_LEN);
        key.cipher
            .open(&nonce, place.as_bytes(), &mut bytes, &tag)
            .map_err(|_| refused("内容被改动或密钥不符"))?;
        String::from_utf8(bytes).map(Zeroizing::new).map_err(|_| refused("不是文字"))
    }

    /// HMAC-SM3 of a text for one purpose, under a key of its own: one-time codes, addresses of browsers.
    pub fn mac(&self, purpose: &str, text: &str) -> Zeroizing<[u8; 32]> {
        let message = Zeroizing::new(format!("{purpose}\0{text}"));
        Zeroizing::new(hmac_sm3(&self.mac[..], message.as_bytes()))
    }

    /// The blind index of a value: 32 hex digits. Variants of "·", full and half width, case and spaces are equal.
    pub fn blind(&self, what: Blind, value: &str) -> String {
        let message = format!("{}\0{}", what.name(), normalised(value));
        let digest = hmac_sm3(&self.blind[..], message.as_bytes());
        digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The form in which two spellings of a name or number are equal (`domain.md`, "Holder").
fn normalised(value: &str) -> String {
    let half = |ch: char| match ch {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(ch as u32 - 0xfee0).unwrap_or(ch),
        // Middle dots: katakana, bullet, hyphenation point, full stop at half height, dot operator.
        '\u{30fb}' | '\u{2022}' | '\u{2027}' | '\u{ff65}' | '\u{22c5}' | '\u{2219}' => '·',
        _ => ch,
    };
    value.chars().filter(|ch| !ch.is_whitespace()).map(half).flat_map(char::to_uppercase).collect()
}
