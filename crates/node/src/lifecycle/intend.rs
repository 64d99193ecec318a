//! Deciding an event inside a transaction: answered at once, or an intent to make a new version.

use ::lifecycle::{Act as Tied, Decision, Effect, Link, Message};
use codes::LegalDate;
use model::Finding;
use store::rows::certificate::{self, Certificate};
use store::rows::event::{self, EventRow};
use store::rows::issue::{self, IntentRow};
use store::{Blind, Session};

use super::answer::{Answer, Outcome};
use super::apply::{self, Applied};
use super::due::is_behind;
use super::history::{Kept, json, load, parse};
use super::incoming::Incoming;
use super::message::Tie;
use super::number::{mint, taken};
use super::slot::Slot;
use crate::issue::journal::Intent;
use crate::overview;
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
    /// Errors of the lint: the event is unfit if it needs a version.
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
            let now_due = effect.version.filter(|_| effect.issue_on <= incoming.today);
            match (now_due, trial) {
                (Some(_), None) => Ok(Plan::Again),
                (Some(_), Some(trial)) if !trial.findings.is_empty() => {
                    unfit(session, province, incoming, frame.slot, found.as_ref(), trial.findings.clone())
                }
                (Some(version), Some(trial)) => frame.make(session, *effect, version, trial, kind),
                (None, _) => frame.apply(session, *effect, trial, &kind),
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
fn decide(
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

fn unfit(
    session: &mut Session,
    province: &Province,
    incoming: &Incoming,
    slot: Slot,
    certificate: Option<&Certificate>,
    findings: Vec<Finding>,
) -> Result<Plan, NodeError> {
    let answer = Answer {
        source: incoming.message.source.clone(),
        event_id: incoming.message.event_id.clone(),
        result: Outcome::Unfit,
        certificate: certificate.map(|one| one.id.clone()),
        findings,
        ..Answer::default()
    };
    // A message without a readable envelope has no row to stand in: nothing could be found by it again.
    if let Ok(event) = &incoming.event {
        let kept = Kept {
            message: incoming.message.clone(),
            actor: incoming.actor.clone(),
            event: event.clone(),
            outcome: None,
            deltas: Vec::new(),
            makes: None,
            mended: slot.mended,
        };
        let mut stored = row_of(province, incoming, slot.row, &kept, &answer)?;
        stored.status = "unfit".into();
        // It is as old as when it came first: another try makes it no newer.
        stored.recorded_at = slot.since.unwrap_or(stored.recorded_at);
        stored.set_certificate(certificate);
        overview::put_event(session, slot.before, &stored)?;
    }
    apply::audit(session, province, incoming, answer.certificate.as_deref(), "unfit")?;
    Ok(Plan::Answered(Box::new(answer)))
}

/// The row of an event, not answered yet.
pub(super) fn row_of(
    province: &Province,
    incoming: &Incoming,
    id: String,
    kept: &Kept,
    answer: &Answer,
) -> Result<EventRow, NodeError> {
    let (source, subject_ref) = incoming.subject();
    Ok(EventRow {
        source,
        event_id: incoming.message.event_id.clone(),
        content_sm3: incoming.digest.clone(),
        certificate_id: None,
        subject_ref,
        kind: kept.event.kind.name().to_owned(),
        sequence: kept.event.sequence.map(|number| number as i64),
        occurred_at: kept.event.occurred_at,
        effective_on: kept.event.effective_on.to_string(),
        status: "open".into(),
        state_seq: None,
        answered: None,
        wait_until: None,
        event_sealed: kept.seal(&province.personal, &id)?,
        answer_sealed: province.personal.seal(&EventRow::answer_place(&id), &json(answer)?),
        photo: incoming.photo.clone(),
        recorded_at: incoming.now,
        area: area_of(province, incoming),
        id,
    })
}

/// Whose event it is, before its certificate is known: what the record says where that is an area of this province.
fn area_of(province: &Province, incoming: &Incoming) -> String {
    let named = incoming.message.record.as_ref().map(|record| record.area.as_str());
    let fits = |area: &&str| {
        area.len() == 6 && area.starts_with(&province.area) && area.bytes().all(|byte| byte.is_ascii_digit())
    };
    named.filter(fits).map_or_else(|| format!("{}0000", province.area), str::to_owned)
}

/// Everything about an event that was decided.
struct Frame<'a> {
    province: &'a Province,
    incoming: &'a Incoming,
    slot: Slot,
    certificate: Option<&'a Certificate>,
    kept: Kept,
}

impl Frame<'_> {
    fn answer(&self, result: Outcome, why: Option<Message>) -> Answer {
        Answer {
            source: self.incoming.message.source.clone(),
            event_id: self.incoming.message.event_id.clone(),
            result,
            why,
            certificate: self.certificate.map(|one| one.id.clone()),
            identifier: self.certificate.and_then(|one| one.identifier.clone()),
            ..Answer::default()
        }
    }

    fn told(&self, result: Outcome, why: Message) -> Plan {
        Plan::Answered(Box::new(self.answer(result, Some(why))))
    }

    fn wait(self, session: &mut Session, until: LegalDate, why: Message) -> Result<Plan, NodeError> {
        let answer = self.answer(Outcome::Waiting, Some(why));
        let Slot { row: id, before, .. } = self.slot;
        let mut row = row_of(self.province, self.incoming, id, &self.kept, &answer)?;
        row.status = "waiting".into();
        row.wait_until = Some(until.to_string());
        row.set_certificate(self.certificate);
        overview::put_event(session, before, &row)?;
        apply::audit(session, self.province, self.incoming, answer.certificate.as_deref(), "waiting")?;
        Ok(Plan::Answered(Box::new(answer)))
    }

    /// Refused for good, or left to a person.
    fn close(mut self, session: &mut Session, result: Outcome, why: Message) -> Result<Plan, NodeError> {
        let is_work = result == Outcome::Work;
        self.kept.outcome =
            Some(if is_work { ::lifecycle::Outcome::WorkItem } else { ::lifecycle::Outcome::Refused });
        let answer = self.answer(result, Some(why.clone()));
        let Slot { row: id, before, .. } = self.slot;
        let mut row = row_of(self.province, self.incoming, id, &self.kept, &answer)?;
        row.status = if is_work { "work" } else { "refused" }.into();
        row.set_certificate(self.certificate);
        if let Some(one) = self.certificate {
            row.answered = Some(event::count_answered(session, &one.id)? + 1);
        }
        overview::put_event(session, before, &row)?;
        if is_work {
            // Without a certificate it is the record's area or the province's: an item of no area is nobody's.
            let area = self.certificate.map_or_else(|| row.area.clone(), |one| one.area.clone());
            apply::open_work(
                session,
                self.province,
                self.incoming,
                answer.certificate.clone(),
                Some(row.id),
                area,
                &why,
            )?;
        }
        if self.incoming.released {
            // Nobody waits for this answer: the feed carries it.
            apply::tell(session, self.incoming, &answer)?;
        }
        apply::audit(session, self.province, self.incoming, answer.certificate.as_deref(), &row.status)?;
        Ok(Plan::Answered(Box::new(answer)))
    }

    /// A change of status only, or a version that is due later: done in this transaction.
    fn apply(
        self,
        session: &mut Session,
        mut effect: Effect,
        trial: Option<&Trial>,
        kind: &str,
    ) -> Result<Plan, NodeError> {
        let known = self.certificate.cloned();
        let certificate = match known {
            Some(one) => one,
            None => match self.born(session, trial, kind)? {
                Some(one) => one,
                None => {
                    let why = no_record(&self.incoming.message.event);
                    return self.close(session, Outcome::Refused, why);
                }
            },
        };
        let later = effect.version.filter(|_| effect.issue_on > self.incoming.today);
        if later.is_some() {
            event::put_due(session, &self.slot.row, &certificate.id, &effect.issue_on.to_string())?;
        }
        // A file that is to be made later is nothing that the ministry could hold today.
        effect.collect &= certificate.version > 0;
        let Slot { row, before, .. } = self.slot;
        let applied = Applied { certificate, effect, kept: self.kept, row, before, version: None };
        Ok(Plan::Answered(Box::new(apply::apply(session, self.province, self.incoming, applied)?)))
    }

    /// The row of a certificate that comes into being by this event.
    fn born(
        &self,
        session: &mut Session,
        trial: Option<&Trial>,
        kind: &str,
    ) -> Result<Option<Certificate>, NodeError> {
        let Some(trial) = trial else { return Ok(None) };
        let incoming = self.incoming;
        let (source, subject_ref) = incoming.subject();
        let one = Certificate {
            id: self.province.new_id(incoming.now),
            kind: kind.to_owned(),
            issuer: trial.record.authority_uscc.clone(),
            area: trial.record.area.clone(),
            month: incoming.today.to_string()[..7].to_owned(),
            source,
            subject_ref,
            base: ::lifecycle::Base::Normal.name().to_owned(),
            origin: json(&::lifecycle::State::unknown(kind))?,
            state: json(&::lifecycle::State::unknown(kind))?,
            recorded_at: incoming.now,
            updated_at: incoming.now,
            ..Certificate::default()
        };
        certificate::insert(session, &one)?;
        Ok(Some(one))
    }

    fn make(
        mut self,
        session: &mut Session,
        effect: Effect,
        version: u16,
        trial: &Trial,
        kind_slug: String,
    ) -> Result<Plan, NodeError> {
        let (province, incoming) = (self.province, self.incoming);
        let Some(kind) = province.data.catalogue.kind(&kind_slug, incoming.today.date()) else {
            return Ok(Plan::Again);
        };
        if let Some(taken) = taken(session, province, kind, &trial.record, self.certificate, incoming)? {
            return unfit(session, province, incoming, self.slot, self.certificate, vec![taken]);
        }
        if let Some(why) = self.tied_refusal(session, &effect)? {
            return self.close(session, Outcome::Refused, why);
        }
        let mut certificate = match self.certificate {
            Some(one) => one.clone(),
            None => match self.born(session, Some(trial), &kind_slug)? {
                Some(one) => one,
                None => return Ok(Plan::Again),
            },
        };
        let intent = mint(session, province, kind, &mut certificate, trial, version, incoming)?;
        if self.certificate.is_some() || certificate.serial.is_some() {
            certificate::update(session, &certificate)?;
        }
        self.kept.deltas.clone_from(&effect.deltas);
        let answer = self.answer(Outcome::Busy, None);
        let Slot { row: id, before, .. } = self.slot;
        let mut row = row_of(province, incoming, id, &self.kept, &answer)?;
        row.set_certificate(Some(&certificate));
        row.photo.clone_from(&trial.photo);
        overview::put_event(session, before, &row)?;
        let body =
            Body { intent: intent.clone(), effect: effect.clone(), record: Some(trial.record.clone()) };
        issue::open_intent(
            session,
            &IntentRow {
                identifier: intent.identifier.clone(),
                certificate_id: certificate.id.clone(),
                event_row: row.id.clone(),
                body: province.personal.seal(&intent_place(&intent.identifier), &json(&body)?),
                opened_at: incoming.now,
            },
        )?;
        Ok(Plan::Make(Box::new(Make { certificate, effect, intent, row, kept: self.kept })))
    }

    /// An event that another certificate must take together with this one: can it?
    fn tied_refusal(&self, session: &mut Session, effect: &Effect) -> Result<Option<Message>, NodeError> {
        for act in &effect.acts {
            if let (Tied::Event(kind), Some(target)) = (act.act, &act.target)
                && let Err(why) = apply::tied(session, self.province, self.incoming, target, kind)?
            {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }
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

fn no_record(event: &str) -> Message {
    Message {
        code: "CERTIFICATE_UNKNOWN".into(),
        what: format!("没有这本证照的记录，“{event}”也没有带来照面数据"),
        fix: "请核对证照的业务键或标识；确是未转化的存量证照的，请随事件附上照面数据（record）".into(),
    }
}
