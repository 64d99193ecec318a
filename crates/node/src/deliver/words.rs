//! What holders are told: messages and next steps, as data (`data/deliver.toml`).

use std::str::FromStr;

use ::lifecycle::State;
use codes::{LegalDate, Validity};
use serde::Deserialize;

use super::{NextStep, Urgency};
use crate::NodeError;

/// The sentences of `data/deliver.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    #[serde(rename = "message")]
    messages: Vec<MessageText>,
    #[serde(rename = "step")]
    steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageText {
    what: String,
    text: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    code: String,
    when: When,
    urgency: Urgency,
    #[serde(default)]
    within: i64,
    #[serde(default)]
    holds: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum When {
    Unconverted,
    Unactivated,
    NotBegun,
    Expired,
    Expiring,
    AnnualOver,
    AnnualDue,
    IntegrityDue,
    RegistrationDue,
    Held,
    Ended,
}

/// What a step is judged by.
pub(super) struct Facts<'a> {
    pub kind: &'a str,
    /// In force today.
    pub state: &'a State,
    /// Base and holds in Chinese.
    pub status: &'a str,
    /// The holds alone.
    pub holds: &'a str,
    pub activated: bool,
    pub today: LegalDate,
}

/// What the messages may speak of; a province's own file that lacks one is refused.
const MESSAGES: [&str; 3] = ["issued", "code", "contact"];

impl FromStr for Words {
    type Err = NodeError;

    fn from_str(text: &str) -> Result<Self, NodeError> {
        let wrong = |what: String| NodeError::refused(what, "请核对 deliver.toml");
        let words: Self = toml::from_str(text).map_err(|error| wrong(format!("告知用语不合规：{error}")))?;
        match MESSAGES.iter().find(|what| words.messages.iter().all(|one| one.what != **what)) {
            Some(missing) => Err(wrong(format!("告知用语缺少“{missing}”一项"))),
            None => Ok(words),
        }
    }
}

impl Words {
    /// A province's own file, or the built-in one.
    pub(crate) fn load(own: Option<&str>) -> Result<Self, NodeError> {
        own.unwrap_or(include_str!("../../../../data/deliver.toml")).parse()
    }

    /// The text of a message with its gaps filled.
    pub(super) fn message(&self, what: &str, fill: &[(&str, &str)]) -> String {
        let text = self.messages.iter().find(|one| one.what == what).map_or("", |one| &one.text);
        filled(text, fill)
    }

    /// What a holder should do next, most urgent first.
    pub(super) fn next(&self, facts: &Facts<'_>) -> Vec<NextStep> {
        let fits = |step: &&Step| step.kinds.is_empty() || step.kinds.iter().any(|kind| kind == facts.kind);
        let mut steps: Vec<NextStep> = Vec::new();
        for step in self.steps.iter().filter(fits) {
            // Nothing is to be done about what has ended.
            if (step.when == When::Ended) != facts.state.base.is_terminal() {
                continue;
            }
            if let Some(day) = step.applies(facts) {
                steps.push(step.say(facts, day));
            }
        }
        steps.sort_by_key(|step| std::cmp::Reverse(step.urgency));
        steps
    }
}

impl Step {
    /// Does it apply? Then with the day in question, if there is one.
    fn applies(&self, facts: &Facts<'_>) -> Option<Option<LegalDate>> {
        let Facts { state, today, .. } = *facts;
        let last = state.valid_to.and_then(|end| match end {
            Validity::Until(date) => Some(LegalDate::from(date)),
            Validity::LongTerm => None,
        });
        let soon = |day: Option<LegalDate>| {
            day.filter(|day| (0..=self.within).contains(&days_between(today, *day))).map(Some)
        };
        let over = |day: Option<LegalDate>| day.filter(|day| *day < today).map(Some);
        match self.when {
            When::Unconverted => (state.version == 0).then_some(None),
            When::Unactivated => (state.version > 0 && !facts.activated).then_some(None),
            When::NotBegun => state.valid_from.filter(|from| today < *from).map(Some),
            When::Expired => over(last),
            When::Expiring => soon(last),
            When::AnnualOver => over(state.annual.due),
            When::AnnualDue => soon(state.annual.due),
            When::IntegrityDue => soon(state.integrity.due),
            When::RegistrationDue => soon(state.registration.as_ref().and_then(|one| one.until)),
            When::Held => {
                let meant = |slug: &String| self.holds.is_empty() || self.holds.contains(slug);
                state.holds.iter().any(|hold| meant(&hold.0)).then_some(None)
            }
            When::Ended => Some(None),
        }
    }

    fn say(&self, facts: &Facts<'_>, day: Option<LegalDate>) -> NextStep {
        let stands = [("status", facts.status), ("hold", facts.holds)];
        let text = match day {
            Some(day) => {
                let days = days_between(facts.today, day).to_string();
                let text = filled(&self.text, &[("day", &day.to_string()), ("days", &days)]);
                filled(&text, &stands)
            }
            None => filled(&self.text, &stands),
        };
        NextStep { code: self.code.clone(), urgency: self.urgency, text }
    }
}

/// Days from one day to another; negative when it lies behind.
pub(super) fn days_between(from: LegalDate, to: LegalDate) -> i64 {
    to.date().since(from.date()).map_or(0, |span| i64::from(span.get_days()))
}

fn filled(text: &str, fill: &[(&str, &str)]) -> String {
    fill.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
