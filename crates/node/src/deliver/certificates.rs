//! What a holder sees: every certificate with its status and what to do next.

use serde::Serialize;

use super::sign_in::pending;
use super::{DeliveryRecord, HolderSubject};
use crate::{NodeError, Province};

/// How urgent a step is; the page colours by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Good to know.
    Info,
    /// To be done in time.
    Soon,
    /// The certificate cannot be used before.
    Now,
}

/// What to do next. From `data/deliver.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// Stable code (`ACTIVATE`, `RENEW`, `ANNUAL_DUE`, `HELD` …).
    pub code: String,
    /// How urgent.
    pub urgency: Urgency,
    /// Chinese sentence.
    pub text: String,
}

/// Where the face is to be had: [`Province::share_face`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaceRef {
    /// 证照标识 of the newest version.
    pub identifier: String,
    /// Names of the parts, in order (`正本`, `副本`).
    pub parts: Vec<String>,
}

/// One certificate as its holder sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldCertificate {
    /// Row key: names it in every further call.
    pub id: String,
    /// Slug of the kind.
    pub kind: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// 证照标识; `None` while only on paper.
    pub identifier: Option<String>,
    /// 证照编号.
    pub certificate_no: Option<String>,
    /// Name of the issuing authority; its USCC where the directory lacks it.
    pub authority: String,
    /// Plate, for a vehicle's.
    pub plate: Option<String>,
    /// Status in Chinese on this day.
    pub status: String,
    /// Can it be used today: base normal, no hold that forbids, within its dates?
    pub usable: bool,
    /// First day.
    pub valid_from: Option<String>,
    /// Last day, ISO or 长期.
    pub valid_to: Option<String>,
    /// Days until the last day; negative when it is over; `None` for 长期 and unknown.
    pub days_left: Option<i64>,
    /// Last day of 年审.
    pub annual_due: Option<String>,
    /// Is it activated?
    pub activated: bool,
    /// May it be shown (亮证) now? Else [`Province::share_present`] says why.
    pub showable: bool,
    /// Delivery of the newest version.
    pub delivery: Option<DeliveryRecord>,
    /// What to do next, most urgent first.
    pub next: Vec<NextStep>,
    /// The face; `None` while only on paper.
    pub face: Option<FaceRef>,
    /// For one shown under a grant: who granted it and until when.
    pub grant: Option<crate::share::GrantedTo>,
}

/// All that a holder sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MyCertificates {
    /// The holder's own, live ones first.
    pub own: Vec<HeldCertificate>,
    /// 授权给我的.
    pub granted: Vec<HeldCertificate>,
    /// There are more than could be listed.
    pub more: bool,
}

impl Province {
    /// Every certificate of a holder, and those that the holder may show for others. Versions seen here for the first time are
    /// thereby received (送达). Its audit row is durable when this returns.
    ///
    /// # Errors
    /// A database that cannot be read or written; a value that cannot be opened.
    pub fn my_certificates(&self, subject: &HolderSubject, now: i64) -> Result<MyCertificates, NodeError> {
        let _ = (subject, now);
        Err(pending())
    }
}
