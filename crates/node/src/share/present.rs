//! 亮证: the code of this half minute, and a day's codes signed in advance.

use ::lifecycle::{State, day_of};
use codes::{CertificateId, Validity};
use jiff::civil::Date;
use proof::{Code, CodeType, SLOT_EPOCH, Slots};
use serde::Serialize;
use store::rows::certificate::{self, Certificate};
use store::rows::share;

use super::admit::admit;
use super::sheet::sheet_of;
use crate::deliver::HolderSubject;
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// One present code (type 02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PresentCode {
    /// `LZ:` and Base45.
    pub text: String,
    /// Seconds since 2000-01-01T00:00:00Z at which it begins.
    pub slot: u32,
    /// Seconds that it lives.
    pub life: u16,
    /// Its end, microseconds UTC.
    pub ends_at: i64,
}

/// What the holder's page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Presentation {
    /// Row key.
    pub certificate: String,
    /// 证照标识.
    pub identifier: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// Status in Chinese on this day.
    pub status: String,
    /// The code of now.
    pub code: PresentCode,
    /// The next 24 hours, from the same half minute on (`docs/code-format.md`, "Slots signed ahead").
    pub slots: Slots,
    /// The newest printed code (type 03), shown when the slots are used up; `None` before a sheet was made.
    pub printed: Option<crate::share::Sheet>,
    /// What the other side will be told (held, expired): Chinese sentences.
    pub notes: Vec<String>,
}

/// May it be shown?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Yes.
    Shown(Box<Presentation>),
    /// No, with the reason and the fix: ended, only on paper, not activated, not this subject's.
    Refused(::lifecycle::Message),
}

/// Seconds that a shown code lives, and from one to the next.
const LIFE: u16 = 30;
/// Slots of 24 hours.
const SLOTS: u32 = 2_880;
const SECOND: i64 = 1_000_000;

impl Province {
    /// Shows a certificate: the code of this half minute, the next 24 hours' codes, the newest printed code. A held or expired one may
    /// be shown; the verdict will say so. Audited.
    ///
    /// # Errors
    /// A database that cannot be read or written; a key that fails.
    pub fn share_present(
        &self,
        subject: &HolderSubject,
        certificate: &str,
        now: i64,
    ) -> Result<Presented, NodeError> {
        let looked = self.store.read(|session| -> Result<_, NodeError> {
            let admitted = match admit(session, subject, certificate, now)? {
                Ok(admitted) => admitted,
                Err(why) => return Ok(Err(why)),
            };
            let printed = share::newest_sheet(session, &admitted.certificate.id)?;
            Ok(Ok((admitted, printed)))
        })?;
        let (admitted, printed) = match looked {
            Ok(looked) => looked,
            Err(why) => {
                self.note_share("share.present", subject, None, &why.code, now)?;
                return Ok(Presented::Refused(why));
            }
        };
        let one = &admitted.certificate;
        let today = day_of(now);
        let state: State = parse(&one.state, "证照状态")?;
        let kind = self.data.catalogue.kind(&one.kind, today.date());
        let status = self.rules.status_name(&state, today);
        let mut notes = Vec::new();
        let normal = ::lifecycle::Base::Normal.name();
        if status != normal {
            notes.push(format!("对方核验时会看到证照状态为“{status}”"));
        }
        // A driver's codes end with the grant, those on a phone without network included.
        let seconds = admitted.grant.as_ref().map(|grant| (grant.ends_at - now).div_euclid(SECOND));
        let granted = seconds.map(|left| u32::try_from(left.div_euclid(LIFE.into())).unwrap_or(0).max(1));
        let number = admitted.grant.as_ref().map_or(0, |grant| u16::try_from(grant.number).unwrap_or(0));
        let slots = self.slots(one, number, granted.map_or(SLOTS, |granted| granted.min(SLOTS)), now)?;
        let presentation = Presentation {
            certificate: one.id.clone(),
            identifier: one.identifier.clone().unwrap_or_default(),
            kind_name: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
            status,
            code: first_of(&slots)?,
            slots,
            printed: printed.map(sheet_of),
            notes,
        };
        self.note_share("share.present", subject, Some(&admitted), "shown", now)?;
        Ok(Presented::Shown(Box::new(presentation)))
    }

    /// Codes from the half minute of `now` on.
    fn slots(&self, one: &Certificate, grant: u16, count: u32, now: i64) -> Result<Slots, NodeError> {
        let since = now.div_euclid(SECOND) - SLOT_EPOCH;
        let slot = since - since.rem_euclid(i64::from(LIFE));
        let slot = u32::try_from(slot).map_err(|_| damaged("本机时间超出二维码可表示的范围"))?;
        let code = self.code_of(one, CodeType::Present { slot, life: LIFE, grant })?;
        Slots::sign(&code, LIFE, count, &*self.keys.code_key).map_err(|error| damaged(&error.to_string()))
    }

    /// The content of a code of the certificate's newest version.
    pub(super) fn code_of(&self, one: &Certificate, code_type: CodeType) -> Result<Code, NodeError> {
        let identifier = one.identifier.clone().unwrap_or_default();
        let row = self.store.read(|session| certificate::version(session, &identifier))?;
        let row = row.ok_or_else(|| damaged("证照版本不在库中"))?;
        let place = certificate::Version::place(&identifier);
        let record: model::Record = parse(&self.personal.open(&place, &row.record_sealed)?, "照面记录")?;
        let face = |short: &str| record.face.text(short).unwrap_or_default();
        let date = |short: &str| face(short).parse::<Date>().map_err(|_| damaged("照面日期不合规"));
        Ok(Code {
            code_type,
            key_id: self.keys.code_key.public_key().key_id(),
            identifier: CertificateId::parse_strict(&identifier)
                .map_err(|error| damaged(&error.to_string()))?,
            status_index: one
                .status_index
                .and_then(|index| u32::try_from(index).ok())
                .ok_or_else(|| damaged("证照没有状态序号"))?,
            // As on the face (issue::make), so that all codes of a version say the same.
            issued: date("ZZBFRQ")?,
            valid_from: date("ZZYXQQSRQ")?,
            valid_to: Validity::parse(face("ZZYXQJZRQ")).map_err(|error| damaged(&error.to_string()))?,
        })
    }
}

/// The code that is shown now.
fn first_of(slots: &Slots) -> Result<PresentCode, NodeError> {
    let text = slots.text(0).ok_or_else(|| damaged("二维码不能生成"))?;
    let ends = SLOT_EPOCH + i64::from(slots.first_slot) + i64::from(LIFE);
    Ok(PresentCode { text, slot: slots.first_slot, life: LIFE, ends_at: ends * SECOND })
}

fn damaged(what: &str) -> NodeError {
    NodeError::refused(what, "请运行 luzheng doctor")
}
