//! What the holder sees of checks, and 纸质证件被要求: paper demanded although the electronic certificate was shown (L6.5).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use proof::receipt::Outcome;
use serde::Serialize;
use store::rows::certificate;
use store::rows::verify::stop::{self, ComplaintRow};
use store::rows::verify::{self as rows, ReceiptFilter};

use super::device::act;
use super::receipt::found;
use crate::audit::{Actor, append};
use crate::{NodeError, Province};

/// A check of the holder's certificate, as the holder sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckOfMe {
    /// The receipt's digest, hex.
    pub receipt: String,
    /// For the next page.
    pub number: i64,
    /// When, RFC 3339 with +08:00.
    pub checked_at: String,
    /// Unit that checked.
    pub unit: String,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// The verdict's word.
    pub verdict: String,
    /// What the officer did.
    pub outcome: String,
    /// Was it made without network?
    pub offline: bool,
    /// Has the holder reported that paper was demanded?
    pub paper_demanded: bool,
    /// The receipt for a QR.
    pub text: String,
}

/// A line of the report: a unit in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaperLine {
    /// `2026-11`.
    pub month: String,
    /// Unit.
    pub unit: String,
    /// Checks with a receipt.
    pub checks: i64,
    /// Reports that paper was demanded.
    pub demands: i64,
}

impl Province {
    /// The checks of a certificate (row key), newest first, with numbers below `before` (`i64::MAX`), at most `most` (200). Whether the caller is
    /// its holder is the caller's to ask.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn checks_of(&self, certificate: &str, before: i64, most: u32) -> Result<Vec<CheckOfMe>, NodeError> {
        let wanted =
            ReceiptFilter { certificate_id: Some(certificate.to_owned()), ..ReceiptFilter::default() };
        let (found, complaints) = self.store.read(|session| -> Result<_, NodeError> {
            let mut found = rows::receipts(session, &wanted, before, most.clamp(1, 200))?;
            for row in found.iter_mut().filter(|row| row.outcome == Outcome::None.text()) {
                // An outcome is recorded of the stop, unless a check has one of its own.
                let group = row.group_id.as_deref().map(|id| stop::group(session, id)).transpose()?.flatten();
                if let Some(group) = group {
                    row.outcome = group.outcome;
                }
            }
            Ok((found, stop::complaints_of(session, certificate)?))
        })?;
        let complaints: HashSet<String> = complaints.into_iter().collect();
        let each = found.into_iter().map(super::receipt::line).map(|line| CheckOfMe {
            paper_demanded: complaints.contains(&line.digest),
            receipt: line.digest,
            number: line.number,
            checked_at: line.checked_at,
            unit: line.unit,
            staff_no: line.staff_no,
            verdict: line.verdict,
            outcome: line.outcome,
            offline: line.device.is_some(),
            text: line.text,
        });
        Ok(each.collect())
    }

    /// The holder reports that paper was demanded at a check of this certificate. Twice is once; false the second time.
    ///
    /// # Errors
    /// No such receipt, one of another certificate, a note that is too long.
    pub fn paper_demanded(
        self: &Arc<Self>,
        certificate: &str,
        receipt: &str,
        note: Option<&str>,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, NodeError> {
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.chars().count() > 500) {
            return Err(NodeError::refused("说明超过 500 个字", "请精简后重填"));
        }
        let note_sealed = note.map(|note| self.personal.seal(&ComplaintRow::place(receipt), note));
        let mut act = act("verify.paper_demanded", actor, now, &[("receipt", receipt)]);
        let (province, certificate, receipt) = (Arc::clone(self), certificate.to_owned(), receipt.to_owned());
        self.store.write(move |session| {
            let check = found(session, &receipt)?;
            if check.certificate_id.as_deref() != Some(&certificate) {
                return Err(NodeError::refused("这份核验回执不是该证照的", "请在该证照的核验记录中选择"));
            }
            let row = ComplaintRow {
                receipt: receipt.clone(),
                certificate_id: certificate.clone(),
                unit: check.unit.clone(),
                month: month_of(check.checked_at),
                note_sealed: note_sealed.clone(),
                made_at: now,
            };
            if !stop::insert_complaint(session, &row)? {
                return Ok(false);
            }
            act.object = certificate::by_id(session, &certificate)?.and_then(|one| one.identifier);
            act.detail.insert("unit".into(), check.unit);
            append(session, province.new_id(now), std::slice::from_ref(&act))?;
            Ok(true)
        })
    }

    /// Checks and demands for paper by unit and month, from one month (`2026-01`) to another, both included, at most 24.
    ///
    /// # Errors
    /// Months that are none, or too many; a database that cannot be read.
    pub fn paper_report(&self, from: &str, to: &str) -> Result<Vec<PaperLine>, NodeError> {
        let months = months(from, to)?;
        let mut lines: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
        self.store.read(|session| -> Result<(), NodeError> {
            for (month, span) in &months {
                for (unit, checks) in stop::check_counts(session, *span)? {
                    lines.entry((month.clone(), unit)).or_default().0 = checks;
                }
            }
            for (month, unit, demands) in stop::complaint_counts(session, from, to)? {
                lines.entry((month, unit)).or_default().1 = demands;
            }
            Ok(())
        })?;
        let line = |((month, unit), (checks, demands))| PaperLine { month, unit, checks, demands };
        Ok(lines.into_iter().map(line).collect())
    }
}

/// The month in China of an instant (microseconds UTC).
fn month_of(at: i64) -> String {
    crate::keys::day(at.div_euclid(1_000_000)).strftime("%Y-%m").to_string()
}

/// A month's name with its begin and end, microseconds UTC.
type Month = (String, (i64, i64));

/// Each month from one to another.
fn months(from: &str, to: &str) -> Result<Vec<Month>, NodeError> {
    let wrong = || NodeError::refused("月份范围不合规", "请按 2026-01 的格式填写，先起后止，最多 24 个月");
    let first = |text: &str| {
        let date = format!("{text}-01").parse::<Date>().map_err(|_| wrong())?;
        if text.len() == 7 { Ok(date) } else { Err(wrong()) }
    };
    let (mut month, last) = (first(from)?, first(to)?);
    let begin = |date: Date| {
        Offset::constant(8)
            .to_timestamp(date.at(0, 0, 0, 0))
            .map(|at| at.as_microsecond())
            .map_err(|_| wrong())
    };
    let mut out = Vec::new();
    while month <= last {
        let next = month.last_of_month().tomorrow().map_err(|_| wrong())?;
        out.push((month.strftime("%Y-%m").to_string(), (begin(month)?, begin(next)?)));
        month = next;
        if out.len() > 24 {
            return Err(wrong());
        }
    }
    if out.is_empty() { Err(wrong()) } else { Ok(out) }
}
