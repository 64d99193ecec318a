//! The intake: everything that has arrived is accepted as one batch, so that concurrent single events share their commits.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use lifecycle::Message;
use node::Province;
use node::lifecycle::{Answer, Outcome, Submitted};
use tokio::sync::oneshot;

use crate::app::Clock;

/// Events of one batch at most.
const BATCH: usize = 256;
/// Requests with so many events are small: they go before the large ones.
const SMALL: usize = 8;
/// Events of large requests that one batch takes while small ones keep coming, so that they need not wait for a whole batch.
const SHARE: usize = 16;

/// Too many events wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("等待处理的业务事件过多；请稍后重试")]
pub struct Busy;

/// Hands events to one thread that accepts them.
pub(crate) struct Intake {
    queue: Arc<Queue>,
    most: usize,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    ready: Condvar,
}

#[derive(Default)]
struct Waiting {
    small: VecDeque<Item>,
    large: VecDeque<Item>,
    closed: bool,
}

struct Item {
    event: Submitted,
    answer: oneshot::Sender<Answer>,
}

impl Intake {
    pub fn start(province: Arc<Province>, clock: Clock, most: usize) -> Self {
        let queue = Arc::new(Queue::default());
        let ours = Arc::clone(&queue);
        let thread = std::thread::spawn(move || {
            let mut heard = HashMap::new();
            while let Some(batch) = ours.take() {
                let now = clock();
                let sources: BTreeSet<String> =
                    batch.iter().map(|item| item.event.message.source.clone()).collect();
                let (events, answers): (Vec<_>, Vec<_>) =
                    batch.into_iter().map(|item| (item.event, item.answer)).unzip();
                for (answer, to) in accept(&province, events, now).into_iter().zip(answers) {
                    // Nobody waits any more when the connection went away; the event stands all the same.
                    let _ = to.send(answer);
                }
                pulse(&province, &mut heard, sources, now);
            }
        });
        Self { queue, most, thread: Some(thread) }
    }

    pub fn waiting(&self) -> usize {
        let waiting = self.queue.lock();
        waiting.small.len() + waiting.large.len()
    }

    pub async fn accept(&self, events: Vec<Submitted>) -> Result<Vec<Answer>, Busy> {
        let mut tickets = Vec::with_capacity(events.len());
        {
            let mut waiting = self.queue.lock();
            if waiting.closed || waiting.small.len() + waiting.large.len() + events.len() > self.most {
                return Err(Busy);
            }
            let small = events.len() <= SMALL;
            for event in events {
                let (answer, ticket) = oneshot::channel();
                tickets.push(ticket);
                let lane = if small { &mut waiting.small } else { &mut waiting.large };
                lane.push_back(Item { event, answer });
            }
        }
        self.queue.ready.notify_one();
        let mut answers = Vec::with_capacity(tickets.len());
        for ticket in tickets {
            answers.push(ticket.await.map_err(|_| Busy)?);
        }
        Ok(answers)
    }
}

impl Drop for Intake {
    /// Ends after what it has taken in.
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.ready.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that has arrived, up to a batch; `None` when closed and empty.
    fn take(&self) -> Option<Vec<Item>> {
        let mut waiting = self.lock();
        while waiting.small.is_empty() && waiting.large.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let first = waiting.small.len().min(BATCH);
        let mut batch: Vec<Item> = waiting.small.drain(..first).collect();
        let room = if first == 0 { BATCH } else { SHARE.min(BATCH - first) };
        let more = waiting.large.len().min(room);
        batch.extend(waiting.large.drain(..more));
        Some(batch)
    }
}

/// A sender that speaks is noted for the outage clock this often at most, microseconds: a note is a commit.
const PULSE: i64 = 10_000_000;

/// Tells the outage clock who has spoken.
fn pulse(province: &Arc<Province>, heard: &mut HashMap<String, i64>, sources: BTreeSet<String>, now: i64) {
    for source in sources {
        if heard.get(&source).is_none_or(|at| now - at >= PULSE) {
            // The clock is a help, not a condition: an event is not refused because it could not be noted.
            let _ = province.outage_pulse(&source, now);
            heard.insert(source, now);
        }
    }
}

fn accept(province: &Arc<Province>, events: Vec<Submitted>, now: i64) -> Vec<Answer> {
    let names: Vec<(String, String)> =
        events.iter().map(|one| (one.message.source.clone(), one.message.event_id.clone())).collect();
    let accepted = catch_unwind(AssertUnwindSafe(|| province.accept(events, now)));
    accepted.unwrap_or_else(|_| names.into_iter().map(failed).collect())
}

/// The answer to an event on which a panic of ours came.
fn failed((source, event_id): (String, String)) -> Answer {
    Answer {
        source,
        event_id,
        result: Outcome::Failed,
        why: Some(Message {
            code: "FAILED".into(),
            what: "处理时发生内部错误".into(),
            fix: "请稍后以同一事件编号再次提交".into(),
        }),
        ..Answer::default()
    }
}
