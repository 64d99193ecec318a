//! What becomes of a decided event in its transaction: answered, waiting, refused, applied, or an intent to make a version.

use ::lifecycle::{Act as Tied, Effect, Message};
use codes::LegalDate;
use model::Finding;
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::event::{self, EventRow};
use store::rows::issue::{self, IntentRow};

use super::answer::{Answer, Outcome};
use super::apply::{self, Applied};
use super::history::{Kept, json};
use super::incoming::Incoming;
use super::intend::{Body, Make, Plan, Trial, intent_place};
use super::number::{mint, taken};
use super::slot::Slot;
use crate::overview;
use crate::{NodeError, Province};

/// 待补正: the record is wrong, and may be sent again under the same id.
pub(super) fn unfit(
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
pub(super) struct Frame<'a> {
    pub province: &'a Province,
    pub incoming: &'a Incoming,
    pub slot: Slot,
    pub certificate: Option<&'a Certificate>,
    pub kept: Kept,
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

    pub fn told(&self, result: Outcome, why: Message) -> Plan {
        Plan::Answered(Box::new(self.answer(result, Some(why))))
    }

    pub fn wait(self, session: &mut Session, until: LegalDate, why: Message) -> Result<Plan, NodeError> {
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
    pub fn close(mut self, session: &mut Session, result: Outcome, why: Message) -> Result<Plan, NodeError> {
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
    pub fn apply(
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
            effect.hints.extend(self.taken_ahead(session, trial, kind, effect.issue_on)?);
        }
        // A file that is to be made later is nothing that the ministry could hold today.
        effect.collect &= certificate.version > 0;
        let Slot { row, before, .. } = self.slot;
        let applied = Applied { certificate, effect, kept: self.kept, row, before, version: None };
        Ok(Plan::Answered(Box::new(apply::apply(session, self.province, self.incoming, applied)?)))
    }

    /// Somebody else holds what only one may have, as things stand. It may be given up by the day, so it forbids nothing yet.
    fn taken_ahead(
        &self,
        session: &mut Session,
        trial: Option<&Trial>,
        kind: &str,
        day: LegalDate,
    ) -> Result<Option<Message>, NodeError> {
        let Some(trial) = trial else { return Ok(None) };
        let Some(kind) = self.province.data.catalogue.kind(kind, day.date()) else { return Ok(None) };
        let found = taken(session, self.province, kind, &trial.record, self.certificate, day)?;
        Ok(found.map(|finding| Message {
            code: "TAKEN_AHEAD".into(),
            // The finding itself quotes what the record says; a hint goes into the feed.
            what: format!("照面的“{}”目前由另一本有效证照占用（规则 {}）", finding.item_name, finding.rule),
            fix: format!("请在 {day} 前办结另一本证照的业务；到日仍被占用的，不制发新版本，转人工处理"),
        }))
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

    pub fn make(
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
        if let Some(taken) = taken(session, province, kind, &trial.record, self.certificate, incoming.today)?
        {
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

fn no_record(event: &str) -> Message {
    Message {
        code: "CERTIFICATE_UNKNOWN".into(),
        what: format!("没有这本证照的记录，“{event}”也没有带来照面数据"),
        fix: "请核对证照的业务键或标识；确是未转化的存量证照的，请随事件附上照面数据（record）".into(),
    }
}
