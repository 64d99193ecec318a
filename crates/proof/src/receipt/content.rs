//! What a receipt says.

use codes::CertificateId;
use gm::SigningKey;
use model::{Reason, Verdict};

use super::bytes::{NODE_MOST, array, number, officer, push_officer, push_text, push_time, text, time};
use super::{ReceiptError, SignedReceipt, VERSION, context, reasons, sign};
use crate::code::{Bytes, push_identifier, read_identifier};

/// Who signs, and so by whose clock the time is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The node, for an online check; its clock.
    Node {
        /// The node's id.
        node: String,
        /// 执法证号 or staff number of the officer.
        staff_no: String,
        /// The officer's unit.
        unit: String,
        /// Key of the device that asked, if one is enrolled.
        device: Option<[u8; 8]>,
    },
    /// The officer's device, for an offline check; its clock. Who the officer is stands in its certificate.
    Device {
        /// 1, 2, 3 … for each device key.
        sequence: u32,
        /// SM3 of the device's previous receipt ([`Receipt::digest`]); zeros for the first.
        previous: [u8; 32],
    },
}

/// What was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A certificate.
    Identifier(CertificateId),
    /// A scanned or typed text that led to no certificate: SM3 of its UTF-8 bytes.
    Text([u8; 32]),
    /// A file that led to no certificate: SM3 of its bytes.
    File([u8; 32]),
    /// Asked by plate or document number, and nothing found. The number is not told: a digest of it could be guessed.
    Unnamed,
}

impl Subject {
    /// The subject of a check that was asked with a text: the certificate if one was found, else the text's digest.
    pub fn of_text(found: Option<&CertificateId>, text: &str) -> Self {
        found.map_or_else(|| Self::Text(gm::sm3::sm3(text.as_bytes())), |id| Self::Identifier(id.clone()))
    }
}

/// What the verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// The register of a node; online checks only.
    Register {
        /// The node's id.
        node: String,
        /// As of when, Unix seconds.
        at: i64,
    },
    /// A pack.
    Pack {
        /// First two digits of the province's area codes.
        area: u8,
        /// The pack's number.
        number: u32,
        /// When it was made, Unix seconds.
        made_at: i64,
    },
    /// The code or file alone.
    Code,
}

/// What a receipt's certificate was to the stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// 其他.
    Other,
    /// 车辆.
    Vehicle,
    /// 驾驶员.
    Driver,
    /// 押运（装卸管理）人员.
    Escort,
    /// 企业.
    Company,
}

/// 一次检查: checks of one stop belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// Random, made where the stop begins.
    pub id: [u8; 8],
    /// Whose certificate.
    pub place: Place,
    /// 1, 2, 3 … within the group.
    pub number: u8,
}

/// 处理结果 as the officer recorded it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 未记录.
    #[default]
    None,
    /// 放行.
    Passed,
    /// 教育提醒后放行.
    Warned,
    /// 责令改正.
    Correct,
    /// 暂扣车辆或证件.
    Held,
    /// 立案.
    Case,
    /// 移送其他部门.
    HandedOver,
    /// 其他.
    Other,
}

macro_rules! numbered {
    ($type:ident, $name:literal, $($variant:ident = $byte:literal $text:literal),* $(,)?) => {
        impl $type {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The Chinese word.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The value with this Chinese word.
            pub fn of_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.text() == text)
            }

            fn byte(self) -> u8 {
                match self { $(Self::$variant => $byte),* }
            }

            fn of_byte(byte: u8) -> Result<Self, ReceiptError> {
                Self::ALL.iter().copied().find(|one| one.byte() == byte).ok_or(ReceiptError::Field($name))
            }
        }
    };
}

numbered!(Place, "检查位置", Other = 0 "其他", Vehicle = 1 "车辆", Driver = 2 "驾驶员", Escort = 3 "押运人员", Company = 4 "企业");
numbered!(
    Outcome, "处理结果", None = 0 "未记录", Passed = 1 "放行", Warned = 2 "教育提醒", Correct = 3 "责令改正",
    Held = 4 "暂扣", Case = 5 "立案", HandedOver = 6 "移送", Other = 7 "其他",
);

/// The content of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// First eight bytes of the SM3 of the signing key.
    pub key_id: [u8; 8],
    /// Who signs.
    pub signer: Signer,
    /// What was checked.
    pub subject: Subject,
    /// When, Unix seconds UTC, by the signer's clock.
    pub checked_at: i64,
    /// The verdict.
    pub verdict: Verdict,
    /// Codes of its reasons (`data/reasons.toml`), the heaviest first; not all where there are many.
    pub reasons: Vec<String>,
    /// What it rests on.
    pub knowledge: Knowledge,
    /// The stop that it belongs to.
    pub group: Option<Group>,
    /// What the officer did, as far as it was recorded when the receipt was signed.
    pub outcome: Outcome,
}

impl Receipt {
    /// The codes that a receipt has room for: the heaviest first.
    pub fn codes(reasons: &[Reason]) -> Vec<String> {
        reasons::heaviest(reasons)
    }

    /// Signs; `key` must be the one that [`Receipt::key_id`] names.
    ///
    /// # Errors
    /// A field out of range; another key; the key fails.
    pub fn sign(&self, key: &dyn SigningKey) -> Result<SignedReceipt, ReceiptError> {
        if key.public_key().key_id() != self.key_id {
            return Err(ReceiptError::Field("密钥编号"));
        }
        SignedReceipt::read(&sign(key, context::RECEIPT, self.message()?)?)
    }

    /// SM3 of the signed bytes without the signature: the receipt's identity, and what the next one of a device refers to.
    ///
    /// # Errors
    /// A field out of range.
    pub fn digest(&self) -> Result<[u8; 32], ReceiptError> {
        Ok(gm::sm3::sm3(&self.message()?))
    }

    /// The bytes that are signed, after their context (`docs/receipt-format.md`, "Receipt").
    ///
    /// # Errors
    /// A field out of range.
    pub fn message(&self) -> Result<Vec<u8>, ReceiptError> {
        let mut out = Vec::with_capacity(160);
        out.push(VERSION);
        out.push(if matches!(self.signer, Signer::Node { .. }) { 1 } else { 2 });
        out.extend(self.key_id);
        self.push_signer(&mut out)?;
        match &self.subject {
            Subject::Identifier(id) => {
                out.push(1);
                push_identifier(&mut out, id);
            }
            Subject::Text(digest) | Subject::File(digest) => {
                out.push(if matches!(self.subject, Subject::Text(_)) { 2 } else { 3 });
                out.extend(digest);
            }
            Subject::Unnamed => out.push(4),
        }
        push_time(&mut out, self.checked_at, "核验时间")?;
        out.push(verdict_byte(self.verdict));
        reasons::push(&mut out, &self.reasons)?;
        self.push_knowledge(&mut out)?;
        match &self.group {
            None => out.push(0),
            Some(group) => {
                out.push(1);
                out.extend(group.id);
                out.extend([group.place.byte(), group.number]);
            }
        }
        out.push(self.outcome.byte());
        Ok(out)
    }

    fn push_signer(&self, out: &mut Vec<u8>) -> Result<(), ReceiptError> {
        match &self.signer {
            Signer::Node { node, staff_no, unit, device } => {
                push_officer(out, node, staff_no, unit)?;
                out.push(u8::from(device.is_some()));
                out.extend(device.iter().flatten());
            }
            Signer::Device { sequence, previous } => {
                // The first has nothing before it, and only the first.
                if *sequence == 0 || (*sequence == 1) != (*previous == [0; 32]) {
                    return Err(ReceiptError::Field("回执序号"));
                }
                out.extend(sequence.to_be_bytes());
                out.extend(previous);
            }
        }
        Ok(())
    }

    fn push_knowledge(&self, out: &mut Vec<u8>) -> Result<(), ReceiptError> {
        match &self.knowledge {
            Knowledge::Register { node, at } => {
                // A device that could ask a register would have got the node's receipt.
                if matches!(self.signer, Signer::Device { .. }) {
                    return Err(ReceiptError::Field("依据"));
                }
                out.push(1);
                push_text(out, node, NODE_MOST, "登记节点")?;
                push_time(out, *at, "登记时间")?;
            }
            Knowledge::Pack { area, number, made_at } => {
                if !(10..100).contains(area) {
                    return Err(ReceiptError::Field("山区包"));
                }
                out.extend([2, *area]);
                out.extend(number.to_be_bytes());
                push_time(out, *made_at, "山区包")?;
            }
            Knowledge::Code => out.push(3),
        }
        Ok(())
    }

    /// Reads what follows the version.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Result<Self, ReceiptError> {
        let by = bytes.byte("签名方")?;
        Ok(Self {
            key_id: array(bytes, "密钥编号")?,
            signer: read_signer(by, bytes)?,
            subject: read_subject(bytes)?,
            checked_at: time(bytes, "核验时间")?,
            verdict: read_verdict(bytes.byte("结论")?)?,
            reasons: reasons::read(bytes)?,
            knowledge: read_knowledge(bytes)?,
            group: read_group(bytes)?,
            outcome: Outcome::of_byte(bytes.byte("处理结果")?)?,
        })
    }
}

fn read_signer(by: u8, bytes: &mut Bytes<'_>) -> Result<Signer, ReceiptError> {
    match by {
        1 => {
            let (node, staff_no, unit) = officer(bytes)?;
            let device = match bytes.byte("设备")? {
                0 => None,
                1 => Some(array(bytes, "设备")?),
                _ => return Err(ReceiptError::Field("设备")),
            };
            Ok(Signer::Node { node, staff_no, unit, device })
        }
        2 => Ok(Signer::Device {
            sequence: number(bytes, "回执序号")?, previous: array(bytes, "前一回执")?
        }),
        _ => Err(ReceiptError::Field("签名方")),
    }
}

fn read_subject(bytes: &mut Bytes<'_>) -> Result<Subject, ReceiptError> {
    match bytes.byte("核验对象")? {
        1 => Ok(Subject::Identifier(read_identifier(bytes)?)),
        2 => Ok(Subject::Text(array(bytes, "核验对象")?)),
        3 => Ok(Subject::File(array(bytes, "核验对象")?)),
        4 => Ok(Subject::Unnamed),
        _ => Err(ReceiptError::Field("核验对象")),
    }
}

fn read_knowledge(bytes: &mut Bytes<'_>) -> Result<Knowledge, ReceiptError> {
    match bytes.byte("依据")? {
        1 => Ok(Knowledge::Register {
            node: text(bytes, NODE_MOST, "登记节点")?,
            at: time(bytes, "登记时间")?,
        }),
        2 => Ok(Knowledge::Pack {
            area: bytes.byte("山区包")?,
            number: number(bytes, "山区包")?,
            made_at: time(bytes, "山区包")?,
        }),
        3 => Ok(Knowledge::Code),
        _ => Err(ReceiptError::Field("依据")),
    }
}

fn read_group(bytes: &mut Bytes<'_>) -> Result<Option<Group>, ReceiptError> {
    match bytes.byte("检查组")? {
        0 => Ok(None),
        1 => Ok(Some(Group {
            id: array(bytes, "检查组")?,
            place: Place::of_byte(bytes.byte("检查位置")?)?,
            number: bytes.byte("检查组")?,
        })),
        _ => Err(ReceiptError::Field("检查组")),
    }
}

fn verdict_byte(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 1,
        Verdict::ValidWithHint => 2,
        Verdict::Undecided => 3,
        Verdict::Invalid => 4,
    }
}

fn read_verdict(byte: u8) -> Result<Verdict, ReceiptError> {
    [Verdict::Valid, Verdict::ValidWithHint, Verdict::Undecided, Verdict::Invalid]
        .into_iter()
        .find(|one| verdict_byte(*one) == byte)
        .ok_or(ReceiptError::Field("结论"))
}
