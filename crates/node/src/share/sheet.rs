//! Printed sheets: a paper with a long-lived code (type 03), of which only the newest counts.

use proof::CodeType;
use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::share::{self, SheetRow};

use super::admit::{admit, may_be_shown};
use crate::audit::{self, Act, Actor};
use crate::client::check_operator;
use crate::deliver::{HolderSubject, WindowActivation, check_proof, find};
use crate::{NodeError, Province};

/// Why a sheet is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SheetReason {
    /// The first one.
    First,
    /// The one before was lost.
    Lost,
    /// A fresh one: worn, or the certificate has a new version.
    Renewed,
}

/// A printed sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// 1, 2, 3 … of the certificate.
    pub n: u16,
    /// 证照标识 that its code names.
    pub identifier: String,
    /// The code, `LZ:` and Base45.
    pub code: String,
    /// Made at, microseconds UTC.
    pub made_at: i64,
}

/// For the pack: the newest sheet of a certificate that has had more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewestSheet {
    /// Dense number within the province.
    pub status_index: u32,
    /// Sheets with a smaller number are replaced.
    pub sheet: u16,
}

impl SheetReason {
    fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Lost => "lost",
            Self::Renewed => "renewed",
        }
    }
}

impl Province {
    /// Makes the next sheet; all before it are replaced. Audited. Only the holder may, not a driver with a grant.
    ///
    /// # Errors
    /// A certificate that is not this holder's, has ended, is only on paper or not activated; sheet 65535 was reached.
    pub fn share_sheet(
        &self,
        subject: &HolderSubject,
        certificate: &str,
        reason: SheetReason,
        now: i64,
    ) -> Result<Sheet, NodeError> {
        let admitted = self.store.read(|session| -> Result<_, NodeError> {
            let admitted = admit(session, subject, certificate, now)?
                .map_err(|why| NodeError::refused(why.what, why.fix))?;
            if admitted.grant.is_some() {
                return Err(NodeError::refused("打印件只能由持证主体制作", "请联系持证单位"));
            }
            Ok(admitted)
        })?;
        let act = self.share_act("share.sheet", subject, Some(&admitted), "made", now);
        self.make_sheet(&admitted.certificate, reason, &subject.holder, act, |_, _| Ok(()))
    }

    /// A clerk makes the next sheet for a holder without a smartphone, once the certificate is activated. Operator named, proof
    /// described, audited.
    ///
    /// # Errors
    /// No operator or proof; no such certificate; otherwise as [`Province::share_sheet`].
    pub fn share_sheet_at_window(
        &self,
        one: &WindowActivation,
        reason: SheetReason,
        operator: &Actor,
        now: i64,
    ) -> Result<Sheet, NodeError> {
        self.sheet_at_window(one, (reason, operator), now, |_, _| Ok(()))
    }

    /// The same; `beside` is written in one transaction with the sheet, whose number it is given.
    pub(super) fn sheet_at_window(
        &self,
        one: &WindowActivation,
        (reason, operator): (SheetReason, &Actor),
        now: i64,
        beside: impl FnMut(&mut Session, i64) -> Result<(), NodeError> + Send + 'static,
    ) -> Result<Sheet, NodeError> {
        check_operator(operator)?;
        check_proof(&one.proof)?;
        let certificate = self.store.read(|session| -> Result<_, NodeError> {
            let found = find(session, &one.certificate)?
                .ok_or_else(|| NodeError::refused("没有这件证照", "请核对证照标识"))?;
            may_be_shown(session, &found)?.map_err(|why| {
                // The words are for holders; this is said to whoever serves them.
                let fix = match why.code.as_str() {
                    "NOT_ACTIVATED" => "请先在“窗口激活”为持证主体激活",
                    _ => why.fix.as_str(),
                };
                NodeError::refused(&why.what, fix)
            })?;
            Ok(found)
        })?;
        let place = format!("share_sheet.proof/{}", certificate.id);
        let mut act = Act {
            act: "share.sheet_window".into(),
            at: now,
            actor: operator.clone(),
            object: Some(certificate.id.clone()),
            area: Some(certificate.area.clone()),
            outcome: "made".into(),
            ..Act::default()
        };
        act.detail.insert("proof_sealed".into(), self.personal.seal(&place, one.proof.trim()));
        let maker = operator.operator.as_deref().unwrap_or_default();
        self.make_sheet(&certificate, reason, maker, act, beside)
    }

    fn make_sheet(
        &self,
        one: &Certificate,
        reason: SheetReason,
        maker: &str,
        mut act: Act,
        mut beside: impl FnMut(&mut Session, i64) -> Result<(), NodeError> + Send + 'static,
    ) -> Result<Sheet, NodeError> {
        let newest = self.store.read(|session| share::newest_sheet(session, &one.id))?;
        let n = newest.map_or(Some(1), |newest| u16::try_from(newest.n).ok()?.checked_add(1));
        let n = n.ok_or_else(|| NodeError::refused("打印件数量已达上限", "请联系发证机关换发证照"))?;
        let code = self
            .code_of(one, CodeType::Printed { sheet: n })?
            .sign(&*self.keys.code_key)
            .map_err(|error| NodeError::refused(error.to_string(), "请运行 luzheng doctor"))?;
        let row = SheetRow {
            certificate_id: one.id.clone(),
            n: n.into(),
            status_index: one.status_index.unwrap_or_default(),
            identifier: one.identifier.clone().unwrap_or_default(),
            code,
            reason: reason.name().into(),
            maker: maker.to_owned(),
            made_at: act.at,
        };
        act.detail.insert("sheet".into(), n.to_string());
        act.detail.insert("reason".into(), reason.name().into());
        let (entry, kept) = (self.new_id(act.at), row.clone());
        let done = self.store.write(move |session| -> Result<_, NodeError> {
            // Of two that are made at once one number is taken: that one is told to try again.
            share::insert_sheet(session, &kept)?;
            beside(session, kept.n)?;
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        });
        match done {
            Ok(()) => Ok(sheet_of(row)),
            Err(NodeError::Store(error)) if error.is_duplicate() => {
                Err(NodeError::refused("刚刚已制作了一张打印件", "请刷新后查看；确需再制一张的请重试"))
            }
            Err(error) => Err(error),
        }
    }

    /// The newest sheet of every certificate that has replaced ones, in the order of the status index: for the pack.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn share_newest_sheets(&self) -> Result<Vec<NewestSheet>, NodeError> {
        let rows = self.store.read(share::replaced_sheets)?;
        let line = |(index, n): (i64, i64)| {
            Some(NewestSheet { status_index: u32::try_from(index).ok()?, sheet: u16::try_from(n).ok()? })
        };
        Ok(rows.into_iter().filter_map(line).collect())
    }

    /// The newest sheet of the certificate of an identifier (any version); `None` before one was made. For the check online.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn share_newest_sheet(&self, identifier: &str) -> Result<Option<u16>, NodeError> {
        self.store.read(|session| {
            let Some(one) = certificate::by_identifier(session, identifier)? else { return Ok(None) };
            let newest = share::newest_sheet(session, &one.id)?;
            Ok(newest.and_then(|newest| u16::try_from(newest.n).ok()))
        })
    }
}

pub(super) fn sheet_of(row: SheetRow) -> Sheet {
    Sheet {
        n: u16::try_from(row.n).unwrap_or(u16::MAX),
        identifier: row.identifier,
        code: row.code,
        made_at: row.made_at,
    }
}
