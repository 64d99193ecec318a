//! A province's month: paper stock converted in waves, first issues day by day, and what happens to certificates afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use node::audit::Actor;
use node::convert::{PlanRequest, Waves};
use node::deliver::{ActivationItem, ActivationResult};
use node::lifecycle::{Answer, BusinessEvent, Outcome, Submitted, Tie};
use sample::{Place, Sample, SampleOptions, generate};

use super::apart::{STRAYED, STRAYED_FIRST};
use super::clock::{DemoClock, HOUR, day, is_working, rfc3339};
use super::dice::Dice;
use super::holders::Holders;
use super::nodes::{MINISTRY, NOT_ENROLLED, Node, SOURCE, SPECS, operator};
use super::roadside::Patrol;
use super::story::{Step, Subject, event, story};
use crate::cli::Failure;

/// The days before today that are told.
pub const DAYS: usize = 30;
/// Events that one call takes at most, as the intake of a serving node.
const BATCH: usize = 256;
/// Of a hundred records this many come as paper stock.
const STOCK_PERCENT: usize = 64;
/// Days on which a wave of the conversion runs, and its share of the stock in percent: some of it is left for the visitor.
const WAVES: [usize; 6] = [0, 1, 3, 6, 8, 10];
const WAVE_PERCENT: usize = 16;
/// Certificates of the authority that the ministry has not enrolled.
pub const NOT_ENROLLED_MOST: usize = 8;
/// They come from this day on.
const NOT_ENROLLED_FROM: usize = 20;
/// Vehicles of the company whose licence ends.
const FLEET: usize = 6;
/// The ministry, as who hands activations back.
const MINISTRY_ID: &str = SPECS[MINISTRY].id;
/// The name of the conversion.
pub const CONVERSION: &str = "2026年存量转化";

/// How much is invented.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Records, of which some are wrong.
    pub records: usize,
    /// Later events on a working day.
    pub events: usize,
}

/// What a month brought.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Answers by outcome.
    pub answers: BTreeMap<&'static str, usize>,
    /// Certificates converted from paper.
    pub converted: i64,
}

/// One province.
pub struct Month<'a> {
    node: &'a Node,
    clock: DemoClock,
    sample: Sample<'a>,
    amount: Amount,
    /// First issues that are still to come, by day.
    firsts: Vec<Vec<usize>>,
    stock: Vec<usize>,
    /// Later events by the day on which they are sent.
    later: BTreeMap<usize, Vec<(Subject, Step)>>,
    /// Certificates that nothing has happened to yet.
    fresh: Vec<Subject>,
    /// Ids of 撤销 events, by certificate.
    annulled: BTreeMap<String, String>,
    fleet: Option<Subject>,
    vehicles: usize,
    count: usize,
    dice: Dice,
    /// 证照标识 by the day on which its holder activates it.
    unopened: BTreeMap<usize, Vec<String>>,
    today: usize,
    /// Those who meet the certificates on the road.
    pub patrol: Patrol,
    /// Holders that a visitor may be.
    pub holders: Holders,
    /// What it has brought so far.
    pub tally: Tally,
}

impl<'a> Month<'a> {
    /// Plans a month that begins at an instant (midnight, microseconds UTC).
    ///
    /// # Errors
    /// A catalogue without the invented authorities.
    pub fn plan(
        node: &'a Node,
        place: Place,
        amount: Amount,
        clock: &DemoClock,
        begin: i64,
    ) -> Result<Self, Failure> {
        let options = SampleOptions {
            count: amount.records,
            seed: 2026,
            today: day(begin),
            place,
            ..SampleOptions::default()
        };
        let catalogue = &node.running.province.data.catalogue;
        let sample = generate(options, catalogue).map_err(|error| error.to_string())?;
        let mut dice = Dice::new(u64::from(place == Place::Trial) + 26);
        let shares = shares(begin);
        let (mut stock, mut firsts) = (Vec::new(), vec![Vec::new(); DAYS]);
        let mut not_enrolled = 0;
        for kind in sample.kinds() {
            let length = kind.range.len();
            for (place, number) in kind.range.clone().enumerate() {
                if sample.case(number).is_some_and(|case| case.record.authority_uscc == NOT_ENROLLED) {
                    not_enrolled += 1;
                    if not_enrolled <= NOT_ENROLLED_MOST {
                        // Late, so that no outage waits for them for ever.
                        firsts[NOT_ENROLLED_FROM + not_enrolled % 4].push(number);
                    }
                    continue;
                }
                if place * 100 < length * STOCK_PERCENT {
                    stock.push(number);
                } else {
                    firsts[dice.pick(&shares)].push(number);
                }
            }
        }
        Ok(Self {
            node,
            clock: clock.clone(),
            sample,
            amount,
            firsts,
            stock,
            later: BTreeMap::new(),
            fresh: Vec::new(),
            annulled: BTreeMap::new(),
            fleet: None,
            vehicles: 0,
            count: 0,
            dice,
            unopened: BTreeMap::new(),
            today: 0,
            patrol: Patrol::new(u64::from(place == Place::Trial) + 34),
            holders: Holders::default(),
            tally: Tally::default(),
        })
    }

    /// Certificates that the whole month seals, about.
    pub fn expected(&self) -> usize {
        let firsts: usize = self.firsts.iter().map(Vec::len).sum();
        firsts + self.stock.len() * WAVES.len() * WAVE_PERCENT / 100
    }

    /// Files the paper stock as records, as the clerk would who imports an old system's list.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn file_stock(&mut self, folder: &Path, now: i64) -> Result<(), Failure> {
        std::fs::create_dir_all(folder.join("photos"))?;
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for &number in &self.stock {
            let (Some(kind), Some(case)) = (self.kind_of(number), self.sample.case(number)) else { continue };
            let mut record = case.record;
            record.source = SOURCE.to_owned();
            if let (Some(path), Some(photo)) = (&record.photo, self.sample.photo(number)) {
                std::fs::write(folder.join(path), photo)?;
            }
            records::append_json_line(&record, files.entry(kind).or_default());
        }
        for (kind, lines) in files {
            std::fs::write(folder.join(format!("{kind}.jsonl")), lines)?;
        }
        let actor = operator("经办甲");
        let request = PlanRequest { name: CONVERSION, input: folder, source: Some(SOURCE), actor: &actor };
        self.node.running.province.convert_plan(&request, now, &mut |_| {})?;
        // What was read stands in the rows now; the photos in the file store.
        Ok(std::fs::remove_dir_all(folder)?)
    }

    /// One wave of the conversion, on its days.
    ///
    /// # Errors
    /// A database or file store that cannot be written.
    pub fn convert(&mut self, today: usize) -> Result<(), Failure> {
        if !WAVES.contains(&today) {
            return Ok(());
        }
        let size = u32::try_from((self.stock.len() * WAVE_PERCENT).div_ceil(100)).unwrap_or(u32::MAX);
        let waves = Waves { size, refused_percent: None, failures: Some(5), waves: Some(1) };
        let (province, clock) = (&self.node.running.province, self.clock.clone());
        let status = province.convert_run(
            CONVERSION,
            &waves,
            &operator("经办甲"),
            &move || clock.now(),
            &mut |_| {},
        )?;
        self.tally.converted = status.counts.converted;
        if today == WAVES[WAVES.len() - 1] {
            self.join_stock()?;
        }
        Ok(())
    }

    /// From now on things may happen to what was converted.
    fn join_stock(&mut self) -> Result<(), Failure> {
        let province = &self.node.running.province;
        for number in self.stock.clone() {
            let (Some(kind), Some(case)) = (self.kind_of(number), self.sample.case(number)) else { continue };
            let key = case.record.record_id;
            let origin = node::lifecycle::Origin::Subject(SOURCE, &key);
            if case.truth.is_none() && province.locate(origin)?.is_some() {
                self.fresh.push(Subject { number, key, kind });
            }
        }
        Ok(())
    }

    /// What the business system sends in one half of a day: 0 before noon, 1 after.
    pub fn messages(&mut self, today: usize, half: usize) -> Vec<BusinessEvent> {
        let at = self.clock.now();
        self.today = today;
        let mut out = Vec::new();
        if let Some(numbers) = self.firsts.get(today).cloned() {
            for number in numbers.into_iter().filter(|number| number % 2 == half) {
                out.extend(self.first(number, at));
            }
        }
        if half == 0 {
            for (subject, step) in self.later.remove(&today).unwrap_or_default() {
                out.extend(self.step(&subject, step, at));
            }
        } else {
            self.begin_stories(today, at, &mut out);
        }
        out
    }

    /// New stories, as many as a day has.
    fn begin_stories(&mut self, today: usize, at: i64, out: &mut Vec<BusinessEvent>) {
        let busy = if is_working(at) { self.amount.events } else { self.amount.events / 5 };
        for _ in 0..busy.min(self.fresh.len()) {
            let place = self.dice.below(self.fresh.len());
            let subject = self.fresh.swap_remove(place);
            for &step in story(&mut self.dice, &subject.kind) {
                if step.after == 0 {
                    out.extend(self.step(&subject, step, at));
                } else {
                    self.later.entry(today + step.after).or_default().push((subject.clone(), step));
                }
            }
        }
        // The company with a fleet ends its licence: each vehicle becomes somebody's work.
        if today + 6 == DAYS
            && let Some(licence) = self.fleet.take()
        {
            out.extend(self.step(&licence, Step { after: 0, event: "注销", late: 0 }, at));
        }
    }

    fn first(&mut self, number: usize, at: i64) -> Option<BusinessEvent> {
        let (kind, case) = (self.kind_of(number)?, self.sample.case(number)?);
        let key = case.record.record_id.clone();
        let mut message = self.message("初领", &key, at);
        let photo = case.record.photo.as_ref().and_then(|_| self.sample.photo(number));
        message.photo = photo.map(|bytes| gm::base64::encode(&bytes));
        message.record = Some(case.record);
        if let Some(record) = &mut message.record {
            record.source = SOURCE.to_owned();
        }
        let subject = Subject { number, key, kind };
        if case.truth.is_some() {
            return Some(message);
        }
        let phone = self.phone(number);
        let known = (subject.key.as_str(), message.record.as_ref()?);
        self.holders.meet(self.node, &subject.kind, known, &phone);
        message.holder_phone = Some(phone);
        match subject.kind.as_str() {
            "operation-licence" if self.fleet.is_none() && self.vehicles == 0 => self.fleet = Some(subject),
            "transport-certificate" if self.vehicles < FLEET && self.fleet.is_some() => {
                self.vehicles += 1;
                message.links.extend(self.fleet.as_ref().map(|licence| Tie {
                    relation: ::lifecycle::Relation::Under,
                    subject_ref: Some(licence.key.clone()),
                    identifier: None,
                }));
            }
            _ => self.fresh.push(subject),
        }
        Some(message)
    }

    /// An invented phone; nothing is ever sent to it.
    fn phone(&self, number: usize) -> String {
        format!("199{}{number:06}", self.node.spec.area)
    }

    /// Activations of a day, as the ministry's mini-program hands them back.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn activate(&mut self, today: usize) -> Result<(), Failure> {
        let now = self.clock.now();
        let due = self.unopened.remove(&today).unwrap_or_default();
        if due.is_empty() {
            return Ok(());
        }
        let item = |(place, identifier): (usize, String)| ActivationItem {
            id: format!("{}-{today}-{place}", self.node.spec.area),
            identifier,
            activated_at: rfc3339(now - HOUR),
            channel: "mini-program".into(),
        };
        let items: Vec<ActivationItem> = due.into_iter().enumerate().map(item).collect();
        let actor = Actor { client: MINISTRY_ID.into(), ..Actor::default() };
        let answers = self.node.running.province.deliver_feed(MINISTRY_ID, &items, &actor, now)?;
        let done = answers.iter().filter(|one| one.result == ActivationResult::Applied).count();
        *self.tally.answers.entry("激活").or_default() += done;
        Ok(())
    }

    fn step(&mut self, subject: &Subject, step: Step, at: i64) -> Option<BusinessEvent> {
        self.holders.hear(step.event, &subject.key);
        let happened = at - i64::try_from(step.late).unwrap_or(0) * 24 * HOUR;
        let mut message = self.message(step.event, &subject.key, happened);
        if step.event == "变更" {
            // The holder has moved: the address of the next record, the photo as it was.
            let mut record = self.sample.case(subject.number)?.record;
            let other = self.sample.case(subject.number.checked_sub(1)?)?.record;
            let item = if record.face.get("KZ_ZZ").is_some() { "KZ_ZZ" } else { "KZ_YHDZ" };
            record.face.set(item, other.face.get(item)?.clone());
            record.source = SOURCE.to_owned();
            let photo = record.photo.as_ref().and_then(|_| self.sample.photo(subject.number));
            message.photo = photo.map(|bytes| gm::base64::encode(&bytes));
            message.record = Some(record);
        }
        match step.event {
            "撤销" => {
                self.annulled.insert(subject.key.clone(), message.event_id.clone());
            }
            // A reversal names what it undoes.
            "复议/诉讼恢复" => {
                let event_id = self.annulled.remove(&subject.key)?;
                message.undoes = Some(::lifecycle::EventRef { source: SOURCE.into(), event_id });
            }
            _ => {}
        }
        Some(message)
    }

    fn message(&mut self, name: &str, key: &str, at: i64) -> BusinessEvent {
        self.count += 1;
        event(name, key, (at, self.count), self.node.spec.authority)
    }

    /// Hands messages in, as the intake of a serving node does.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn accept(&mut self, messages: Vec<BusinessEvent>) -> Result<usize, Failure> {
        let (province, now) = (&self.node.running.province, self.clock.now());
        if messages.is_empty() {
            return Ok(0);
        }
        province.outage_pulse(SOURCE, now)?;
        let mut sealed = 0;
        let mut rest = messages.into_iter().peekable();
        while rest.peek().is_some() {
            let actor = Actor { client: format!("yunzheng-{}", self.node.spec.area), ..Actor::default() };
            let batch: Vec<Submitted> = rest
                .by_ref()
                .take(BATCH)
                .map(|message| Submitted { message, actor: actor.clone() })
                .collect();
            let answers = province.accept(batch, now);
            sealed += answers.iter().filter(|one| one.result == Outcome::Applied).count();
            answers.iter().for_each(|answer| self.note(answer));
            for answer in answers {
                let (Some(identifier), Some(certificate)) = (answer.identifier, answer.certificate) else {
                    continue;
                };
                self.patrol.know(&identifier, &certificate);
                // Two of three do so within four days.
                if self.dice.below(3) < 2 {
                    let after = 1 + self.dice.below(4);
                    self.unopened.entry(self.today + after).or_default().push(identifier);
                }
            }
        }
        Ok(sealed)
    }

    fn note(&mut self, answer: &Answer) {
        let word = match answer.result {
            Outcome::Applied => "办结",
            Outcome::Waiting => "等待",
            Outcome::Refused => "拒绝",
            Outcome::Conflict => "冲突",
            Outcome::Work => "转人工",
            Outcome::Unfit => "须补正",
            Outcome::Busy | Outcome::Failed => "失败",
        };
        *self.tally.answers.entry(word).or_default() += 1;
    }

    fn kind_of(&self, number: usize) -> Option<String> {
        let kind = self.sample.kinds().iter().find(|kind| kind.range.contains(&number))?;
        Some(kind.kind.slug.clone())
    }

    /// What is handed in while the lane leads to the wrong node: first issues of the day, and events of certificates that the
    /// ministry holds.
    pub fn astray(&mut self) -> Vec<BusinessEvent> {
        let at = self.clock.now();
        let mut out = Vec::new();
        let is_good = |sample: &Sample<'_>, number: usize| {
            let case = sample.case(number);
            case.is_some_and(|case| case.truth.is_none() && case.record.authority_uscc != NOT_ENROLLED)
        };
        // Those of the morning have been sent; a day of rest has none of its own.
        let mut firsts = Vec::new();
        for (day, numbers) in self.firsts.iter_mut().enumerate().skip(self.today) {
            numbers.retain(|&number| {
                let is_left = (day > self.today || number % 2 == 1) && is_good(&self.sample, number);
                let is_taken = is_left && firsts.len() < STRAYED_FIRST;
                if is_taken {
                    firsts.push(number);
                }
                !is_taken
            });
        }
        // Stock may not have been converted yet; a change takes its address from the record before.
        let fits = |one: &Subject| {
            let before = one.number.checked_sub(1);
            !self.stock.contains(&one.number)
                && is_good(&self.sample, one.number)
                && before.is_some_and(|number| is_good(&self.sample, number))
        };
        let (mut known, rest): (Vec<Subject>, Vec<Subject>) =
            std::mem::take(&mut self.fresh).into_iter().partition(fits);
        for name in STRAYED {
            let step = Step { after: 0, event: name, late: 0 };
            let message =
                std::iter::from_fn(|| known.pop()).find_map(|subject| self.step(&subject, step, at));
            out.extend(message);
        }
        self.fresh = rest;
        self.fresh.extend(known);
        let left = self.fresh.len();
        for number in firsts {
            out.extend(self.first(number, at));
        }
        // Nothing else happens to them: the next delivery would mend what went astray.
        self.fresh.truncate(left);
        out
    }

    /// Events that are early for good or name nobody: they wait, and somebody will have to look.
    pub fn early(&mut self) -> Vec<BusinessEvent> {
        let at = self.clock.now();
        let mut out = Vec::new();
        for name in ["恢复", "解挂"] {
            if let Some(subject) = self.fresh.pop() {
                out.push(self.message(name, &subject.key, at));
            }
        }
        let unknown = format!("S{}-9{:05}", 2026, self.count);
        let mut message = self.message("换发", &unknown, at);
        message.kind = Some("qualification".into());
        out.push(message);
        out
    }
}

/// Days, each as often as it is busy: five times on a working day.
fn shares(begin: i64) -> Vec<usize> {
    let busy = |today: usize| {
        let at = begin + i64::try_from(today).unwrap_or(0) * 24 * HOUR;
        if is_working(at) { 5 } else { 1 }
    };
    (0..DAYS).flat_map(|today| std::iter::repeat_n(today, busy(today))).collect()
}
