//! The checks of a stop as its officer finds them again: what was checked, whose place, what came of it.

use ::lifecycle::day_of;
use proof::receipt::Bundle;
use store::Session;
use store::rows::certificate;
use store::rows::verify::{self as rows, ReceiptFilter, ReceiptRow};

use super::receipt::{ReceiptLine, line};
use crate::{NodeError, Province};

/// One check of a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopCheck {
    /// Its receipt.
    pub receipt: ReceiptLine,
    /// Name of the kind; empty where nothing was found, or where it is another province's.
    pub kind: String,
    /// Plate or 证照编号, masked as on the answer.
    pub mark: String,
    /// 车辆, 驾驶员 ….
    pub place: String,
}

/// Checks of one stop at most: numbers of one byte.
const MOST: u32 = 256;

impl Province {
    /// The checks of stops, each list in the order of its checks.
    ///
    /// # Errors
    /// A database that cannot be read; a value that cannot be opened.
    pub fn stop_checks(&self, stops: &[String], now: i64) -> Result<Vec<Vec<StopCheck>>, NodeError> {
        self.store.read(|session| {
            let of = |stop: &String| {
                let wanted = ReceiptFilter { group_id: Some(stop.clone()), ..ReceiptFilter::default() };
                let mut found = rows::receipts(session, &wanted, i64::MAX, MOST)?;
                found.sort_by_key(|one| (one.checked_at, one.number));
                found.into_iter().map(|row| self.stop_check(session, row, now)).collect()
            };
            stops.iter().map(of).collect()
        })
    }

    fn stop_check(&self, session: &mut Session, row: ReceiptRow, now: i64) -> Result<StopCheck, NodeError> {
        // What does not parse was not written by us; the check itself is still shown.
        let group = Bundle::parse(&row.text).ok().and_then(|bundle| bundle.receipt.content.group);
        let place = group.map_or_else(String::new, |group| group.place.text().to_owned());
        let (mut kind_name, mut mark) = (String::new(), String::new());
        if let Some(id) = &row.certificate_id
            && let Some(one) = certificate::by_id(session, id)?
            && let Some(kind) = self.data.catalogue.kind(&one.kind, day_of(now).date())
        {
            kind_name.clone_from(&kind.name);
            if let Some(record) = self.record_of(session, id)? {
                let face = self.face_of(kind, &record, false);
                let item = |short: &str| face.iter().find(|item| item.short == short);
                mark = item("KZ_CLHP")
                    .or_else(|| item("ZZBH"))
                    .map(|item| item.value.clone())
                    .unwrap_or_default();
            }
        }
        Ok(StopCheck { receipt: line(row), kind: kind_name, mark, place })
    }
}
