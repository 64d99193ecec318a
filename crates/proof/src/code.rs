//! The content of our 2D code (`docs/code-format.md`): compact identifier, status index, dates, SM2 signature, Base45.

use codes::{CertificateId, Serial, TypeCode, Uscc, Validity};
use gm::SigningKey;
use gm::sm2::{PreparedKey, PublicKey, Signature};
use jiff::civil::{Date, date};

use crate::base45;

/// What every code of ours begins with; `:` is in the alphanumeric alphabet, and the rest is Base45.
pub const PREFIX: &str = "LZ:";
const VERSION: u8 = 1;
/// The definer of all nine kinds; its codes save sixteen bytes.
const MINISTRY: &str = "11100000000019713D";
const SIGNATURE_LEN: usize = 64;
/// Bytes of slot and life at the end of a shown code's message.
pub const SLOT_LEN: usize = 6;
/// Day 0 of the dates.
const EPOCH: Date = date(2000, 1, 1);
/// Second 0 of the slots of shown codes: 2000-01-01T00:00:00Z in Unix seconds.
pub const SLOT_EPOCH: i64 = 946_684_800;
/// 长期.
const LONG_TERM: u16 = u16::MAX;

/// Why a scanned text is not a code of ours, or cannot be made one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Another system's code.
    #[error("不是本系统的二维码（应以“LZ:”开头）；请交由部级平台识别")]
    Foreign,
    /// Not Base45.
    #[error("二维码内容不完整或有误；请重新扫描，仍不行时请核验证照文件")]
    Encoding,
    /// A version that this program does not know.
    #[error("二维码为第 {0} 版格式，本程序不识别；请更新程序")]
    Version(u8),
    /// Cut short, too long, or a field out of range.
    #[error("二维码中的“{0}”有误；请核验证照文件")]
    Field(&'static str),
    /// A date before 2000 or after 2179.
    #[error("日期“{0}”超出二维码可表示的范围（2000—2179 年）")]
    Date(String),
    /// The signature does not hold.
    #[error("二维码签名不成立，可能是伪造的")]
    Signature,
    /// The key failed.
    #[error("{0}")]
    Key(String),
}

/// What a code is for, with what only that type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeType {
    /// Stands on the face of the file.
    Face,
    /// Shown on a phone (亮证) for some seconds.
    Present {
        /// Seconds since [`SLOT_EPOCH`] at which it begins.
        slot: u32,
        /// Seconds that it lives, 1 or more.
        life: u16,
        /// Number of the grant by which somebody else than the holder shows it, among those of that certificate; 0: the holder.
        grant: u16,
    },
    /// Printed on a sheet.
    Printed {
        /// Number of the printed sheet of that certificate, from 1; only the newest counts.
        sheet: u16,
    },
}

impl CodeType {
    fn byte(self) -> u8 {
        match self {
            Self::Face => 1,
            Self::Present { grant: 0, .. } => 2,
            Self::Present { .. } => 4,
            Self::Printed { .. } => 3,
        }
    }

    /// The fields behind the last day of validity.
    fn tail(self, out: &mut Vec<u8>) -> Result<(), CodeError> {
        match self {
            Self::Face => {}
            Self::Present { life: 0, .. } => return Err(CodeError::Field("时长")),
            Self::Present { slot, life, grant } => {
                // Before the slot: a phone puts slot and life at the end.
                if grant > 0 {
                    out.extend(grant.to_be_bytes());
                }
                out.extend(slot.to_be_bytes());
                out.extend(life.to_be_bytes());
            }
            Self::Printed { sheet: 0 } => return Err(CodeError::Field("打印序号")),
            Self::Printed { sheet } => out.extend(sheet.to_be_bytes()),
        }
        Ok(())
    }

    fn read_tail(byte: u8, bytes: &mut Bytes<'_>) -> Result<Self, CodeError> {
        match byte {
            1 => Ok(Self::Face),
            2 | 4 => {
                let grant = if byte == 4 { bytes.u16("授权序号")? } else { 0 };
                if byte == 4 && grant == 0 {
                    return Err(CodeError::Field("授权序号"));
                }
                let slot = bytes.u32("时段")?;
                match bytes.u16("时长")? {
                    0 => Err(CodeError::Field("时长")),
                    life => Ok(Self::Present { slot, life, grant }),
                }
            }
            3 => match bytes.u16("打印序号")? {
                0 => Err(CodeError::Field("打印序号")),
                sheet => Ok(Self::Printed { sheet }),
            },
            _ => Err(CodeError::Field("类型")),
        }
    }
}

/// The content of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Purpose.
    pub code_type: CodeType,
    /// First eight bytes of the SM3 of the code key.
    pub key_id: [u8; 8],
    /// 证照标识.
    pub identifier: CertificateId,
    /// Dense number within the province.
    pub status_index: u32,
    /// 颁发日期.
    pub issued: Date,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_to: Validity,
}

/// A decoded code with its signature, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCode {
    /// Content.
    pub code: Code,
    message: Vec<u8>,
    signature: Signature,
}

impl Code {
    /// Signs and encodes.
    ///
    /// # Errors
    /// A date out of range; the key fails.
    pub fn sign(&self, key: &dyn SigningKey) -> Result<String, CodeError> {
        let mut message = self.message()?;
        let signature = gm::sign_message(key, &message).map_err(|error| CodeError::Key(error.to_string()))?;
        message.extend_from_slice(&signature.to_bytes());
        Ok(text(&message))
    }

    /// The bytes that are signed; of a shown code the last [`SLOT_LEN`] are its slot and life, and all before them are the
    /// same for every slot.
    ///
    /// # Errors
    /// A field out of range.
    pub fn message(&self) -> Result<Vec<u8>, CodeError> {
        let mut out = Vec::with_capacity(128);
        out.extend([VERSION, self.code_type.byte()]);
        out.extend(self.key_id);
        push_identifier(&mut out, &self.identifier);
        out.extend(self.status_index.to_be_bytes());
        out.extend(day(self.issued)?.to_be_bytes());
        out.extend(day(self.valid_from)?.to_be_bytes());
        let last = match self.valid_to {
            Validity::LongTerm => LONG_TERM,
            Validity::Until(date) => day(date)?,
        };
        out.extend(last.to_be_bytes());
        self.code_type.tail(&mut out)?;
        Ok(out)
    }
}

/// The text of `message ‖ signature`.
pub(crate) fn text(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

impl SignedCode {
    /// Decodes a scanned text. The content is not to be believed before [`SignedCode::verify`].
    ///
    /// # Errors
    /// Foreign, damaged, of another version, or with a field that cannot be.
    pub fn decode(text: &str) -> Result<Self, CodeError> {
        let body = text.trim().strip_prefix(PREFIX).ok_or(CodeError::Foreign)?;
        let bytes = base45::decode(body).ok_or(CodeError::Encoding)?;
        let cut = bytes.len().checked_sub(SIGNATURE_LEN).ok_or(CodeError::Encoding)?;
        let (message, signature) = bytes.split_at(cut);
        let code = read(message)?;
        // One content has one form: what encodes differently was not made by us.
        if code.message()? != message {
            return Err(CodeError::Field("编码"));
        }
        let raw: &[u8; 64] = signature.try_into().map_err(|_| CodeError::Encoding)?;
        let signature = Signature::from_bytes(raw).map_err(|_| CodeError::Signature)?;
        Ok(Self { code, message: message.to_vec(), signature })
    }

    /// The same against a key that is prepared for many codes.
    pub fn holds_for(&self, key: &PreparedKey) -> bool {
        key.public_key().key_id() == self.code.key_id && key.verify(&self.message, &self.signature)
    }

    /// SM3 of the signed bytes: tells one shown code from another (used before?).
    pub fn digest(&self) -> [u8; 32] {
        gm::sm3::sm3(&self.message)
    }

    /// Does the signature hold for this key, and is it the key that the code names?
    pub fn verify(&self, key: &PublicKey) -> Result<&Code, CodeError> {
        let holds = key.key_id() == self.code.key_id && gm::sm2::verify(key, &self.message, &self.signature);
        if holds { Ok(&self.code) } else { Err(CodeError::Signature) }
    }
}

pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], CodeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(CodeError::Field(field))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self, field: &'static str) -> Result<u8, CodeError> {
        Ok(self.take(1, field)?[0])
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, CodeError> {
        let bytes = self.take(2, field)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self, field: &'static str) -> Result<u32, CodeError> {
        let bytes = self.take(4, field)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

fn read(message: &[u8]) -> Result<Code, CodeError> {
    let mut bytes = Bytes(message);
    let version = bytes.byte("版本")?;
    if version != VERSION {
        return Err(CodeError::Version(version));
    }
    let type_byte = bytes.byte("类型")?;
    if !(1..=4).contains(&type_byte) {
        return Err(CodeError::Field("类型"));
    }
    let mut key_id = [0; 8];
    key_id.copy_from_slice(bytes.take(8, "密钥编号")?);
    let identifier = read_identifier(&mut bytes)?;
    let status_index = bytes.u32("状态序号")?;
    let issued = date_of(bytes.u16("颁发日期")?)?;
    let valid_from = date_of(bytes.u16("有效期起始")?)?;
    let valid_to = match bytes.u16("有效期截止")? {
        LONG_TERM => Validity::LongTerm,
        days => Validity::Until(date_of(days)?),
    };
    let code_type = CodeType::read_tail(type_byte, &mut bytes)?;
    if !bytes.0.is_empty() {
        return Err(CodeError::Field("长度"));
    }
    Ok(Code { code_type, key_id, identifier, status_index, issued, valid_from, valid_to })
}

pub(crate) fn read_identifier(bytes: &mut Bytes<'_>) -> Result<CertificateId, CodeError> {
    let bad = |_| CodeError::Field("证照标识");
    let flag = bytes.byte("证照类型")?;
    let definer = match flag {
        0 => MINISTRY.to_owned(),
        1 => unpack36(bytes.take(packed36(18), "证照类型")?, 18).ok_or(CodeError::Field("证照类型"))?,
        _ => return Err(CodeError::Field("证照类型")),
    };
    let number = bytes.u16("证照类型")?;
    let type_code = TypeCode::parse(&format!("{definer}{number:03}")).map_err(bad)?;
    let issuer = unpack36(bytes.take(packed36(18), "颁发机构")?, 18).ok_or(CodeError::Field("颁发机构"))?;
    let issuer = Uscc::parse(&issuer).map_err(bad)?;
    let length = bytes.byte("流水号")?;
    let count = usize::from(length & 0x7F);
    if !(1..=32).contains(&count) {
        return Err(CodeError::Field("流水号"));
    }
    let serial = if length & 0x80 == 0 {
        unpack10(bytes.take(count.div_ceil(2), "流水号")?, count)
    } else {
        unpack36(bytes.take(packed36(count), "流水号")?, count)
    };
    let serial = Serial::parse(&serial.ok_or(CodeError::Field("流水号"))?).map_err(bad)?;
    let version = bytes.u16("版本号")?;
    CertificateId::new(type_code, issuer, serial, version).map_err(bad)
}

/// The identifier without its check character, as codes and receipts carry it.
pub(crate) fn push_identifier(out: &mut Vec<u8>, identifier: &CertificateId) {
    push_type(out, &identifier.type_code().to_string());
    out.extend(pack36(&identifier.issuer().to_string()));
    let serial = identifier.serial().to_string();
    if serial.bytes().all(|byte| byte.is_ascii_digit()) {
        out.push(serial.len() as u8);
        out.extend(pack10(&serial));
    } else {
        out.push(0x80 | serial.len() as u8);
        out.extend(pack36(&serial));
    }
    out.extend(identifier.version().to_be_bytes());
}

fn push_type(out: &mut Vec<u8>, type_code: &str) {
    let (definer, number) = type_code.split_at(18);
    if definer == MINISTRY {
        out.push(0);
    } else {
        out.push(1);
        out.extend(pack36(definer));
    }
    // A type code ends in three digits.
    out.extend(number.parse::<u16>().unwrap_or_default().to_be_bytes());
}

/// Can a code hold this day?
///
/// # Errors
/// [`CodeError::Date`] before 2000 and after 2179-06-05.
pub fn check_day(date: Date) -> Result<(), CodeError> {
    day(date).map(|_| ())
}

fn day(date: Date) -> Result<u16, CodeError> {
    let out_of_range = || CodeError::Date(date.to_string());
    let days = date.since(EPOCH).map_err(|_| out_of_range())?.get_days();
    u16::try_from(days).ok().filter(|days| *days < LONG_TERM).ok_or_else(out_of_range)
}

fn date_of(days: u16) -> Result<Date, CodeError> {
    EPOCH.checked_add(jiff::Span::new().days(i64::from(days))).map_err(|_| CodeError::Field("日期"))
}

/// Bytes that `count` characters of `0-9A-Z` take as one big number.
fn packed36(count: usize) -> usize {
    // log2(36) = 5.169925; 32 characters need 165.44 bits.
    (count * 5170).div_ceil(8000)
}

fn pack36(text: &str) -> Vec<u8> {
    let mut number = vec![0u8; packed36(text.len())];
    for ch in text.chars() {
        let mut carry = ch.to_digit(36).unwrap_or_default();
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte) * 36 + carry;
            *byte = value as u8;
            carry = value >> 8;
        }
    }
    number
}

fn unpack36(bytes: &[u8], count: usize) -> Option<String> {
    let mut number = bytes.to_vec();
    let mut text = Vec::with_capacity(count);
    for _ in 0..count {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = (rest << 8) | u32::from(*byte);
            *byte = (value / 36) as u8;
            rest = value % 36;
        }
        text.push(char::from_digit(rest, 36)?.to_ascii_uppercase());
    }
    number.iter().all(|byte| *byte == 0).then(|| text.iter().rev().collect())
}

/// Two digits a byte; an odd last digit stands in the high half with `F` behind it.
fn pack10(text: &str) -> Vec<u8> {
    let digit = |byte: u8| byte - b'0';
    text.as_bytes()
        .chunks(2)
        .map(|pair| digit(pair[0]) << 4 | pair.get(1).map_or(0xF, |byte| digit(*byte)))
        .collect()
}

fn unpack10(bytes: &[u8], count: usize) -> Option<String> {
    let mut text = String::with_capacity(count);
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]).take(count) {
        text.push(char::from_digit(u32::from(nibble), 10)?);
    }
    let padded = count.is_multiple_of(2) || bytes.last().is_some_and(|byte| byte & 0xF == 0xF);
    padded.then_some(text)
}
