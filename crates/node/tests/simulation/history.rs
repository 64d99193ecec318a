//! One random history from a seed: lives of a process between crashes, with a client that knows what it was told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use node::Province;
use node::lifecycle::{Answer, BusinessEvent, Outcome};
use objects::disk::{Call, Disk as _, Fault as DiskFault};
use serde_json::Value;

use super::checker::{self, Evidence};
use super::faults::{Fault, Faults, alive};
use super::ministry::Ministry;
use super::random::Random;
use super::world::{Machine, Parts, object_keys, personal_keys, records};
use crate::support::{SECOND, later, submitted};

const LANE: &str = "ministry";
const STAGES: [&str; 5] = ["photo", "intent", "seal", "store", "commit"];
const LATER: [&str; 14] = [
    "暂扣", "恢复", "补发", "补发", "换发", "停运", "复运", "挂失", "解挂", "停业", "复业", "注销", "暂扣",
    "恢复",
];
/// Events that a history sends at most, after the first of each certificate.
const EVENTS: u64 = 8;

/// What a mutation leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Without {
    #[default]
    Nothing,
    /// One kind of flush of the file store.
    Flush(Call),
    /// Every insert into a table.
    Insert(&'static str),
    /// One stored object at the end of the history, by a flipped bit.
    Object,
}

pub struct History {
    random: Random,
    machine: Machine,
    ministry: Ministry,
    without: Without,
    /// Every event that the client ever sent, in the order of the first time.
    sent: Vec<BusinessEvent>,
    /// Answers that reached the client, by source and event id.
    known: BTreeMap<(String, String), Value>,
    /// Records that this history is about, with how many sequenced events each has; 0 for an unsequenced one.
    subjects: Vec<(usize, u64)>,
    made: u64,
    /// What the client itself has found.
    wrong: Vec<String>,
}

impl History {
    pub fn new(seed: u64, without: Without, parts: &Parts, faults: &Faults) -> Self {
        let mut random = Random(seed);
        let count = 2 + random.below(2);
        let first = random.below(records().len() as u64) as usize;
        let subjects = (0..count as usize)
            .map(|step| ((first + 5 * step) % records().len(), random.below(3) / 2))
            .collect();
        let ministry = Ministry::new(random.next(), parts.trust.clone(), faults.clone());
        let machine = Machine::new(faults.clone());
        Self {
            random,
            machine,
            ministry,
            without,
            sent: Vec::new(),
            known: BTreeMap::new(),
            subjects,
            made: 0,
            wrong: Vec::new(),
        }
    }

    /// Runs it; the parts come back, with what is wrong.
    pub fn run(mut self, mut parts: Parts) -> (Parts, Result<(), Vec<String>>) {
        match self.without {
            Without::Flush(call) => self.machine.disk.ignore(call, true),
            Without::Insert(table) => self.machine.skip_inserts(table),
            Without::Nothing | Without::Object => {}
        }
        for _ in 0..2 + self.random.below(2) {
            parts = self.live(parts);
            let checked = self.restart(parts);
            parts = checked.0;
            if let Err(wrong) = checked.1 {
                return (parts, Err(wrong));
            }
        }
        self.end(parts)
    }

    /// One life of the process, with faults, until it ends in one way or the other.
    fn live(&mut self, parts: Parts) -> Parts {
        self.ministry.rough(true);
        if self.random.below(3) == 0 {
            self.disk_fault(5);
        }
        let province = match self.machine.start(parts) {
            Ok(province) => province,
            Err((parts, _)) => return self.power_cut(parts),
        };
        // What the life before left is taken up under faults too.
        let now = self.machine.now();
        let mut is_alive = alive(|| province.recover(now, now)).is_some();
        for _ in 0..2 + self.random.below(5) {
            self.machine.disk.clear_faults();
            self.machine.disk.set_capacity(None);
            if !is_alive || self.is_down() {
                break;
            }
            self.fault();
            is_alive = self.step(&province);
            self.machine.faults.clear();
        }
        self.machine.disk.clear_faults();
        self.machine.disk.set_capacity(None);
        self.power_cut(Parts::of(province))
    }

    fn is_down(&self) -> bool {
        self.machine.disk.list().is_err()
    }

    fn power_cut(&mut self, parts: Parts) -> Parts {
        self.machine.disk.clear_faults();
        match self.random.below(3) {
            0 if !self.is_down() => self.machine.disk.kill(),
            _ => self.machine.disk.crash(self.random.next()),
        }
        parts
    }

    /// Does one thing; false when the process died in it.
    fn step(&mut self, province: &Arc<Province>) -> bool {
        let now = self.machine.now();
        match self.random.below(10) {
            0..=4 => {
                let batch = self.batch();
                self.send(province, batch)
            }
            5..=7 => alive(|| province.collect_once(LANE, &self.ministry, "worker", now)).is_some(),
            8 => alive(|| province.audit_log().sequence("worker", now)).is_some(),
            _ => alive(|| province.recover(now - 600 * SECOND, now)).is_some(),
        }
    }

    /// Some events, new ones and old ones again.
    fn batch(&mut self) -> Vec<BusinessEvent> {
        let mut batch = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let again = !self.sent.is_empty() && self.random.below(4) == 0;
            let event = if again || self.made >= EVENTS {
                let Some(event) = self.sent.get(self.random.below(self.sent.len() as u64) as usize) else {
                    continue;
                };
                event.clone()
            } else {
                self.new_event()
            };
            if batch.iter().all(|one: &BusinessEvent| one.event_id != event.event_id) {
                batch.push(event);
            }
        }
        // What counts may arrive in any order.
        if self.random.below(3) == 0 {
            batch.reverse();
        }
        batch
    }

    fn new_event(&mut self) -> BusinessEvent {
        let which = self.random.below(self.subjects.len() as u64) as usize;
        let (record, counted) = &mut self.subjects[which];
        let first = &records()[*record];
        let is_new = self.sent.iter().all(|event| event.event_id != first.event_id);
        let mut event = if is_new {
            first.clone()
        } else {
            self.made += 1;
            let subject = first.subject_ref.as_deref().unwrap_or_default();
            later(subject, &format!("{}-{}", first.event_id, self.made), self.random.one_of(&LATER))
        };
        if *counted > 0 {
            event.sequence = Some(*counted);
            *counted += 1;
        }
        self.sent.push(event.clone());
        event
    }

    /// Sends events as a client does; false when no answer came because the process died.
    fn send(&mut self, province: &Arc<Province>, batch: Vec<BusinessEvent>) -> bool {
        let now = self.machine.now();
        let answers = alive(|| province.accept(batch.into_iter().map(submitted).collect(), now));
        let Some(answers) = answers else { return false };
        // Without power no answer leaves the machine.
        self.machine.disk.clear_faults();
        if self.is_down() {
            return false;
        }
        for answer in answers {
            self.hear(&answer);
        }
        true
    }

    fn hear(&mut self, answer: &Answer) {
        let repeated = if answer.repeated { " again" } else { "" };
        self.machine.faults.note(format!("answer/{:?}{repeated}", answer.result));
        if matches!(answer.result, Outcome::Busy | Outcome::Failed | Outcome::Conflict) {
            return;
        }
        let value = serde_json::to_value(answer).expect("an answer");
        let key = (answer.source.clone(), answer.event_id.clone());
        let is_final = |value: &Value| !matches!(value["result"].as_str(), Some("waiting" | "unfit"));
        match self.known.get(&key).filter(|old| is_final(old)) {
            Some(old) if checker::without_repetition(old) != checker::without_repetition(&value) => {
                self.wrong.push(format!("{key:?} was answered {old}, then {value}"));
            }
            Some(_) => {}
            None => drop(self.known.insert(key, value)),
        }
    }

    /// A start without faults: nothing is stuck, and the invariants hold.
    fn restart(&mut self, parts: Parts) -> (Parts, Result<(), Vec<String>>) {
        let province = match self.machine.start(parts) {
            Ok(province) => province,
            Err((parts, error)) => return (parts, Err(vec![format!("start: {error}")])),
        };
        let checked = self.recovered(&province, false);
        let parts = Parts::of(province);
        self.machine.disk.kill();
        (parts, checked)
    }

    fn recovered(&self, province: &Arc<Province>, settled: bool) -> Result<(), Vec<String>> {
        let now = self.machine.now();
        let recovered = province.recover(now, now).map_err(|error| vec![format!("recovery: {error}")])?;
        (0..recovered.finished)
            .for_each(|_| self.machine.faults.note("intent finished by a recovery".into()));
        let mut wrong: Vec<String> = recovered
            .stuck
            .into_iter()
            .map(|(identifier, why)| format!("{identifier} is stuck: {why}"))
            .collect();
        wrong.extend(self.wrong.iter().cloned());
        wrong.extend(checker::check(&Evidence {
            store: &province.store,
            disk: &self.machine.disk,
            keys: &object_keys(),
            personal: &personal_keys(),
            lanes: &[LANE],
            known: &self.known,
            settled,
        }));
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// The client sends everything until it is answered, the lane is drained; both sides hold the same.
    fn end(mut self, parts: Parts) -> (Parts, Result<(), Vec<String>>) {
        self.ministry.rough(false);
        let province = match self.machine.start(parts) {
            Ok(province) => province,
            Err((parts, error)) => return (parts, Err(vec![format!("start: {error}")])),
        };
        let result = self.settle(&province);
        (Parts::of(province), result)
    }

    fn settle(&mut self, province: &Arc<Province>) -> Result<(), Vec<String>> {
        self.recovered(province, false)?;
        let all: Vec<BusinessEvent> = self.sent.clone();
        for event in all {
            let now = self.machine.now();
            let key = (event.source.clone(), event.event_id.clone());
            let answer = province.accept(vec![submitted(event)], now).pop().expect("an answer");
            let told = self.known.get(&key).filter(|told| told["result"] == "applied");
            if told.is_some() && !answer.repeated {
                return Err(vec![format!("{key:?} was acknowledged and is applied anew: {answer:?}")]);
            }
            if matches!(answer.result, Outcome::Busy | Outcome::Failed) {
                return Err(vec![format!("without a fault: {answer:?}")]);
            }
            self.hear(&answer);
        }
        self.drain(province)?;
        let now = self.machine.now();
        province.audit_log().sequence("worker", now).map_err(|error| vec![error.to_string()])?;
        if self.without == Without::Object {
            // Somewhere in the content of the first object.
            self.machine.disk.rot("000001.pack", 200, 1);
        }
        self.recovered(province, true)?;
        let ministry = &self.ministry.machine;
        let wrong = checker::compare(&province.store, &self.ministry.store(), &ministry.disk, &object_keys());
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// Sends until nothing is left; each round comes after the longest lease and pause.
    fn drain(&self, province: &Arc<Province>) -> Result<(), Vec<String>> {
        let mut status = None;
        for _ in 0..20 {
            let now = self.machine.clock.fetch_add(1200 * SECOND, Ordering::Relaxed) + 1200 * SECOND;
            let told = |error: node::NodeError| vec![format!("collection: {error}")];
            province.collect_once(LANE, &self.ministry, "worker", now).map_err(told)?;
            let found = province.collect_status(LANE, now).map_err(told)?;
            if found.pending == 0 && found.dead.is_empty() {
                return Ok(());
            }
            status = Some(found);
        }
        Err(vec![format!("the lane is not drained: {status:?}")])
    }

    /// Often something goes wrong in the next step.
    fn fault(&mut self) {
        match self.random.below(6) {
            0 => self.disk_fault(14),
            1 | 2 => {
                let fault = self.random.one_of(&[
                    Fault::Error,
                    Fault::Crash,
                    Fault::Crash,
                    Fault::Full,
                    Fault::Delay,
                ]);
                self.machine.faults.plan(self.random.one_of(&STAGES), fault);
            }
            _ => {}
        }
    }

    fn disk_fault(&mut self, calls: u64) {
        let fault = self.random.one_of(&[
            DiskFault::Error,
            DiskFault::DiskFull,
            DiskFault::PowerCut,
            DiskFault::PowerCut,
            DiskFault::Delay(5000),
        ]);
        let after = self.random.below(calls);
        self.machine.faults.note(format!("disk/{fault:?} planned"));
        self.machine.disk.inject(None, after, fault);
    }
}
