//! The head of a pack: everything small (`docs/pack-format.md`, "Head"). Member order is part of the format.

use codes::Validity;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::PackError;
use crate::{Held, TrustData};

/// The head as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// First two digits of the area codes that it speaks for.
    pub province: String,
    /// Name of the province's authority.
    pub name: String,
    /// 1, 2, 3 … per province.
    pub number: u32,
    /// Unix seconds.
    pub made_at: i64,
    /// Seconds.
    pub max_age: u32,
    /// Status indexes covered.
    pub count: u32,
    /// Hex SM3 of the content.
    pub digest: String,
    /// The pack that a delta applies to.
    pub base: Option<Base>,
    /// Base64 of the signer's certificate.
    pub signer: String,
    /// The distinct states, by code.
    pub states: Vec<PackState>,
    /// Place of the most frequent one.
    pub usual: u8,
    /// Trust data; `None` in a delta: as in the base. So for the two that follow.
    pub trust: Option<TrustData>,
    /// Kinds by type code.
    pub kinds: Option<Vec<PackKind>>,
    /// Extensions by notice.
    pub overrides: Option<Vec<Override>>,
}

/// The pack that a delta applies to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Its number.
    pub number: u32,
    /// Its content's digest.
    pub digest: String,
}

/// One status that certificates of the pack have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackState {
    /// The same number for the same state in every pack of the province.
    pub code: u16,
    /// Chinese name; empty where there is no certificate.
    pub base: String,
    /// Holds that stand.
    pub holds: Vec<Held>,
    /// Some entitlement is lost or held.
    pub lost: bool,
}

/// A kind of certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackKind {
    /// Type code.
    pub code: String,
    /// Slug.
    pub slug: String,
    /// Chinese name.
    pub name: String,
}

/// Validity extended by notice (policy override).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The notice, as people quote it.
    pub notice: String,
    /// Type codes, or `*`.
    pub kinds: Vec<String>,
    /// Beginnings of the issuer's area code, or `*`.
    pub areas: Vec<String>,
    /// First of the last days that it extends, ISO.
    pub ended_from: String,
    /// Last of them.
    pub ended_to: String,
    /// Last day of the extension.
    pub extended_to: String,
    /// First day on which it is in force.
    pub effective_from: String,
    /// Last day on which it is; `None`: without end.
    pub effective_to: Option<String>,
}

impl PackState {
    /// Status as a sentence's noun: `停运`, `吊销（停运）`; what is held is never called 正常.
    pub fn name(&self) -> String {
        let holds: Vec<&str> = self.holds.iter().map(|held| held.name.as_str()).collect();
        match (holds.is_empty(), self.base.as_str()) {
            (true, base) => base.to_owned(),
            (false, crate::standing::NORMAL) => holds.join("、"),
            (false, base) => format!("{base}（{}）", holds.join("、")),
        }
    }
}

impl Override {
    /// Does it extend a certificate of this kind and area that ended on `ended`, asked on `today`? Then its last day.
    pub fn extends(&self, kind: &str, area: &str, ended: Date, today: Date) -> Option<Date> {
        let any =
            |list: &[String], fits: &dyn Fn(&str) -> bool| list.iter().any(|one| one == "*" || fits(one));
        // A date that does not parse extends nothing.
        let day = |text: &str| text.parse::<Date>().ok();
        let ended_inside = day(&self.ended_from)? <= ended && ended <= day(&self.ended_to)?;
        let in_force = day(&self.effective_from)? <= today
            && match &self.effective_to {
                Some(last) => today <= day(last)?,
                None => true,
            };
        let meant = any(&self.kinds, &|one| one == kind)
            && any(&self.areas, &|one| !one.is_empty() && area.starts_with(one));
        (ended_inside && in_force && meant).then(|| day(&self.extended_to)).flatten()
    }
}

/// The first override that extends a validity: last day and notice, as a standing holds them.
pub(crate) fn extended(
    overrides: &[Override],
    kind: &str,
    area: &str,
    valid_to: Validity,
    today: Date,
) -> Option<(String, String)> {
    let Validity::Until(ended) = valid_to else { return None };
    overrides.iter().find_map(|one| {
        let last = one.extends(kind, area, ended, today)?;
        Some((last.to_string(), one.notice.clone()))
    })
}

impl Head {
    /// Reads a head that was written by [`Head::to_json`], and nothing else.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, PackError> {
        let head: Self = serde_json::from_slice(bytes).map_err(|_| PackError::Damaged("首部"))?;
        // One content has one form.
        if head.to_json()? != bytes {
            return Err(PackError::Damaged("首部写法"));
        }
        head.check()?;
        Ok(head)
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, PackError> {
        serde_json::to_vec(self).map_err(|_| PackError::Damaged("首部"))
    }

    fn check(&self) -> Result<(), PackError> {
        let digits =
            |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let hex = |text: &str| {
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let sorted = self.states.windows(2).all(|two| two[0].code < two[1].code);
        let whole = self.trust.is_some() && self.kinds.is_some() && self.overrides.is_some();
        let checks = [
            (digits(&self.province, 2), "省份"),
            (self.number > 0, "编号"),
            ((0..1 << 40).contains(&self.made_at), "制作时间"),
            (self.count <= super::MOST_COUNT, "序号总数"),
            (hex(&self.digest), "内容摘要"),
            (self.base.as_ref().is_none_or(|base| hex(&base.digest) && base.number < self.number), "基准包"),
            (sorted && self.states.len() <= super::MOST_STATES, "状态表"),
            (usize::from(self.usual) < self.states.len() || (self.count == 0 && self.usual == 0), "常见状态"),
            (self.base.is_some() || whole, "信任清单"),
        ];
        checks.into_iter().find(|(fine, _)| !fine).map_or(Ok(()), |(_, what)| Err(PackError::Damaged(what)))
    }
}
