//! A certificate's past, between its rows and the state machine.

use std::collections::HashSet;

use ::lifecycle::{Delta, Event, History, Past, State, Waiting};
use codes::{LegalDate, Validity};
use serde::{Deserialize, Serialize};
use store::rows::certificate::Certificate;
use store::rows::event::{self, EventRow};
use store::{PersonalKeys, Session};

use super::message::BusinessEvent;
use crate::NodeError;
use crate::audit::Actor;

/// What an event row keeps, encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// As it was sent, without the photo.
    pub message: BusinessEvent,
    /// Who sent it.
    pub actor: Actor,
    /// As it was decided, ties resolved.
    pub event: Event,
    /// How it was answered; `None` while it waits or its file is being made.
    #[serde(default)]
    pub outcome: Option<::lifecycle::Outcome>,
    /// What it did.
    #[serde(default)]
    pub deltas: Vec<Delta>,
    /// It belongs to the event of this row, on whose day it makes the version ([`super::due`]) or the status takes hold
    /// ([`super::turn`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes: Option<String>,
    /// How people mended what was sent, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended: Vec<Mended>,
}

/// A mending of a message on a page: who, why, and each field before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// Microseconds UTC.
    pub at: i64,
    /// Account and unit.
    pub by: String,
    /// Why, in the person's words.
    pub why: String,
    /// What.
    pub changes: Vec<MendedField>,
}

/// A field that was mended, as its form writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MendedField {
    /// Its name in the form.
    pub path: String,
    /// In Chinese.
    pub name: String,
    /// As it was sent.
    pub before: String,
    /// As it went on.
    pub after: String,
}

impl Kept {
    pub fn seal(&self, personal: &PersonalKeys, row: &str) -> Result<String, NodeError> {
        Ok(personal.seal(&EventRow::event_place(row), &json(self)?))
    }

    pub fn open(personal: &PersonalKeys, row: &EventRow) -> Result<Self, NodeError> {
        let text = personal.open(&EventRow::event_place(&row.id), &row.event_sealed)?;
        parse(&text, "业务事件")
    }
}

/// JSON text of something of ours.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, NodeError> {
    serde_json::to_string(value)
        .map_err(|error| NodeError::refused(format!("内部数据不能写成文本：{error}"), "请报告此问题"))
}

/// Something of ours from the JSON text of a row.
pub(crate) fn parse<T: for<'a> Deserialize<'a>>(text: &str, what: &str) -> Result<T, NodeError> {
    serde_json::from_str(text).map_err(|error| {
        NodeError::refused(format!("数据库中的{what}不能读取：{error}"), "请运行 luzheng doctor")
    })
}

/// Writes a state into the row, with what lists, counters and the daily sweep read of it.
pub(crate) fn set_state(one: &mut Certificate, state: &State) -> Result<(), NodeError> {
    one.state_seq = i64::try_from(state.state_seq).unwrap_or(i64::MAX);
    one.base = state.base.name().to_owned();
    one.last_day = match state.valid_to {
        Some(Validity::Until(day)) => Some(day.to_string()),
        _ => None,
    };
    let held: Vec<&str> = state.holds.iter().map(|hold| hold.0.as_str()).collect();
    one.held = (!held.is_empty()).then(|| held.join(","));
    one.turns_on = state.turns_on().map(|day| day.to_string());
    one.state = json(state)?;
    Ok(())
}

/// The history of a certificate, or of one that is not on record yet.
pub(super) fn load(
    session: &mut Session,
    personal: &PersonalKeys,
    certificate: Option<&Certificate>,
    kind: &str,
    subject: (&str, &str),
) -> Result<History, NodeError> {
    let origin: State = match certificate {
        Some(one) => parse(&one.origin, "证照状态")?,
        None => State::unknown(kind),
    };
    // An event that came before its certificate was on record waits under the sender's own key only.
    let mut waiting = event::waiting(session, subject.0, subject.1)?;
    let mut answered = Vec::new();
    if let Some(one) = certificate {
        answered = event::answered(session, &one.id)?;
        waiting.extend(event::waiting_on(session, &one.id)?);
        let mut seen = HashSet::new();
        waiting.retain(|row| seen.insert(row.id.clone()));
    }
    let mut past = Vec::with_capacity(answered.len());
    for row in &answered {
        let kept = Kept::open(personal, row)?;
        let Some(mut outcome) = kept.outcome else { continue };
        if kept.makes.is_some() {
            // It counts, and changes nothing: no late event can contradict it.
            outcome = ::lifecycle::Outcome::WorkItem;
        }
        let state_seq = row.state_seq.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0);
        past.push(Past {
            event: kept.event,
            outcome,
            deltas: kept.deltas,
            state_seq,
            recorded_at: row.recorded_at,
        });
    }
    let mut early = Vec::with_capacity(waiting.len());
    for row in &waiting {
        let kept = Kept::open(personal, row)?;
        let until = row.wait_until.as_deref().and_then(|day| LegalDate::parse(day).ok());
        let why = ::lifecycle::Message { code: "EARLY".into(), what: String::new(), fix: String::new() };
        let until = until.unwrap_or(kept.event.effective_on);
        early.push(Waiting { event: kept.event, until, why });
    }
    Ok(History::restore(origin, past, early))
}

/// The history of a certificate on record.
pub(crate) fn history_of(
    session: &mut Session,
    personal: &PersonalKeys,
    one: &Certificate,
) -> Result<History, NodeError> {
    load(session, personal, Some(one), &one.kind, (&one.source, &one.subject_ref))
}
