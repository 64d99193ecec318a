//! What is known of one certificate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use codes::{LegalDate, Uscc, Validity};
use serde::{Deserialize, Serialize};

use crate::delta::Delta;
use crate::kind::{Base, EventKind};

/// A hold by its stable slug (`withheld`); name, weight and bit are data (`data/lifecycle/common.toml`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hold(pub String);

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// On what a certificate exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// A printed document.
    Paper,
    /// An IC card.
    Ic,
    /// A sealed file.
    Electronic,
}

/// One 从业资格类别 or 经营范围, with a status of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entitlement {
    /// Its code in the code table.
    pub code: String,
    /// Its own base.
    pub base: Base,
    /// Its own holds, beside those of the whole certificate.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holds: BTreeSet<Hold>,
    /// First day, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<LegalDate>,
    /// Last day, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Validity>,
    /// Who granted it, if not the certificate's own authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Uscc>,
}

impl Entitlement {
    /// Whether it stands on a day by its own base, holds and dates. The certificate must stand too.
    #[must_use]
    pub fn is_live(&self, day: LegalDate) -> bool {
        self.base == Base::Normal
            && self.holds.is_empty()
            && self.valid_from.is_none_or(|from| from <= day)
            && self.valid_to.is_none_or(|to| to.covers(day.date()))
    }
}

/// A check that returns: 年度审验 or 诚信考核.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// Day of the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LegalDate>,
    /// Last day on which that one still counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<LegalDate>,
    /// Result as the source gave it (合格, AAA …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// A driver's registration with an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// First day.
    pub since: LegalDate,
    /// Last day, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<LegalDate>,
}

/// How a certificate is tied to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// A 运输证 under an operator's licence.
    Under,
    /// A branch's licence of the head's.
    BranchOf,
    /// Takes the place of another certificate.
    Replaces,
    /// Went on as that one.
    TransferredTo,
    /// Came from that one.
    TransferredFrom,
}

/// A tie to another certificate, named by the node's key of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What the tie is.
    pub relation: Relation,
    /// Key of the other certificate.
    pub target: String,
}

/// Recorded today, in force later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// First day in force.
    pub effective_on: LegalDate,
    /// What it is.
    pub event: EventKind,
    /// What it will do.
    pub deltas: Vec<Delta>,
}

/// The state of one certificate: in force on the day for which it was computed, plus what is already scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Slug of the kind (`transport-certificate`).
    pub kind: String,
    /// False before its first record: an event for it may still bring it into being.
    pub known: bool,
    /// The base.
    pub base: Base,
    /// The holds on the whole certificate.
    #[serde(default)]
    pub holds: BTreeSet<Hold>,
    /// First day; `None` where an old record does not say.
    #[serde(default)]
    pub valid_from: Option<LegalDate>,
    /// Last day; `None` where an old record does not say.
    #[serde(default)]
    pub valid_to: Option<Validity>,
    /// Issuing authority, where a record or an event named it.
    #[serde(default)]
    pub authority: Option<Uscc>,
    /// Entitlements by code; those that were lost stay, with their base.
    #[serde(default)]
    pub entitlements: BTreeMap<String, Entitlement>,
    /// 年度审验.
    #[serde(default)]
    pub annual: Cycle,
    /// 诚信考核.
    #[serde(default)]
    pub integrity: Cycle,
    /// 注册 of a driver.
    #[serde(default)]
    pub registration: Option<Registration>,
    /// The newest version in force, 1 to 999; 0 is an unconverted record.
    pub version: u16,
    /// On what it exists.
    #[serde(default)]
    pub carriers: BTreeSet<Carrier>,
    /// Number of applied events: gapless per certificate.
    pub state_seq: u64,
    /// Ties to others.
    #[serde(default)]
    pub links: BTreeSet<Link>,
    /// What is recorded and not yet in force, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduled: Vec<Scheduled>,
}

impl State {
    /// A certificate of which nothing is known yet.
    #[must_use]
    pub fn unknown(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            known: false,
            base: Base::Normal,
            holds: BTreeSet::new(),
            valid_from: None,
            valid_to: None,
            authority: None,
            entitlements: BTreeMap::new(),
            annual: Cycle::default(),
            integrity: Cycle::default(),
            registration: None,
            version: 0,
            carriers: BTreeSet::new(),
            state_seq: 0,
            links: BTreeSet::new(),
            scheduled: Vec::new(),
        }
    }

    /// An unconverted record: known, on these carriers, without a version. The caller fills in what the record says.
    #[must_use]
    pub fn record(kind: impl Into<String>, carriers: impl IntoIterator<Item = Carrier>) -> Self {
        Self { known: true, carriers: carriers.into_iter().collect(), ..Self::unknown(kind) }
    }

    /// The first day on which something scheduled comes into force.
    #[must_use]
    pub fn turns_on(&self) -> Option<LegalDate> {
        self.scheduled.iter().map(|next| next.effective_on).min()
    }

    /// The state on a later day: what was scheduled up to that day is in force.
    #[must_use]
    pub fn on(&self, day: LegalDate) -> Self {
        let mut state = self.clone();
        // In order, so that nothing overtakes; entries of one day keep the order of the history.
        while state.scheduled.first().is_some_and(|next| next.effective_on <= day) {
            let next = state.scheduled.remove(0);
            state.apply(&next.deltas);
        }
        state
    }
}
