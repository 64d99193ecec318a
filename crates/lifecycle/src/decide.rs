//! One event in, one decision out; and what the decision lets go.

use codes::LegalDate;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use crate::check::judge;
use crate::delta::Delta;
use crate::event::Event;
use crate::history::{History, Outcome};
use crate::late;
use crate::load::Rules;
use crate::message::Message;
use crate::state::State;
use crate::table::{Limits, LinkAct};

/// When no table gives a wait: the kind is unknown, and a person must look soon.
const WAIT_WITHOUT_TABLE: u16 = 1;

/// What an applied event brings about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The new present state, `state_seq` counted on. It may hold `scheduled` parts.
    pub state: State,
    /// What was done, to be stored with the event.
    pub deltas: Vec<Delta>,
    /// The same for people, in Chinese, one thing a line.
    pub changes: Vec<String>,
    /// The number of the version that must be issued, if one must.
    pub version: Option<u16>,
    /// The day on which that version is issued: today, or the later day of effect.
    pub issue_on: LegalDate,
    /// Whether the ministry must hear of it (M7): a new file, or a new status of one.
    pub collect: bool,
    /// What follows for tied certificates.
    pub acts: Vec<LinkAct>,
    /// Worth knowing; the event is applied all the same.
    pub hints: Vec<Message>,
}

/// The answer to an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It takes effect.
    Apply(Box<Effect>),
    /// It came late, changes nothing after it, and takes effect in its place.
    ApplyLate(Box<Effect>),
    /// It came early and waits.
    Wait {
        /// Last day of the wait; afterwards [`release`] gives it up, with an alarm.
        until: LegalDate,
        /// What for.
        why: Message,
    },
    /// The rules forbid it.
    Refuse(Message),
    /// It contradicts what followed, or nobody sent what it waits for: a person decides. Nothing changes until then.
    WorkItem(Message),
    /// The same event again: the answer was this one.
    Same {
        /// How it was answered; `None` while it waits.
        outcome: Option<Outcome>,
        /// The count that it got; 0 unless applied.
        state_seq: u64,
    },
    /// Another content under a known name: nothing changes.
    Conflict(Message),
}

/// Decides an event that arrives on `today`.
///
/// Never panics and changes nothing; the caller stores the answer and then calls [`History::record`]. Each event gets
/// an answer for good, but for [`Decision::Wait`], which [`release`] ends.
#[must_use]
pub fn decide(rules: &Rules, history: &History, event: &Event, today: LegalDate) -> Decision {
    let waiting = history.waiting().iter().find(|one| one.event.is(&event.name()));
    let known = match (history.find(&event.name()), waiting) {
        (Some((_, past)), _) => Some((&past.event, Some(past.outcome), past.state_seq)),
        (None, Some(waiting)) => Some((&waiting.event, None, 0)),
        (None, None) => None,
    };
    match known {
        Some((first, outcome, state_seq)) if first.digest == event.digest => {
            Decision::Same { outcome, state_seq }
        }
        Some(_) => Decision::Conflict(rules.say("EVENT_CONFLICT", event.kind, &event.event_id)),
        None => decide_new(rules, history, event, today),
    }
}

/// The next waiting event that need not wait any longer, with its decision: its index in [`History::waiting`].
/// Ask again after each [`History::record`], until there is none; and once a day, for waits that are over.
#[must_use]
pub fn release(rules: &Rules, history: &History, today: LegalDate) -> Option<(usize, Decision)> {
    let mut order: Vec<usize> = (0..history.waiting().len()).collect();
    order.sort_by_key(|index| {
        let event = &history.waiting()[*index].event;
        (event.effective_on, event.sequence, event.occurred_at, event.name())
    });
    order.into_iter().find_map(|index| {
        let one = &history.waiting()[index];
        match decide_new(rules, history, &one.event, today) {
            Decision::Wait { .. } if today <= one.until => None,
            // Nobody may guess what the missing event said.
            Decision::Wait { why, .. } => {
                Some((index, Decision::WorkItem(rules.say("WAIT_OVER", one.event.kind, &why.what))))
            }
            decision => Some((index, decision)),
        }
    })
}

fn decide_new(rules: &Rules, history: &History, event: &Event, today: LegalDate) -> Decision {
    let limits = rules.table(&history.origin().kind, event.effective_on).map(|table| table.limits);
    let wait = |why: Message| Decision::Wait {
        until: days_after(today, limits.map_or(WAIT_WITHOUT_TABLE, |limits| limits.wait_days)),
        why,
    };
    match sequence(history, event) {
        Sequence::Ready => {}
        Sequence::Gap(next) => {
            return wait(rules.say("SEQUENCE_GAP", event.kind, &format!("第 {next} 号")));
        }
        Sequence::Taken(by) => return Decision::Refuse(rules.say("SEQUENCE_TAKEN", event.kind, &by)),
    }
    if let Some(limit) = too_far(event, limits, today) {
        return Decision::Refuse(rules.say("FUTURE_TOO_FAR", event.kind, &limit.to_string()));
    }
    let place = history.place(event);
    match judge(rules, history, place, event) {
        Ok(acted) => late::fit(rules, history, place, event, acted, today),
        // A source that counts has sent everything before this one already.
        Err(why) if rules.is_early(&why.code) && event.sequence.is_none() => {
            wait(rules.say("EARLY", event.kind, &why.what))
        }
        Err(why) => Decision::Refuse(why),
    }
}

enum Sequence {
    Ready,
    /// The number that is missing.
    Gap(u64),
    /// The event that has this number.
    Taken(String),
}

/// Every answered number counts, a refused one too: its sender has the answer, and waits for no second.
fn sequence(history: &History, event: &Event) -> Sequence {
    let Some(number) = event.sequence else { return Sequence::Ready };
    let same = history.past().iter().filter(|past| past.event.source == event.source);
    let answered = || same.clone().filter_map(|past| Some((past.event.sequence?, past)));
    // The number of a refused event is free for the corrected one.
    let holder = answered().find(|(other, past)| *other == number && past.outcome != Outcome::Refused);
    if let Some((_, past)) = holder {
        return Sequence::Taken(past.event.event_id.clone());
    }
    let mut numbers: Vec<u64> = answered().map(|(other, _)| other).collect();
    numbers.sort_unstable();
    let mut next = 1;
    for other in numbers {
        // Corrected events repeat a number.
        if other == next {
            next += 1;
        }
    }
    if number > next { Sequence::Gap(next) } else { Sequence::Ready }
}

fn too_far(event: &Event, limits: Option<Limits>, today: LegalDate) -> Option<LegalDate> {
    let limit = days_after(today, limits?.schedule_days);
    (event.effective_on > limit).then_some(limit)
}

fn days_after(day: LegalDate, days: u16) -> LegalDate {
    day.date().saturating_add(i64::from(days).days()).into()
}
