//! The delivery record of a version, written in the transaction that issues it.

use serde::Serialize;
use store::rows::certificate::Certificate;
use store::rows::deliver::{self, MessageRow, RecordRow};
use store::{Blind, Session};

use super::holder::Numbers;
use crate::{NodeError, Province};

/// One stage reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Microseconds UTC.
    pub at: i64,
    /// How: `sms`, `file`, `web`, `window`, `mini-program`, `carried` (an earlier version was activated) ….
    pub channel: String,
}

/// How far a version has come on its way to its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    /// 证照标识.
    pub identifier: String,
    /// 1 to 999.
    pub version: i64,
    /// 制作, microseconds UTC.
    pub made_at: i64,
    /// 告知.
    pub told: Option<Stage>,
    /// 送达.
    pub received: Option<Stage>,
    /// 激活.
    pub activated: Option<Stage>,
}

/// Channel of a version whose certificate was activated before.
const CARRIED: &str = "carried";

impl Province {
    /// The delivery records of a certificate (row key), newest version first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn deliver_records(&self, certificate: &str) -> Result<Vec<DeliveryRecord>, NodeError> {
        let rows = self.store.read(|session| deliver::records(session, certificate))?;
        Ok(rows.into_iter().map(record).collect())
    }
}

pub(crate) fn record(row: RecordRow) -> DeliveryRecord {
    let stage = |at: Option<i64>, channel: Option<String>| Some(Stage { at: at?, channel: channel? });
    DeliveryRecord {
        identifier: row.identifier,
        version: row.version,
        made_at: row.made_at,
        told: stage(row.told_at, row.told_channel),
        received: stage(row.received_at, row.received_channel),
        activated: stage(row.activated_at, row.activated_channel),
    }
}

/// A version was made: its delivery record and the message to its holder, in the caller's transaction. A later version of an
/// activated certificate is activated, unless the certificate has gone to somebody else.
pub(crate) fn made(
    session: &mut Session,
    province: &Province,
    certificate: &Certificate,
    record: &model::Record,
    now: i64,
) -> Result<(), NodeError> {
    let face = |short: &str| record.face.text(short).unwrap_or_default();
    let holder = Numbers::of(&province.personal, face("CZZTDM")).holder;
    let name = province.personal.blind(Blind::HolderName, face("CZZT"));
    let identifier = certificate.identifier.clone().unwrap_or_default();
    let mut row = RecordRow {
        certificate_id: certificate.id.clone(),
        version: certificate.version,
        identifier: identifier.clone(),
        made_at: now,
        ..RecordRow::default()
    };
    // A first version has nothing behind it.
    let before = if certificate.version > 1 { deliver::activation(session, &certificate.id)? } else { None };
    if let Some(before) = before {
        // A renewed passport changes the number, a renaming the name; another holder has both different.
        if before.holder == holder || before.name == name {
            deliver::carry_on(session, &certificate.id, &holder, &name)?;
            row.activated_at = Some(now);
            row.activated_channel = Some(CARRIED.into());
        } else {
            deliver::deactivate(session, &certificate.id)?;
            crate::overview::activated(session, certificate, -1);
        }
    }
    deliver::insert_record(session, &row)?;
    let message = MessageRow {
        id: province.new_id(now),
        holder,
        what: "issued".into(),
        certificate_id: Some(certificate.id.clone()),
        about: Some(identifier),
        state: "pending".into(),
        run_at: now,
        created_at: now,
        ..MessageRow::default()
    };
    Ok(deliver::insert_message(session, &message)?)
}
