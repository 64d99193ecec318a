//! The rules as the data has them: one row per kind of event.

use codes::LegalDate;
use serde::{Deserialize, Serialize};

use crate::kind::{Base, EventKind};
use crate::message::Message;
use crate::state::{Hold, Relation};

/// A hold and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRule {
    /// Stable slug, which states store.
    pub slug: String,
    /// Chinese name.
    pub name: String,
    /// Its bit in [`crate::Rules::status_code`], 0 to 9; never given to another hold.
    pub bit: u8,
    /// True when a certificate under this hold may not be used (无效); false when it is a hint.
    pub forbids_use: bool,
}

/// Periods in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How long an early event waits.
    pub wait_days: u16,
    /// How long after the last day 延续 is still taken (with a hint).
    pub renewal_late_days: u16,
    /// How far ahead an event may be dated.
    pub schedule_days: u16,
}

/// Does the event need the certificate to be on record?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnRecord {
    #[default]
    Required,
    /// It brings the certificate into being.
    Forbidden,
    /// With a face it may also be the first that we hear of an old certificate (L6.1).
    Optional,
}

/// What to do when the validity is over on the day of effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expired {
    #[default]
    Allow,
    Hint,
    Refuse,
    /// With a hint up to `renewal_late_days`.
    Late,
    /// The event says just that.
    Required,
}

/// What an event must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Input {
    #[serde(rename = "照面")]
    Face,
    #[serde(rename = "有效期")]
    Validity,
    #[serde(rename = "下次日期")]
    Due,
    #[serde(rename = "决定文号")]
    Decision,
}

/// What is taken over from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Carried {
    #[serde(rename = "有效期")]
    Validity,
    #[serde(rename = "发证机关")]
    Authority,
    #[serde(rename = "年度审验")]
    Annual,
    #[serde(rename = "诚信考核")]
    Integrity,
    #[serde(rename = "注册")]
    Registration,
}

/// What the named entitlements of an event mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// The event is about the whole certificate and may name none.
    #[default]
    Whole,
    /// The named ones, or the whole certificate when none is named.
    Either,
    /// The named ones; at least one.
    Part,
    /// New ones; at least one.
    Add,
    /// The list that the certificate begins with.
    Initial,
}

/// Whether a converted certificate gets a new version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Versioning {
    Always,
    WithFace,
    #[default]
    Never,
}

/// What happens when an event takes the last live entitlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Last {
    /// The whole certificate goes the same way.
    #[default]
    Follow,
    Refuse,
}

fn normal() -> Vec<Base> {
    vec![Base::Normal]
}

/// One kind of event in one table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub event: EventKind,
    /// Where the row comes from; for the reader only, and never empty.
    pub basis: String,
    #[serde(default = "normal")]
    pub base: Vec<Base>,
    #[serde(default)]
    pub on_record: OnRecord,
    #[serde(default)]
    pub expired: Expired,
    /// One of these holds must stand.
    #[serde(default)]
    pub needs: Vec<Hold>,
    #[serde(default)]
    pub blocked_by: Vec<Hold>,
    #[serde(default)]
    pub hinted_by: Vec<Hold>,
    #[serde(default)]
    pub requires: Vec<Input>,
    #[serde(default)]
    pub carries: Vec<Carried>,
    #[serde(default)]
    pub scope: Scope,
    /// The new last day must be later than the old one.
    #[serde(default)]
    pub must_extend: bool,
    #[serde(default)]
    pub to: Option<Base>,
    #[serde(default)]
    pub adds: Option<Hold>,
    #[serde(default)]
    pub removes: Vec<Hold>,
    /// The driver's registration ends.
    #[serde(default)]
    pub deregisters: bool,
    #[serde(default)]
    pub version: Versioning,
    /// An unconverted record gets version 001 by this event (L6.1).
    #[serde(default)]
    pub converts: bool,
    #[serde(default)]
    pub last: Last,
    /// Results that mean a failed check: no next date, no version.
    #[serde(default)]
    pub fails: Vec<String>,
    /// The kinds of event that this one undoes.
    #[serde(default)]
    pub undoes: Vec<EventKind>,
}

/// What an event means for a tied certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Show a hint on the other one.
    Hint,
    /// Take the hints of this relation off the other one.
    ClearHint,
    /// A person must look at the other one. Nothing is cancelled in silence.
    WorkItem,
    /// The other one must take this event in the same transaction, or neither happens.
    Event(EventKind),
}

/// What follows from an event for certificates of the same table's kinds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consequence {
    pub events: Vec<EventKind>,
    pub relation: Relation,
    pub act: Act,
    pub code: String,
}

/// An act on tied certificates that the caller carries out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAct {
    /// The tie.
    pub relation: Relation,
    /// The one certificate, or `None`: every certificate that names this one by the relation.
    pub target: Option<String>,
    /// What to do.
    pub act: Act,
    /// Why, for people.
    pub message: Message,
}

/// The rules for some kinds, in force in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Stable slug (`vehicle`).
    pub slug: String,
    /// Chinese name.
    pub name: String,
    /// The two-letter family of the kinds (`RB`).
    pub family: String,
    /// Slugs of the kinds.
    pub kinds: Vec<String>,
    /// Version of the data.
    pub version: String,
    /// First day.
    pub effective_from: LegalDate,
    /// Last day.
    pub effective_to: Option<LegalDate>,
    /// True when nobody here has read the rule behind it.
    pub illustrative: bool,
    /// Periods.
    pub limits: Limits,
    pub(crate) rows: Vec<Row>,
    pub(crate) consequences: Vec<Consequence>,
}

impl Table {
    /// Whether a kind of event exists for these kinds of certificate.
    #[must_use]
    pub fn knows(&self, event: EventKind) -> bool {
        self.row(event).is_some()
    }

    pub(crate) fn row(&self, event: EventKind) -> Option<&Row> {
        self.rows.iter().find(|row| row.event == event)
    }
}
