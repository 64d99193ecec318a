//! Receipts of online checks, and the lists of all receipts.

use std::sync::Arc;

use codes::CertificateId;
use gm::SigningKey;
use proof::receipt::{Bundle, Group, Knowledge, Outcome, Receipt, Signer, Subject};
use serde::Serialize;
use store::rows::verify::stop::GroupRow;
use store::rows::verify::{self as rows, ReceiptRow};
use store::rows::{certificate, issue};
use store::{Session, StoreError};

use super::device::{act, officer, unmade};
use super::{Question, VerifyAnswer};
use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::{NodeError, Province};

pub use store::rows::verify::ReceiptFilter;

/// Counts all receipts of the node.
const SERIES: &str = "verify_receipt";

/// What goes into a receipt beside the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptWish {
    /// The stop, and whose certificate it is. Several answers of one check are numbered on.
    pub group: Option<Group>,
    /// What the officer did, if that is known already.
    pub outcome: Outcome,
    /// Key id of the officer's device, if it has one.
    pub device: Option<[u8; 8]>,
    /// The node whose register answered, where it is not our own.
    pub register: Option<String>,
}

/// A receipt in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptLine {
    /// SM3 of its message, hex: its name.
    pub digest: String,
    /// Number among those of this node.
    pub number: i64,
    /// The device that signed an offline one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Its number among those of the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// Another receipt claims its place.
    pub fork: bool,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Unit.
    pub unit: String,
    /// 证照标识, where one was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The verdict's word.
    pub verdict: String,
    /// When, RFC 3339 with +08:00.
    pub checked_at: String,
    /// When we had it, RFC 3339 with +08:00.
    pub received_at: String,
    /// The stop, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What the officer did.
    pub outcome: String,
    /// The receipt for a QR.
    pub text: String,
}

/// A page of receipts, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReceiptPage {
    /// Receipts.
    pub receipts: Vec<ReceiptLine>,
    /// `before` of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

impl Province {
    /// Makes the receipts of an online check: one an answer, in their order, as texts for a QR. `answers` and `act` are what
    /// [`Province::verify`] gave; the act, the receipts and their group are durable together when this returns.
    ///
    /// # Errors
    /// An actor without staff number or unit; a key that fails; a database that cannot be written.
    pub fn receipt_issue(
        self: &Arc<Self>,
        question: &Question,
        answers: &[VerifyAnswer],
        act: Act,
        wish: &ReceiptWish,
        key: &Arc<dyn SigningKey>,
        now: i64,
    ) -> Result<Vec<String>, NodeError> {
        let who = officer(&act.actor)?;
        let each = answers.iter().zip(0u8..).map(|(answer, index)| {
            let receipt = self.receipt_of(question, answer, wish, index, &who, &**key, now)?;
            Ok((Bundle::from(receipt.sign(&**key).map_err(unmade)?), answer.identifier.clone()))
        });
        let bundles = each.collect::<Result<Vec<_>, NodeError>>()?;
        let texts = bundles.iter().map(|(bundle, _)| bundle.text()).collect();
        let (province, mut act) = (Arc::clone(self), act);
        let digests: Vec<String> = bundles.iter().map(|(bundle, _)| hex(&bundle.receipt.digest())).collect();
        act.detail.insert("receipts".into(), digests.join(","));
        self.store.write(move |session| -> Result<(), NodeError> {
            for (bundle, _) in &bundles {
                let row = row(session, bundle, &who, now)?;
                store_receipt(session, row, now)?;
            }
            Ok(append(session, province.new_id(now), std::slice::from_ref(&act))?)
        })?;
        Ok(texts)
    }

    #[expect(clippy::too_many_arguments, reason = "one call; a struct for it would be read nowhere else")]
    fn receipt_of(
        &self,
        question: &Question,
        answer: &VerifyAnswer,
        wish: &ReceiptWish,
        index: u8,
        (staff_no, unit): &(String, String),
        key: &dyn SigningKey,
        now: i64,
    ) -> Result<Receipt, NodeError> {
        let second = now.div_euclid(1_000_000);
        let found = answer.identifier.as_deref().and_then(|text| CertificateId::parse(text).ok());
        let asked = found.is_some() || answer.reasons.iter().any(|reason| reason.code == "NOT_FOUND");
        let register = wish.register.clone().unwrap_or_else(|| self.id.clone());
        let subject = match (&found, question) {
            (Some(id), _) => Subject::Identifier(id.clone()),
            (None, Question::Identifier(text) | Question::Code(text)) => Subject::of_text(None, text),
            (None, Question::File(bytes)) => Subject::File(gm::sm3::sm3(bytes)),
            (None, Question::Plate(..) | Question::Holder(_)) => Subject::Unnamed,
        };
        Ok(Receipt {
            key_id: key.public_key().key_id(),
            signer: Signer::Node {
                node: self.id.clone(),
                staff_no: staff_no.clone(),
                unit: unit.clone(),
                device: wish.device,
            },
            subject,
            checked_at: second,
            verdict: answer.verdict,
            reasons: Receipt::codes(&answer.reasons),
            knowledge: if asked {
                Knowledge::Register { node: register, at: second }
            } else {
                Knowledge::Code
            },
            group: wish.group.map(|group| Group { number: group.number.saturating_add(index), ..group }),
            outcome: wish.outcome,
        })
    }

    /// Receipts with numbers below `before` (`i64::MAX` for the newest), at most `most` (500).
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn receipt_list(
        &self,
        wanted: &ReceiptFilter,
        before: i64,
        most: u32,
    ) -> Result<ReceiptPage, NodeError> {
        let most = most.clamp(1, 500);
        let mut found = self.store.read(|session| rows::receipts(session, wanted, before, most + 1))?;
        let more = found.len() > most as usize;
        found.truncate(most as usize);
        let next = found.last().filter(|_| more).map(|last| last.number);
        Ok(ReceiptPage { receipts: found.into_iter().map(line).collect(), next })
    }

    /// One receipt with everything that proves it, as text for a file.
    ///
    /// # Errors
    /// No such receipt; a database that cannot be read.
    pub fn receipt_text(&self, digest: &str) -> Result<String, NodeError> {
        Ok(self.store.read(|session| found(session, digest))?.text)
    }

    /// Records what the officer did after a check, or mends it. Only the officer who checked can; each change is in the audit log.
    ///
    /// # Errors
    /// No such receipt of this officer.
    pub fn receipt_outcome(
        self: &Arc<Self>,
        digest: &str,
        outcome: Outcome,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let (staff_no, unit) = officer(actor)?;
        let act = act("verify.outcome", actor, now, &[("receipt", digest), ("outcome", outcome.text())]);
        let (province, digest) = (Arc::clone(self), digest.to_owned());
        self.store.write(move |session| {
            if !rows::set_outcome(session, &digest, (&unit, &staff_no), outcome.text(), now)? {
                return Err(NodeError::refused("没有这份由您出具的核验回执", "请在本人的核验记录中选择"));
            }
            Ok(append(session, province.new_id(now), std::slice::from_ref(&act))?)
        })
    }
}

pub(super) fn found(session: &mut Session, digest: &str) -> Result<ReceiptRow, NodeError> {
    rows::receipt(session, digest)?
        .ok_or_else(|| NodeError::refused("没有这份核验回执", "请核对回执编号；离线核验的回执可能尚未上传"))
}

/// The row of a receipt; its number is still to be given.
pub(super) fn row(
    session: &mut Session,
    bundle: &Bundle,
    (staff_no, unit): &(String, String),
    now: i64,
) -> Result<ReceiptRow, StoreError> {
    let content = &bundle.receipt.content;
    let identifier = match &content.subject {
        Subject::Identifier(id) => Some(id.to_string()),
        _ => None,
    };
    let certificate_id = match &identifier {
        Some(identifier) => certificate::by_identifier(session, identifier)?.map(|one| one.id),
        None => None,
    };
    let (device, sequence, previous) = match &content.signer {
        Signer::Node { .. } => (None, None, None),
        Signer::Device { sequence, previous } => {
            (Some(hex(&content.key_id)), Some(i64::from(*sequence)), Some(hex(previous)))
        }
    };
    Ok(ReceiptRow {
        digest: hex(&bundle.receipt.digest()),
        number: 0,
        device,
        sequence,
        previous,
        fork: false,
        staff_no: staff_no.clone(),
        unit: unit.clone(),
        certificate_id,
        identifier,
        verdict: content.verdict.text().to_owned(),
        checked_at: content.checked_at * 1_000_000,
        received_at: now,
        group_id: content.group.map(|group| hex(&group.id)),
        outcome: content.outcome.text().to_owned(),
        outcome_at: None,
        text: bundle.text(),
    })
}

/// The next number of this node's receipts.
pub(super) fn next_number(session: &mut Session) -> Result<i64, StoreError> {
    issue::count(session, SERIES, 1)
}

/// Inserts a receipt with its group; a number is given where it has none. The same content twice is one receipt.
pub(super) fn store_receipt(session: &mut Session, mut row: ReceiptRow, now: i64) -> Result<(), StoreError> {
    if row.number == 0 {
        if rows::receipt(session, &row.digest)?.is_some() {
            return Ok(());
        }
        row.number = next_number(session)?;
    }
    if let Some(id) = &row.group_id {
        let group = GroupRow {
            id: id.clone(),
            staff_no: row.staff_no.clone(),
            unit: row.unit.clone(),
            // Made on a device: it began with its first check, never after we heard of it.
            opened_at: row.checked_at.min(now),
            outcome: Outcome::None.text().to_owned(),
            ..GroupRow::default()
        };
        rows::stop::insert_group(session, &group)?;
        // A stop is its officer's: a check by somebody else stands for itself, whatever stop it names.
        let theirs = rows::stop::group(session, id)?
            .is_some_and(|stop| (&stop.unit, &stop.staff_no) != (&row.unit, &row.staff_no));
        if theirs {
            row.group_id = None;
        }
    }
    rows::insert_receipt(session, &row).map(|_| ())
}

pub(super) fn line(row: ReceiptRow) -> ReceiptLine {
    let at = |micros: i64| crate::keys::rfc3339(micros.div_euclid(1_000_000));
    // What does not parse was not written by us; the text itself is still shown.
    let text = Bundle::parse(&row.text).map_or_else(|_| row.text.clone(), |bundle| bundle.qr_text());
    ReceiptLine {
        checked_at: at(row.checked_at),
        received_at: at(row.received_at),
        digest: row.digest,
        number: row.number,
        device: row.device,
        sequence: row.sequence,
        fork: row.fork,
        staff_no: row.staff_no,
        unit: row.unit,
        identifier: row.identifier,
        verdict: row.verdict,
        group: row.group_id,
        outcome: row.outcome,
        text,
    }
}
