//! Versions of events that were dated ahead: each is made on its day.
//!
//! The event was answered when it was recorded, and its row stays as it is. The file is an act of its own, so that ministry, feed and
//! log hear of it with a count of its own: a row `<event id>/due` without any step, which the state machine counts and never judges.

use std::collections::HashSet;
use std::sync::Arc;

use ::lifecycle::{Effect, EventKind, History, Message, Past};
use model::{Finding, Severity};
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::event::{self, Due, EventRow};
use store::rows::issue::{self, IntentRow};

use super::frame::row_of;
use super::history::{Kept, json, load, parse};
use super::incoming::{Incoming, carry, load_photo};
use super::intend::{Body, Make, Trial, find, intent_place};
use super::message::BusinessEvent;
use super::number::{mint, taken};
use super::trial::{Shown, trial};
use super::{Answer, Outcome, apply};
use crate::audit::{self, Act, Actor};
use crate::issue::{Candidate, check, each};
use crate::{NodeError, Province};

/// Due versions that are looked at in one go.
const MOST: u32 = 256;
/// Code of a version that was left to a person.
const CODE: &str = "ISSUE_DUE";
/// Why a face may not be carried on.
const INCOMPLETE: &str = "此前应制发的版本未能制发，现有照面不完整，不能沿用";

/// What is to become of a version on its day.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It is made, under this number.
    Make(u16),
    /// No file is needed any more; a short reason for the log.
    Nothing(String),
    /// Its face could be wrong: a person must see to it, and why.
    Person(String),
}

/// A due version as it was read.
struct Prepared {
    due: Due,
    row: EventRow,
    kept: Kept,
    certificate: Certificate,
    /// The act of making it.
    incoming: Incoming,
    fate: Fate,
}

/// What a transaction made of it.
enum Step {
    /// Somebody else is at work on the certificate, or was: the next round looks again.
    Later,
    /// Settled without a file.
    Settled(Option<Box<Answer>>),
    Make(Box<Make>),
}

impl Province {
    /// Makes every version that is due. One that cannot be made for a fault of our own stays due and holds up no other.
    ///
    /// # Errors
    /// The last such fault, after all others are done.
    pub(super) fn issue_due(self: &Arc<Self>, now: i64) -> Result<Vec<Answer>, NodeError> {
        let today = ::lifecycle::day_of(now).to_string();
        let (mut answers, mut failed) = (Vec::new(), None);
        let mut after = (String::new(), String::new());
        loop {
            let due = self.store.read(|session| event::due(session, &today, (&after.0, &after.1), MOST))?;
            let Some(last) = due.last() else { break };
            after = (last.issue_on.clone(), last.event_row.clone());
            let (done, error) = self.issue_rows(due, now);
            answers.extend(done);
            failed = error.or(failed);
        }
        failed.map_or(Ok(answers), Err)
    }

    /// Makes what is due of the certificates of some events, so that each stands on the newest face.
    pub(super) fn issue_due_of<'a>(
        self: &Arc<Self>,
        events: impl Iterator<Item = &'a Incoming>,
        now: i64,
    ) -> Result<(), NodeError> {
        let today = ::lifecycle::day_of(now).to_string();
        for incoming in events {
            let due = self.store.read(|session| -> Result<_, NodeError> {
                match find(session, self, incoming)? {
                    Some(one) => Ok(event::due_of(session, &one.id, &today)?),
                    None => Ok(Vec::new()),
                }
            })?;
            self.issue_rows(due, now);
        }
        Ok(())
    }

    fn issue_rows(self: &Arc<Self>, mut rows: Vec<Due>, now: i64) -> (Vec<Answer>, Option<NodeError>) {
        let (mut answers, mut failed) = (Vec::new(), None);
        while !rows.is_empty() {
            // One at a time of a certificate, in the order of their days: the second stands on the first.
            let mut seen = HashSet::new();
            let (round, rest): (Vec<Due>, Vec<Due>) =
                rows.into_iter().partition(|due| seen.insert(due.certificate_id.clone()));
            rows = rest;
            let alone: Vec<Due> = if round.len() > 1 { round.clone() } else { Vec::new() };
            match self.due_round(round, now) {
                Ok(done) => answers.extend(done),
                Err(error) if alone.is_empty() => failed = Some(error),
                // One bad certificate must not hold up the others: each for itself, so that it fails alone.
                Err(_) => {
                    for one in alone {
                        match self.due_round(vec![one], now) {
                            Ok(done) => answers.extend(done),
                            Err(error) => failed = Some(error),
                        }
                    }
                }
            }
        }
        (answers, failed)
    }

    /// Due versions of different certificates.
    fn due_round(self: &Arc<Self>, round: Vec<Due>, now: i64) -> Result<Vec<Answer>, NodeError> {
        self.stage("due")?;
        let read = each(self.threads, round, |due| self.prepare(due, now));
        let mut all = Vec::with_capacity(read.len());
        let (mut candidates, mut trials) = (Vec::new(), Vec::new());
        for one in read {
            let Some((prepared, shown)) = one? else { continue };
            let (candidate, photo) = shown.unzip();
            trials.push(candidate.as_ref().map(|candidate| trial(candidate, photo.flatten())));
            candidates.push(candidate);
            all.push(prepared);
        }
        let batch: Arc<Vec<Incoming>> = Arc::new(all.iter().map(|one| one.incoming.clone()).collect());
        let (province, all, shared) = (Arc::clone(self), Arc::new(all), Arc::new(trials));
        let trials = Arc::clone(&shared);
        let steps: Vec<Step> = self.store.write(move |session| {
            let pairs = all.iter().zip(shared.iter());
            pairs.map(|(one, trial)| one.settle(session, &province, trial.as_ref())).collect()
        })?;
        let (mut answers, mut jobs) = (Vec::new(), Vec::new());
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Step::Later => {}
                Step::Settled(answer) => answers.extend(answer.map(|answer| *answer)),
                Step::Make(make) => {
                    if let (Some(candidate), Some(trial)) =
                        (candidates[index].as_ref(), trials[index].as_ref())
                    {
                        jobs.push((index, *make, candidate, trial));
                    }
                }
            }
        }
        answers.extend(self.issue(&batch, jobs)?.into_iter().filter_map(|(_, answer)| answer));
        Ok(answers)
    }

    /// Reads a due version and lays out its face; `None` when it was dealt with meanwhile.
    fn prepare(&self, due: Due, now: i64) -> Result<Option<(Prepared, Option<Shown<'_>>)>, NodeError> {
        let read = self.store.read(|session| -> Result<_, NodeError> {
            let (Some(row), Some(one)) =
                (event::by_id(session, &due.event_row)?, certificate::by_id(session, &due.certificate_id)?)
            else {
                return Err(NodeError::refused(
                    format!("到日制发的业务事件“{}”不在数据库里", due.event_row),
                    "请运行 luzheng doctor",
                ));
            };
            let kept = Kept::open(&self.personal, &row)?;
            let fate = fate_of(session, self, &row, &kept, &one, ::lifecycle::day_of(now))?;
            let face = certificate::record(session, &one.id)?;
            Ok((row, kept, one, fate, face))
        })?;
        let (row, kept, certificate, fate, face) = read;
        let incoming = follow_up(self, &row, &kept, ("due", EventKind::Reissue), now);
        let prepared = Prepared { due, row, kept, certificate, incoming, fate };
        if !matches!(prepared.fate, Fate::Make(_)) {
            return Ok(Some((prepared, None)));
        }
        let today = prepared.incoming.today.date();
        let own = prepared.kept.message.record.clone().map(|record| (record, prepared.row.photo.clone()));
        let shown = match (own, face) {
            (Some(own), _) => Some(own),
            (None, Some((sealed, photo))) => {
                let place = certificate::record_place(&prepared.certificate.id);
                let record: model::Record = parse(&self.personal.open(&place, &sealed)?, "照面记录")?;
                let kind = self.data.catalogue.kind(&prepared.certificate.kind, today);
                kind.map(|kind| (carry(record, &prepared.kept.message, &prepared.kept.event, kind), photo))
            }
            (None, None) => None,
        };
        let Some((record, photo)) = shown else { return Ok(Some((prepared, None))) };
        let bytes = photo.as_deref().map(|photo| load_photo(self, photo)).transpose()?;
        let candidate: Candidate<'_> = check(self.works(), record, bytes, today);
        Ok(Some((prepared, Some((candidate, photo)))))
    }
}

/// What the node itself does on the day of an event that was dated ahead, as an event: `<event id>/<word>`.
pub(super) fn follow_up(
    province: &Province,
    row: &EventRow,
    kept: &Kept,
    (word, kind): (&str, EventKind),
    now: i64,
) -> Incoming {
    let of = &kept.message;
    let message = BusinessEvent {
        source: row.source.clone(),
        event_id: format!("{}/{word}", row.event_id),
        event: kind.name().to_owned(),
        subject_ref: of.subject_ref.clone(),
        identifier: of.identifier.clone(),
        certificate_no: of.certificate_no.clone(),
        kind: of.kind.clone().or_else(|| of.record.as_ref().map(|record| record.kind.clone())),
        occurred_at: of.occurred_at.clone(),
        effective_on: Some(::lifecycle::day_of(now).to_string()),
        operator: of.operator.clone(),
        decision: of.decision.clone(),
        // Before there was a record nobody could be told by it.
        holder_phone: of.holder_phone.clone(),
        ..BusinessEvent::default()
    };
    Incoming::again(province, message, Actor::node(), province.new_id(now), now)
}

/// Is the newest file older than what is in force?
pub(super) fn is_behind(one: &Certificate, history: &History, today: codes::LegalDate) -> bool {
    one.version < i64::from(history.state(today).version)
}

/// Does the newest face lack what a version that was left to a person would have said?
pub(super) fn is_incomplete(session: &mut Session, one: &Certificate) -> Result<bool, NodeError> {
    Ok(certificate::lacks_version(session, &one.id, CODE)?)
}

/// A face that may not be carried on.
pub(super) fn no_face(record: &model::Record) -> Finding {
    Finding {
        record_id: record.record_id.clone(),
        item: "record".into(),
        item_name: "照面数据".into(),
        rule: CODE.into(),
        severity: Severity::Error,
        what: INCOMPLETE.into(),
        fix: "请随本事件附上完整的照面数据（record）".into(),
    }
}

fn fate_of(
    session: &mut Session,
    province: &Province,
    row: &EventRow,
    kept: &Kept,
    one: &Certificate,
    today: codes::LegalDate,
) -> Result<Fate, NodeError> {
    let subject = (row.source.as_str(), row.subject_ref.as_str());
    let history = load(session, &province.personal, Some(one), &one.kind, subject)?;
    Ok(match fate(&history, kept, one.version, today) {
        Fate::Make(_) if kept.message.record.is_none() && is_incomplete(session, one)? => {
            Fate::Person(INCOMPLETE.into())
        }
        fate => fate,
    })
}

/// What is right for a scheduled version on its day. A face is made only where it is sure to know of everything before it.
fn fate(history: &History, kept: &Kept, newest: i64, today: codes::LegalDate) -> Fate {
    let issues = |past: &Past| past.deltas.contains(&::lifecycle::Delta::NewVersion);
    let past = history.past();
    let place = past.iter().position(|one| one.event.name() == kept.event.name());
    let Some((place, mine)) = place.map(|place| (place, &past[place])).filter(|(_, mine)| issues(mine))
    else {
        return Fate::Nothing("not applied".into());
    };
    let base = history.state(today).base;
    if base.is_terminal() {
        return Fate::Nothing(base.name().to_owned());
    }
    let before = past[..=place].iter().filter(|one| issues(one)).count();
    let number = usize::from(history.origin().version).saturating_add(before);
    if newest >= i64::try_from(number).unwrap_or(i64::MAX) {
        return Fate::Person("其后已制发更新的版本，该版本的照面未必包含本次内容".into());
    }
    if kept.message.record.is_some() {
        // Its face was written before that one was known.
        let later = |one: &Past| issues(one) && one.state_seq > mine.state_seq;
        if past[..place].iter().any(later) {
            return Fate::Person("登记后又办理了更早生效的换版业务，随本事件提交的照面未必包含其内容".into());
        }
    } else if newest.saturating_add(1) != i64::try_from(number).unwrap_or(i64::MAX) {
        return Fate::Person(INCOMPLETE.into());
    }
    u16::try_from(number).map_or_else(|_| Fate::Person("版本号已满".into()), Fate::Make)
}

impl Prepared {
    /// In one transaction: the intent, or why there is none. The row of the due version goes with either.
    fn settle(
        &self,
        session: &mut Session,
        province: &Province,
        trial: Option<&Trial>,
    ) -> Result<Step, NodeError> {
        let Some(mut one) = certificate::lock(session, &self.certificate.id)? else { return Ok(Step::Later) };
        // What was read is what is there, and nobody was faster.
        let moved = (one.version, one.state_seq) != (self.certificate.version, self.certificate.state_seq);
        if moved || issue::is_busy(session, &one.id)? {
            return Ok(Step::Later);
        }
        if !event::clear_due(session, &self.due.event_row)? {
            return Ok(Step::Settled(None));
        }
        let number = match &self.fate {
            Fate::Nothing(why) => {
                self.note(session, province, &one, ("closed", why))?;
                return Ok(Step::Settled(None));
            }
            Fate::Person(why) => return self.ask(session, province, &one, why),
            Fate::Make(number) => *number,
        };
        let today = self.incoming.today;
        let Some(trial) = trial else {
            return self.ask(session, province, &one, "没有可用的照面数据");
        };
        let Some(kind) = province.data.catalogue.kind(&one.kind, today.date()) else {
            return self.ask(session, province, &one, "证照目录当日不含该证照种类");
        };
        let mut wrong = trial.findings.first().cloned();
        if wrong.is_none() {
            wrong = taken(session, province, kind, &trial.record, Some(&one), today)?;
        }
        if let Some(finding) = wrong {
            // The finding itself quotes what the record says; a work item is plain text.
            let why = format!("照面的“{}”当日不合规（规则 {}）", finding.item_name, finding.rule);
            return self.ask(session, province, &one, &why);
        }
        if event::find(session, &self.incoming.message.source, &self.incoming.message.event_id)?.is_some() {
            let why = format!("事件编号“{}”已被占用", self.incoming.message.event_id);
            return self.ask(session, province, &one, &why);
        }
        let intent = mint(session, province, kind, &mut one, trial, number, &self.incoming)?;
        certificate::update(session, &one)?;
        self.intend(session, province, one, intent, trial)
    }

    fn intend(
        &self,
        session: &mut Session,
        province: &Province,
        one: Certificate,
        intent: crate::issue::journal::Intent,
        trial: &Trial,
    ) -> Result<Step, NodeError> {
        let incoming = &self.incoming;
        let event = incoming.event.clone().map_err(|findings| {
            let what = findings.first().map_or_else(String::new, |finding| finding.what.clone());
            NodeError::refused(format!("到日制发事件不能生成：{what}"), "请报告此问题")
        })?;
        let effect = self.effect(session, province, &one)?;
        let kept = Kept {
            message: incoming.message.clone(),
            actor: incoming.actor.clone(),
            event,
            outcome: None,
            deltas: Vec::new(),
            makes: Some(self.row.id.clone()),
            mended: Vec::new(),
        };
        let answer = Answer {
            source: incoming.message.source.clone(),
            event_id: incoming.message.event_id.clone(),
            certificate: Some(one.id.clone()),
            ..Answer::default()
        };
        let mut row = row_of(province, incoming, incoming.row.clone(), &kept, &answer)?;
        row.set_certificate(Some(&one));
        row.photo.clone_from(&trial.photo);
        event::put(session, &row)?;
        let body =
            Body { intent: intent.clone(), effect: effect.clone(), record: Some(trial.record.clone()) };
        issue::open_intent(
            session,
            &IntentRow {
                identifier: intent.identifier.clone(),
                certificate_id: one.id.clone(),
                event_row: row.id.clone(),
                body: province.personal.seal(&intent_place(&intent.identifier), &json(&body)?),
                opened_at: incoming.now,
            },
        )?;
        Ok(Step::Make(Box::new(Make { certificate: one, effect, intent, row, kept })))
    }

    /// The state as it stands anyway, counted on: what the event does was recorded with it, and is not done twice.
    fn effect(
        &self,
        session: &mut Session,
        province: &Province,
        one: &Certificate,
    ) -> Result<Effect, NodeError> {
        let today = self.incoming.today;
        let subject = (self.row.source.as_str(), self.row.subject_ref.as_str());
        let mut state = load(session, &province.personal, Some(one), &one.kind, subject)?.state(today);
        state.state_seq = state.state_seq.saturating_add(1);
        let (kind, id) = (self.kept.event.kind, &self.row.event_id);
        Ok(Effect {
            state,
            deltas: Vec::new(),
            changes: vec![format!("制发“{kind}”（{id}）自 {} 起的新版本", self.row.effective_on)],
            version: None,
            issue_on: today,
            collect: true,
            acts: Vec::new(),
            hints: vec![Message {
                code: "DUE_ISSUED".into(),
                what: format!("预先登记的“{kind}”（{id}）已到生效日 {}，新版本已制发", self.row.effective_on),
                fix: "请以新的证照标识为准".into(),
            }],
        })
    }

    /// Left to a person: never a silent wrong face.
    fn ask(
        &self,
        session: &mut Session,
        province: &Province,
        one: &Certificate,
        why: &str,
    ) -> Result<Step, NodeError> {
        let (kind, id) = (self.kept.event.kind, &self.row.event_id);
        let why = Message {
            code: CODE.into(),
            what: format!(
                "“{kind}”（{id}）自 {} 起生效，应制发的新版本未能制发：{why}",
                self.row.effective_on
            ),
            fix: "请核对后发送一条附照面数据（record）的换发事件，制发新版本".into(),
        };
        let (about, row) = (Some(one.id.clone()), Some(self.row.id.clone()));
        apply::open_work(session, province, &self.incoming, about, row, one.area.clone(), &why)?;
        self.note(session, province, one, ("work", &why.what))?;
        let answer = Answer {
            source: self.incoming.message.source.clone(),
            event_id: self.incoming.message.event_id.clone(),
            result: Outcome::Work,
            why: Some(why),
            certificate: Some(one.id.clone()),
            identifier: one.identifier.clone(),
            ..Answer::default()
        };
        apply::tell(session, &self.incoming, &answer)?;
        Ok(Step::Settled(Some(Box::new(answer))))
    }

    /// The log says why there is no file.
    fn note(
        &self,
        session: &mut Session,
        province: &Province,
        one: &Certificate,
        (outcome, why): (&str, &str),
    ) -> Result<(), NodeError> {
        let mut act = Act {
            act: "issue.due".into(),
            at: self.incoming.now,
            actor: Actor::node(),
            object: Some(one.id.clone()),
            area: Some(one.area.clone()),
            outcome: outcome.to_owned(),
            ..Act::default()
        };
        act.detail.insert("source".into(), self.row.source.clone());
        act.detail.insert("event_id".into(), self.row.event_id.clone());
        act.detail.insert("why".into(), why.to_owned());
        Ok(audit::append(session, province.new_id(self.incoming.now), &[act])?)
    }
}
