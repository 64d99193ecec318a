//! What was recorded for a later day comes into force: rows, counters, digest tree and the ministry follow on that day.
//!
//! Verdicts compute the day and never wait for this. Lists, filters and counters read columns, and the other side of a lane what was last
//! sent: a status that takes hold is an act of its own, with a count of its own, a row `<event id>/in-force` without any step.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::lifecycle::{Effect, Message, Outcome as Judged, Past, State};
use codes::LegalDate;
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::{event, issue};

use super::Answer;
use super::apply::{self, Applied};
use super::due::follow_up;
use super::history::{Kept, history_of, parse, set_state};
use crate::{NodeError, Province, overview};

/// Certificates of one transaction.
const MOST: u32 = 64;

impl Province {
    /// Brings every certificate up to the day of `now`: of today, and of the days on which nobody was at work. Each is done in a
    /// transaction with what follows from it, under its lock, so that of several processes one does it, and a kill leaves the rest
    /// for the next round. A certificate that is being worked on waits for that round too.
    ///
    /// # Errors
    /// The last certificate that could not be brought up to the day, after all others are done.
    pub(super) fn come_into_force(self: &Arc<Self>, now: i64) -> Result<Vec<Answer>, NodeError> {
        let today = ::lifecycle::day_of(now).to_string();
        let (mut answers, mut failed) = (Vec::new(), None);
        let mut after = (String::new(), String::new());
        loop {
            let turning = self
                .store
                .read(|session| certificate::turning(session, &today, (&after.0, &after.1), MOST))?;
            let Some(last) = turning.last() else { break };
            after = last.clone();
            let keys: Vec<String> = turning.into_iter().map(|(_, id)| id).collect();
            match self.turn(keys.clone(), now) {
                Ok(done) => answers.extend(done),
                Err(error) if keys.len() == 1 => failed = Some(error),
                // One bad certificate must not hold up the others: each for itself, so that it fails alone.
                Err(_) => {
                    for key in keys {
                        match self.turn(vec![key], now) {
                            Ok(done) => answers.extend(done),
                            Err(error) => failed = Some(error),
                        }
                    }
                }
            }
        }
        failed.map_or(Ok(answers), Err)
    }

    fn turn(self: &Arc<Self>, keys: Vec<String>, now: i64) -> Result<Vec<Answer>, NodeError> {
        self.stage("turn")?;
        let province = Arc::clone(self);
        self.store.write(move |session| {
            let mut answers = Vec::new();
            for key in &keys {
                answers.extend(turn(session, &province, key, now)?);
            }
            Ok(answers)
        })
    }
}

/// One certificate; no answer where there is nothing to say of it.
fn turn(
    session: &mut Session,
    province: &Province,
    key: &str,
    now: i64,
) -> Result<Option<Answer>, NodeError> {
    let Some(one) = certificate::lock(session, key)? else { return Ok(None) };
    let today = ::lifecycle::day_of(now);
    let begins = one.turns_on.as_deref().and_then(|day| LegalDate::parse(day).ok());
    // Somebody was faster, or is at work on it: what that act writes brings it up to its day.
    let Some(begins) = begins.filter(|begins| *begins <= today) else { return Ok(None) };
    if issue::is_busy(session, &one.id)? {
        return Ok(None);
    }
    let history = history_of(session, &province.personal, &one)?;
    let state = history.state(today);
    let turned =
        |past: &&Past| past.outcome == Judged::Applied && (begins..=today).contains(&past.event.effective_on);
    let turned: Vec<&Past> = history.past().iter().filter(turned).collect();
    match turned.last() {
        Some(newest) if is_other(&one, &state)? => {
            let changes = turned.iter().map(|past| in_force(past)).collect();
            act(session, province, one, state, (newest, changes), now).map(Some)
        }
        _ => {
            // It took hold, and nothing is other than before: nobody need hear of it.
            settle(session, one, &state).map(|()| None)
        }
    }
}

/// Does the row say anything else than what is in force? A version is told of when its file is made.
fn is_other(one: &Certificate, state: &State) -> Result<bool, NodeError> {
    let alike =
        |state: State| State { scheduled: Vec::new(), version: 0, carriers: BTreeSet::new(), ..state };
    Ok(alike(parse(&one.state, "证照状态")?) != alike(state.clone()))
}

fn settle(session: &mut Session, mut one: Certificate, state: &State) -> Result<(), NodeError> {
    let was = one.tally(-1);
    set_state(&mut one, state)?;
    certificate::update(session, &one)?;
    overview::moved(session, was, &one);
    Ok(())
}

fn in_force(past: &Past) -> String {
    let event = &past.event;
    format!("预先登记的“{}”（{}）自 {} 起生效", event.kind, event.event_id, event.effective_on)
}

/// The act: everything that an event of today would write, without doing again what was recorded with it.
fn act(
    session: &mut Session,
    province: &Province,
    one: Certificate,
    mut state: State,
    (newest, changes): (&Past, Vec<String>),
    now: i64,
) -> Result<Answer, NodeError> {
    let lost = || {
        let what = format!("已生效的业务事件“{}”不在数据库里", newest.event.event_id);
        NodeError::refused(what, "请运行 luzheng doctor")
    };
    let row = event::find(session, &newest.event.source, &newest.event.event_id)?.ok_or_else(lost)?;
    let of = Kept::open(&province.personal, &row)?;
    let mut word = "in-force".to_owned();
    if event::find(session, &row.source, &format!("{}/{word}", row.event_id))?.is_some() {
        // The sender has used that name itself.
        word = format!("{word}/{}", province.new_id(now));
    }
    let mut incoming = follow_up(province, &row, &of, (&word, newest.event.kind), now);
    incoming.message.holder_phone = None;
    state.state_seq = state.state_seq.saturating_add(1);
    let today = incoming.today;
    let event = ::lifecycle::Event {
        event_id: incoming.message.event_id.clone(),
        digest: incoming.digest.clone(),
        effective_on: today,
        sequence: None,
        has_face: false,
        entitlements: Vec::new(),
        links: Vec::new(),
        undoes: None,
        ..newest.event.clone()
    };
    let effect = Effect {
        state,
        deltas: Vec::new(),
        hints: vec![Message {
            code: "IN_FORCE".into(),
            what: changes.join("；"),
            fix: "请以本次答复的状态为准".into(),
        }],
        changes,
        version: None,
        issue_on: today,
        // What has no file is nothing that the ministry could hold.
        collect: one.version > 0,
        acts: Vec::new(),
    };
    let kept = Kept {
        message: incoming.message.clone(),
        actor: incoming.actor.clone(),
        event,
        outcome: None,
        deltas: Vec::new(),
        makes: Some(row.id),
        mended: Vec::new(),
    };
    let id = incoming.row.clone();
    let applied = Applied { certificate: one, effect, kept, row: id, before: None, version: None };
    apply::apply(session, province, &incoming, applied)
}
