//! The reasons over a certificate's standing: the inner part of the verdict, the same for register and pack.

use codes::Validity;
use jiff::civil::Date;
use model::Reason;
use serde::{Deserialize, Serialize};

/// What a register or pack says of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// 证照标识 of the newest version.
    pub identifier: String,
    /// Base of the status, Chinese name.
    pub base: String,
    /// Holds that stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Held>,
    /// First day of validity, ISO; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day of validity, ISO or 长期; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Last day of 年审.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual_due: Option<String>,
    /// Entitlements that are lost or held, each as `货运（吊销）`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
    /// Hints that other certificates left on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// Validity extended by notice: last day and the notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended: Option<(String, String)>,
}

/// A hold and whether it forbids use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Chinese name.
    pub name: String,
    /// 暂扣 forbids, 停运 only tells.
    pub forbids: bool,
}

/// The base of a certificate that stands.
pub(crate) const NORMAL: &str = "正常";

/// The reasons of a verdict over a certificate's standing on a day. `asked` is the identifier that was shown, if one was.
pub fn weigh(standing: &Standing, asked: Option<&str>, today: Date) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut say = |code: &str, detail: &str| reasons.push(Reason::new(code, detail));
    if standing.base != NORMAL {
        say("STATUS_ENDED", &standing.base);
    }
    for held in &standing.holds {
        say(if held.forbids { "STATUS_HELD" } else { "STATUS_RESTRICTED" }, &held.name);
    }
    if asked.is_some_and(|asked| asked != standing.identifier) {
        say("OLD_VERSION", &standing.identifier);
    }
    period(standing, today, &mut say);
    if let Some(due) = date(standing.annual_due.as_deref()).filter(|due| *due < today) {
        say("ANNUAL_INSPECTION_DUE", &due.to_string());
    }
    for lost in &standing.lost {
        say("ENTITLEMENT_LOST", lost);
    }
    for hint in &standing.hints {
        say("LINKED_HINT", hint);
    }
    if reasons.is_empty() {
        reasons.push(Reason::new("STATUS_NORMAL", ""));
    }
    reasons
}

fn period(standing: &Standing, today: Date, say: &mut impl FnMut(&str, &str)) {
    if let Some(from) = date(standing.valid_from.as_deref()).filter(|from| today < *from) {
        say("VALIDITY_NOT_BEGUN", &from.to_string());
    }
    let end = standing.valid_to.as_deref().and_then(|text| Validity::parse(text).ok());
    let Some(Validity::Until(end)) = end.filter(|end| !end.covers(today)) else { return };
    match &standing.extended {
        Some((last, notice)) if date(Some(last)).is_some_and(|last| today <= last) => {
            say("VALIDITY_EXTENDED", &format!("{last}（{notice}）"));
        }
        _ => say("VALIDITY_ENDED", &end.to_string()),
    }
}

fn date(text: Option<&str>) -> Option<Date> {
    text?.parse().ok()
}
