//! What an event did, in small absolute steps that can be replayed without rules.
//!
//! A step never fails and says what holds *afterwards*, so a late event slips in before others without changing them,
//! and a later change of the rules never changes the past.

use codes::{LegalDate, Uscc, Validity};
use serde::{Deserialize, Serialize};

use crate::kind::Base;
use crate::state::{Carrier, Cycle, Entitlement, Hold, Link, Registration, State};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delta {
    /// The certificate is on record.
    Known,
    /// Its base.
    Base(Base),
    /// A hold begins.
    AddHold(Hold),
    /// A hold ends.
    RemoveHold(Hold),
    /// First day of validity.
    ValidFrom(LegalDate),
    /// Last day of validity.
    ValidTo(Validity),
    /// Last day of validity, if later than the present one.
    ExtendTo(Validity),
    /// Issuing authority.
    Authority(Uscc),
    /// 年度审验.
    Annual(Cycle),
    /// 诚信考核.
    Integrity(Cycle),
    /// 注册, or its end.
    Registration(Option<Registration>),
    /// An entitlement as it now stands.
    Entitlement(Entitlement),
    /// Base of one entitlement.
    EntitlementBase {
        /// Its code.
        code: String,
        /// Its new base.
        base: Base,
    },
    /// A hold on one entitlement begins or ends.
    EntitlementHold {
        /// Its code.
        code: String,
        /// The hold.
        hold: Hold,
        /// True when it begins.
        held: bool,
    },
    /// Last day of one entitlement.
    EntitlementTo {
        /// Its code.
        code: String,
        /// The new last day.
        valid_to: Validity,
    },
    /// One more version, as a sealed file.
    NewVersion,
    /// A tie to another certificate.
    Link(Link),
}

impl State {
    /// Replays steps on this state.
    pub fn apply(&mut self, deltas: &[Delta]) {
        for delta in deltas {
            self.step(delta);
        }
    }

    fn step(&mut self, delta: &Delta) {
        match delta {
            Delta::Known => self.known = true,
            Delta::Base(base) => self.base = *base,
            Delta::AddHold(hold) => {
                self.holds.insert(hold.clone());
            }
            Delta::RemoveHold(hold) => {
                self.holds.remove(hold);
            }
            Delta::ValidFrom(day) => self.valid_from = Some(*day),
            Delta::ValidTo(end) => self.valid_to = Some(*end),
            // `None` sorts first: an unknown end gives way to any.
            Delta::ExtendTo(end) => self.valid_to = self.valid_to.max(Some(*end)),
            Delta::Authority(uscc) => self.authority = Some(uscc.clone()),
            Delta::Annual(cycle) => self.annual = cycle.clone(),
            Delta::Integrity(cycle) => self.integrity = cycle.clone(),
            Delta::Registration(registration) => self.registration = registration.clone(),
            Delta::NewVersion => {
                self.version = self.version.saturating_add(1);
                self.carriers.insert(Carrier::Electronic);
            }
            Delta::Link(link) => {
                self.links.insert(link.clone());
            }
            Delta::Entitlement(one) => {
                self.entitlements.insert(one.code.clone(), one.clone());
            }
            Delta::EntitlementBase { code, base } => self.entitlement(code, |one| one.base = *base),
            Delta::EntitlementHold { code, hold, held } => self.entitlement(code, |one| {
                if *held {
                    one.holds.insert(hold.clone());
                } else {
                    one.holds.remove(hold);
                }
            }),
            Delta::EntitlementTo { code, valid_to } => {
                self.entitlement(code, |one| one.valid_to = Some(*valid_to));
            }
        }
    }

    /// A step on an entitlement that is not there does nothing: `in_force` on an early day may not have it yet.
    fn entitlement(&mut self, code: &str, act: impl FnOnce(&mut Entitlement)) {
        if let Some(one) = self.entitlements.get_mut(code) {
            act(one);
        }
    }
}
