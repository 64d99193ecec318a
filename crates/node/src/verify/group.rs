//! 一次检查: the checks of one stop (vehicle, driver, escort, company) and what the officer did.

use std::sync::Arc;

use model::Verdict;
use proof::receipt::Outcome;
use serde::Serialize;
use store::rows::verify::stop::{self, GroupRow};
use store::rows::verify::{self as rows, ReceiptFilter, ReceiptRow};

use super::device::{act, officer};
use super::receipt::{ReceiptLine, line};
use crate::audit::{Actor, append};
use crate::issue::journal::hex;
use crate::{NodeError, Province};

/// Checks of one stop at most: numbers of one byte.
const MOST: u32 = 256;
/// Characters of a note.
pub(super) const NOTE: usize = 200;

/// Is it more than a note?
pub(super) fn too_long(note: &str) -> bool {
    note.chars().count() > NOTE
}

/// A stop in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupEntry {
    /// Eight bytes, hex.
    pub id: String,
    /// 执法证号 or staff number of the officer who began it.
    pub staff_no: String,
    /// Unit.
    pub unit: String,
    /// When it began, RFC 3339 with +08:00.
    pub opened_at: String,
    /// What was done, or 未记录.
    pub outcome: String,
    /// More about it.
    pub note: String,
    /// For the next page: microseconds UTC of its begin.
    #[serde(skip)]
    pub place: i64,
}

/// A stop with its checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownGroup {
    /// The stop.
    pub group: GroupEntry,
    /// Its checks, in their order.
    pub receipts: Vec<ReceiptLine>,
}

impl Province {
    /// Begins a stop; its id goes into the checks that belong to it.
    ///
    /// # Errors
    /// An actor without staff number or unit; a database that cannot be written.
    pub fn group_open(self: &Arc<Self>, actor: &Actor, now: i64) -> Result<[u8; 8], NodeError> {
        let (staff_no, unit) = officer(actor)?;
        let mut id = [0; 8];
        (self.chance)(&mut id);
        let row = GroupRow {
            id: hex(&id),
            staff_no,
            unit,
            opened_at: now,
            outcome: Outcome::None.text().to_owned(),
            ..GroupRow::default()
        };
        let act = act("verify.group_open", actor, now, &[("group", &row.id)]);
        let province = Arc::clone(self);
        self.store.write(move |session| -> Result<(), NodeError> {
            stop::insert_group(session, &row)?;
            Ok(append(session, province.new_id(now), std::slice::from_ref(&act))?)
        })?;
        Ok(id)
    }

    /// Records what was done at a stop, or mends it. Only the officer who began it can; each change is in the audit log.
    ///
    /// # Errors
    /// No such stop of this officer.
    pub fn group_outcome(
        self: &Arc<Self>,
        id: &str,
        outcome: Outcome,
        note: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let (staff_no, unit) = officer(actor)?;
        if too_long(note) {
            return Err(NodeError::refused("处理说明超过 200 个字", "请精简后重填；案情请写入案卷"));
        }
        let act = act("verify.group_outcome", actor, now, &[("group", id), ("outcome", outcome.text())]);
        let (province, id, note) = (Arc::clone(self), id.to_owned(), note.trim().to_owned());
        self.store.write(move |session| {
            if !stop::close_group(session, &id, (&unit, &staff_no), (outcome.text(), &note), now)? {
                return Err(NodeError::refused("没有由您发起的这次检查", "请在本人的检查记录中选择"));
            }
            Ok(append(session, province.new_id(now), std::slice::from_ref(&act))?)
        })
    }

    /// The checks of an own stop that speak against an outcome: nobody lets go what was found 无效 without being asked once more.
    ///
    /// # Errors
    /// An actor without staff number; a database that cannot be read.
    pub fn group_against(
        &self,
        id: &str,
        outcome: Outcome,
        actor: &Actor,
    ) -> Result<Vec<ReceiptLine>, NodeError> {
        let (staff_no, unit) = officer(actor)?;
        if outcome != Outcome::Passed {
            return Ok(Vec::new());
        }
        let wanted = ReceiptFilter { group_id: Some(id.to_owned()), ..ReceiptFilter::default() };
        let found = self.store.read(|session| rows::receipts(session, &wanted, i64::MAX, MOST))?;
        let against = |one: &ReceiptRow| {
            (&one.staff_no, &one.unit) == (&staff_no, &unit) && one.verdict == Verdict::Invalid.text()
        };
        Ok(found.into_iter().filter(against).map(line).collect())
    }

    /// The stops of an officer (unit and number: two units may give the same one) that began before an instant (microseconds UTC), newest first, at most `most` (200).
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn group_list(
        &self,
        officer: (&str, &str),
        before: i64,
        most: u32,
    ) -> Result<Vec<GroupEntry>, NodeError> {
        let found = self.store.read(|session| stop::groups(session, officer, before, most.clamp(1, 200)))?;
        Ok(found.into_iter().map(entry).collect())
    }

    /// A stop with its checks.
    ///
    /// # Errors
    /// No such stop; a database that cannot be read.
    pub fn group_show(&self, id: &str) -> Result<ShownGroup, NodeError> {
        let wanted = ReceiptFilter { group_id: Some(id.to_owned()), ..ReceiptFilter::default() };
        let (group, mut receipts) = self.store.read(|session| -> Result<_, NodeError> {
            let group = stop::group(session, id)?;
            Ok((group, rows::receipts(session, &wanted, i64::MAX, MOST)?))
        })?;
        let group = group
            .ok_or_else(|| NodeError::refused("没有这次检查", "请核对编号；离线检查的回执可能尚未上传"))?;
        receipts.sort_by_key(|one| (one.checked_at, one.number));
        Ok(ShownGroup { group: entry(group), receipts: receipts.into_iter().map(line).collect() })
    }
}

fn entry(row: GroupRow) -> GroupEntry {
    GroupEntry {
        opened_at: crate::keys::rfc3339(row.opened_at.div_euclid(1_000_000)),
        place: row.opened_at,
        id: row.id,
        staff_no: row.staff_no,
        unit: row.unit,
        outcome: row.outcome,
        note: row.note,
    }
}
