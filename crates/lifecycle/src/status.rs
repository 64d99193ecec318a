//! Status on a day: computed, never waiting for a job.

use codes::{LegalDate, Validity};

use crate::kind::Base;
use crate::load::Rules;
use crate::state::{Hold, State};

/// The bit, beyond those of the data, for a hold that the data does not know: better a wrong name than a clean bill.
const OTHER_HOLD: u8 = 10;

impl State {
    /// Whether the validity was over on a day; the last day itself still counts to 24:00. An unknown end is not over.
    #[must_use]
    pub fn expired(&self, day: LegalDate) -> bool {
        self.on(day).valid_to.is_some_and(|end| !end.covers(day.date()))
    }

    /// Whether the validity had not begun on a day.
    #[must_use]
    pub fn not_begun(&self, day: LegalDate) -> bool {
        self.on(day).valid_from.is_some_and(|from| day < from)
    }

    /// Whether the 年度审验 was overdue on a day: a hint, the certificate stays valid (`domain.md`, "Verdicts").
    #[must_use]
    pub fn annual_overdue(&self, day: LegalDate) -> bool {
        self.on(day).annual.due.is_some_and(|due| due < day)
    }

    /// Whether an entitlement stands on a day: the certificate's base and dates, and the entitlement's own. Holds on the
    /// whole certificate are for [`Rules::may_be_used`], since some are only hints.
    #[must_use]
    pub fn entitled(&self, code: &str, day: LegalDate) -> bool {
        let state = self.on(day);
        state.known
            && state.base == Base::Normal
            && !state.expired(day)
            && !state.not_begun(day)
            && state.entitlements.get(code).is_some_and(|one| one.is_live(day))
    }
}

impl Rules {
    /// Whether the certificate as a whole may be used on a day.
    #[must_use]
    pub fn may_be_used(&self, state: &State, day: LegalDate) -> bool {
        let state = state.on(day);
        // A hold that nobody knows forbids.
        let forbids = |hold: &Hold| {
            self.holds().iter().find(|rule| rule.slug == hold.0).is_none_or(|rule| rule.forbids_use)
        };
        state.known
            && state.base == Base::Normal
            && !state.expired(day)
            && !state.not_begun(day)
            && !state.holds.iter().any(forbids)
    }

    /// The status in one number for offline packs: bits 0–2 the base (0 正常, 1 转出, 2 注销, 3 撤销, 4 吊销, 5 作废,
    /// 7 not on record), bit 3 outside its validity, bit 4 an entitlement does not stand, bits 5–15 the holds by their
    /// `bit`. 0 means 正常 without any restriction.
    #[must_use]
    pub fn status_code(&self, state: &State, today: LegalDate) -> u16 {
        let state = state.on(today);
        let base: u16 = match state.base {
            _ if !state.known => 7,
            Base::Normal => 0,
            Base::TransferredOut => 1,
            Base::Cancelled => 2,
            Base::Annulled => 3,
            Base::Revoked => 4,
            Base::Void => 5,
        };
        let outside = state.expired(today) || state.not_begun(today);
        let lost = state.entitlements.values().any(|one| !one.is_live(today));
        let bit = |hold: &Hold| {
            self.holds().iter().find(|rule| rule.slug == hold.0).map_or(OTHER_HOLD, |rule| rule.bit)
        };
        let holds = state.holds.iter().fold(0, |bits, hold| bits | 1 << (5 + bit(hold)));
        base | u16::from(outside) << 3 | u16::from(lost) << 4 | holds
    }

    /// The status in Chinese: `正常`, `停运`, `已到期、停运`, `吊销`, `吊销（停运）`. What is held or over is never called 正常: a reader
    /// takes the first word.
    #[must_use]
    pub fn status_name(&self, state: &State, today: LegalDate) -> String {
        let state = state.on(today);
        if !state.known {
            return "无记录".to_owned();
        }
        let mut more: Vec<&str> = Vec::new();
        if state.expired(today) {
            more.push("已到期");
        }
        if state.not_begun(today) {
            more.push("未生效");
        }
        more.extend(state.holds.iter().map(|hold| self.hold_name(hold)));
        match (more.is_empty(), state.base) {
            (true, base) => base.to_string(),
            (false, Base::Normal) => more.join("、"),
            (false, base) => format!("{base}（{}）", more.join("、")),
        }
    }
}

/// How many days the validity has been over; `None` while it is not.
pub(crate) fn days_over(state: &State, day: LegalDate) -> Option<i32> {
    match state.valid_to? {
        Validity::Until(end) if end < day.date() => Some((day.date() - end).get_days()),
        _ => None,
    }
}
