//! Deciding an event inside a transaction: answered at once, or an intent to make a new version.

use ::lifecycle::{Decision, Effect, Link, Message};
use model::Finding;
use store::rows::certificate::{self, Certificate};
use store::rows::event::{self, EventRow};
use store::rows::issue;
use store::{Blind, Session};

use super::answer::{Answer, Outcome};
use super::due::is_behind;
use super::frame::{Frame, unfit};
use super::history::{Kept, load, parse};
use super::incoming::Incoming;
use super::message::Tie;
use super::slot::Slot;
use crate::issue::journal::Intent;
use crate::{NodeError, Province};

/// What is to be done with an event.
pub(super) enum Plan {
    /// Nothing more.
    Answered(Box<Answer>),
    /// A version must be made; its intent is written.
    Make(Box<Make>),
    /// The database has moved on since the trial, or somebody else works on the certificate: try again.
    Again,
}

/// A version to be made.
#[derive(Clone, Debug)]
pub(super) struct Make {
    pub certificate: Certificate,
    pub effect: Effect,
    pub intent: Intent,
    pub row: EventRow,
    pub kept: Kept,
}

/// The record that a new version would show, checked before the transaction.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub record: model::Record,
    pub record_sm3: [u8; 32],
    pub photo: Option<String>,
    /// Errors of the lint on the day of the version: the event is unfit if it needs one.
    pub findings: Vec<Finding>,
}

/// The certificate that an event is about.
pub(super) fn find(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
) -> Result<Option<Certificate>, NodeError> {
    let message = &incoming.message;
    if let Some(subject) = &message.subject_ref
        && let Some(found) = certificate::by_subject(session, &message.source, subject)?
    {
        return Ok(Some(found));
    }
    if let Some(identifier) = &message.identifier {
        return Ok(certificate::by_identifier(session, identifier)?);
    }
    let Some(number) = &message.certificate_no else { return Ok(None) };
    let blind = province.personal.blind(Blind::CertificateNumber, number);
    let found = certificate::by_blind(session, &blind, 8)?;
    let of_kind = |one: &Certificate| incoming.kind.as_ref().is_none_or(|kind| one.kind == *kind);
    Ok(found.into_iter().find(of_kind))
}

/// Decides one event. Everything it writes belongs to the caller's transaction.
pub(super) fn plan(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    trial: Option<&Trial>,
) -> Result<Plan, NodeError> {
    let source = &incoming.message.source;
    let known = event::find(session, source, &incoming.message.event_id)?;
    if let Some(row) = known.as_ref().filter(|_| !incoming.released)
        && let Some(plan) = repeated(province, incoming, row)?
    {
        return Ok(plan);
    }
    // A mended message takes the row of the unfit one.
    let slot = Slot::of(province, incoming, known)?;
    let mut event = match &incoming.event {
        Ok(event) => event.clone(),
        Err(findings) => return unfit(session, province, incoming, slot, None, findings.clone()),
    };
    let found = match find(session, province, incoming)? {
        Some(one) => certificate::lock(session, &one.id)?,
        None => None,
    };
    if let Some(one) = &found
        && issue::is_busy(session, &one.id)?
    {
        return Ok(Plan::Again);
    }
    event.links = resolve(session, source, &incoming.message.links)?;
    let converted = found
        .as_ref()
        .filter(|one| one.version > 0 && crate::convert::is_conversion(&incoming.message.event_id))
        .map(crate::convert::already_converted);
    let kind =
        found.as_ref().map(|one| one.kind.clone()).or_else(|| incoming.kind.clone()).unwrap_or_default();
    let subject = incoming.subject();
    let history = load(session, &province.personal, found.as_ref(), &kind, (&subject.0, &subject.1))?;
    // A version whose day has come goes first: this event may carry its face on.
    if let Some(one) = found.as_ref().filter(|one| is_behind(one, &history, incoming.today))
        && !event::due_of(session, &one.id, &incoming.today.to_string())?.is_empty()
    {
        return Ok(Plan::Again);
    }
    // A plan is older than what has happened since: a conversion that is no longer needed makes no second version.
    let decision = match converted {
        Some(why) => Decision::Refuse(why),
        None => decide(province, &history, &event, incoming),
    };
    let kept = Kept {
        message: incoming.message.clone(),
        actor: incoming.actor.clone(),
        event,
        outcome: None,
        deltas: Vec::new(),
        makes: None,
        mended: slot.mended.clone(),
    };
    let frame = Frame { province, incoming, slot, certificate: found.as_ref(), kept };
    match decision {
        Decision::Apply(effect) | Decision::ApplyLate(effect) => {
            let is_now = effect.issue_on <= incoming.today;
            match (effect.version, trial) {
                (Some(_), None) if is_now => Ok(Plan::Again),
                // Of a later day too: told now, while its sender is there to mend it.
                (Some(_), Some(trial)) if !trial.findings.is_empty() => {
                    unfit(session, province, incoming, frame.slot, found.as_ref(), trial.findings.clone())
                }
                (Some(version), Some(trial)) if is_now => frame.make(session, *effect, version, trial, kind),
                _ => frame.apply(session, *effect, trial, &kind),
            }
        }
        Decision::Wait { until, why } => frame.wait(session, until, why),
        Decision::Refuse(why) => frame.close(session, Outcome::Refused, why),
        Decision::WorkItem(why) => frame.close(session, Outcome::Work, why),
        // `find` by (source, event_id) has answered these; they remain for a history that names the event otherwise.
        Decision::Conflict(why) => Ok(frame.told(Outcome::Conflict, why)),
        Decision::Same { .. } => Ok(Plan::Again),
    }
}

/// A released event is waiting in its own history; there it must not find itself.
pub(super) fn decide(
    province: &Province,
    history: &::lifecycle::History,
    event: &::lifecycle::Event,
    incoming: &Incoming,
) -> Decision {
    if !incoming.released {
        return ::lifecycle::decide(&province.rules, history, event, incoming.today);
    }
    let waiting = history
        .waiting()
        .iter()
        .filter(|one| one.event.event_id == event.event_id && one.event.source == event.source);
    let alone =
        ::lifecycle::History::restore(history.origin().clone(), history.past().to_vec(), waiting.cloned());
    match ::lifecycle::release(&province.rules, &alone, incoming.today) {
        Some((_, decision)) => decision,
        // It still waits: nothing to do.
        None => Decision::Same { outcome: None, state_seq: 0 },
    }
}

/// The answer to an event that was answered before; `None` when it may be decided anew.
fn repeated(province: &Province, incoming: &Incoming, row: &EventRow) -> Result<Option<Plan>, NodeError> {
    if row.content_sm3 != incoming.digest {
        if row.status == "unfit" {
            return Ok(None);
        }
        let why = Message {
            code: "EVENT_CONFLICT".into(),
            what: format!("事件“{}”已收到过，内容与这次不同；已收到的保持不变", row.event_id),
            fix: "请核对是否用错了事件编号；新的业务请用新的事件编号提交".into(),
        };
        let answer = Answer {
            source: row.source.clone(),
            event_id: row.event_id.clone(),
            result: Outcome::Conflict,
            why: Some(why),
            certificate: row.certificate_id.clone(),
            ..Answer::default()
        };
        return Ok(Some(Plan::Answered(Box::new(answer))));
    }
    match row.status.as_str() {
        // Its own record may have been mended elsewhere (a catalogue, an authority): look again.
        "unfit" => Ok(None),
        // Somebody is at work on it.
        "open" => Ok(Some(Plan::Again)),
        _ => {
            let answer = stored_answer(province, row)?;
            Ok(Some(Plan::Answered(Box::new(Answer { repeated: true, ..answer }))))
        }
    }
}

/// The answer in a row.
pub(crate) fn stored_answer(province: &Province, row: &EventRow) -> Result<Answer, NodeError> {
    let text = province.personal.open(&EventRow::answer_place(&row.id), &row.answer_sealed)?;
    parse(&text, "事件答复")
}

/// Ties as the state machine knows them: by our key where the other one is on record, else as the sender names it.
fn resolve(session: &mut Session, source: &str, ties: &[Tie]) -> Result<Vec<Link>, NodeError> {
    let mut links = Vec::with_capacity(ties.len());
    for tie in ties {
        let mut target = None;
        if let Some(subject) = &tie.subject_ref {
            target = certificate::by_subject(session, source, subject)?;
        }
        if let (None, Some(identifier)) = (&target, &tie.identifier) {
            target = certificate::by_identifier(session, identifier)?;
        }
        let given = || tie.identifier.clone().or_else(|| tie.subject_ref.clone()).unwrap_or_default();
        links.push(Link { relation: tie.relation, target: target.map_or_else(given, |one| one.id) });
    }
    Ok(links)
}

/// What an intent row keeps, encrypted: all that a redo needs.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Body {
    pub intent: Intent,
    pub effect: Effect,
    pub record: Option<model::Record>,
}

/// The place for which an intent is encrypted.
pub(super) fn intent_place(identifier: &str) -> String {
    format!("issue_intent.body/{identifier}")
}
