//! What happened to one certificate, in effective time, and the states that follow from it.

use codes::LegalDate;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::decide::Decision;
use crate::delta::Delta;
use crate::event::{Event, EventRef};
use crate::message::Message;
use crate::state::{Scheduled, State};

/// How an event was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It took effect (or will, on its day).
    Applied,
    /// The rules forbid it.
    Refused,
    /// A person must decide; until then it has no effect.
    WorkItem,
}

/// An answered event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// The event.
    pub event: Event,
    /// The answer.
    pub outcome: Outcome,
    /// What it did; empty unless applied.
    #[serde(default)]
    pub deltas: Vec<Delta>,
    /// The certificate's count after it; 0 unless applied.
    #[serde(default)]
    pub state_seq: u64,
    /// When the node wrote it down, microseconds UTC.
    pub recorded_at: i64,
}

/// An event that came early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// The event.
    pub event: Event,
    /// Last day of the wait.
    pub until: LegalDate,
    /// What it waits for, for people.
    pub why: Message,
}

/// One certificate's past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    origin: State,
    past: Vec<Past>,
    waiting: Vec<Waiting>,
}

impl History {
    /// A certificate with no events yet: [`State::unknown`] for a new one, an unconverted record's state otherwise.
    #[must_use]
    pub fn new(origin: State) -> Self {
        Self { origin, past: Vec::new(), waiting: Vec::new() }
    }

    /// Rebuilds a history from its stored parts. `answered` stands in the order in which the events were answered:
    /// that order settles the places that dates leave open.
    #[must_use]
    pub fn restore(
        origin: State,
        answered: impl IntoIterator<Item = Past>,
        waiting: impl IntoIterator<Item = Waiting>,
    ) -> Self {
        let mut history = Self { origin, past: Vec::new(), waiting: waiting.into_iter().collect() };
        for past in answered {
            history.insert(past);
        }
        history
    }

    /// From parts that already stand in effective time.
    pub(crate) fn in_order(origin: State, past: Vec<Past>) -> Self {
        Self { origin, past, waiting: Vec::new() }
    }

    /// The state before the first event.
    #[must_use]
    pub fn origin(&self) -> &State {
        &self.origin
    }

    /// The answered events in effective time.
    #[must_use]
    pub fn past(&self) -> &[Past] {
        &self.past
    }

    /// The events that wait.
    #[must_use]
    pub fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    /// Writes a decision down; [`Decision::Same`] and [`Decision::Conflict`] change nothing.
    pub fn record(&mut self, event: &Event, decision: &Decision, recorded_at: i64) {
        let (outcome, deltas, state_seq) = match decision {
            Decision::Apply(effect) | Decision::ApplyLate(effect) => {
                (Outcome::Applied, effect.deltas.clone(), effect.state.state_seq)
            }
            Decision::Refuse(_) => (Outcome::Refused, Vec::new(), 0),
            Decision::WorkItem(_) => (Outcome::WorkItem, Vec::new(), 0),
            Decision::Wait { until, why } => {
                let waiting = Waiting { event: event.clone(), until: *until, why: why.clone() };
                if !self.waiting.iter().any(|one| one.event.is(&event.name())) {
                    self.waiting.push(waiting);
                }
                return;
            }
            Decision::Same { .. } | Decision::Conflict(_) => return,
        };
        self.waiting.retain(|one| !one.event.is(&event.name()));
        self.insert(Past { event: event.clone(), outcome, deltas, state_seq, recorded_at });
    }

    fn insert(&mut self, past: Past) {
        let place = self.place(&past.event);
        self.past.insert(place, past);
    }

    /// Where an event stands in effective time: behind everything that it does not precede.
    pub(crate) fn place(&self, event: &Event) -> usize {
        self.past.iter().rposition(|past| !event.precedes(&past.event)).map_or(0, |index| index + 1)
    }

    pub(crate) fn find(&self, name: &EventRef) -> Option<(usize, &Past)> {
        self.past.iter().enumerate().find(|(_, past)| past.event.is(name))
    }

    /// The state after the first `count` answered events, whatever their days.
    pub(crate) fn before(&self, count: usize) -> State {
        let mut state = self.origin.clone();
        for past in self.past.iter().take(count) {
            state.apply(&past.deltas);
            state.state_seq = state.state_seq.max(past.state_seq);
        }
        state
    }

    /// The present state: in force on `today`, with what is recorded for later under `scheduled`.
    #[must_use]
    pub fn state(&self, today: LegalDate) -> State {
        let split = self.past.partition_point(|past| past.event.effective_on <= today);
        let mut state = self.before(split);
        for past in self.past.iter().skip(split).filter(|past| past.outcome == Outcome::Applied) {
            state.scheduled.push(Scheduled {
                effective_on: past.event.effective_on,
                event: past.event.kind,
                deltas: past.deltas.clone(),
            });
        }
        // The count is of acts recorded, not of acts in force.
        state.state_seq = self.last_seq();
        state
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.past.iter().map(|past| past.state_seq).fold(self.origin.state_seq, u64::max)
    }

    /// What was legally in force on a day, by all that is known now.
    #[must_use]
    pub fn in_force(&self, day: LegalDate) -> State {
        let mut state = self.state(day);
        state.scheduled.clear();
        state
    }

    /// What the record said at an instant (microseconds UTC): what was in force that day by what was written down by then.
    #[must_use]
    pub fn as_recorded(&self, instant: i64) -> State {
        let known = self.past.iter().filter(|past| past.recorded_at <= instant).cloned().collect();
        Self::in_order(self.origin.clone(), known).state(day_of(instant))
    }
}

/// The day in Asia/Shanghai of an instant in microseconds UTC. China has had one offset, without summer time, since 1991.
#[must_use]
pub fn day_of(instant: i64) -> LegalDate {
    // Instants beyond the years -9999..9999 of the calendar stop at its ends.
    let shown = jiff::Timestamp::from_microsecond(instant).unwrap_or(if instant < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    Offset::constant(8).to_datetime(shown).date().into()
}
