//! The waves of a run.

use std::sync::Arc;

use store::rows::certificate::{self, Certificate};
use store::rows::convert::{self, Item};
use store::rows::{event as events, lease};

use super::event;
use super::filing::label;
use super::run::{LEASE, Pace, Status, Waves, lease_of};
use super::state::{BATCH, Opened, item, note, phase};
use crate::audit::Actor;
use crate::lifecycle::{Answer, Outcome, Submitted};
use crate::{NodeError, Province};

/// A share says little before this many records of a wave are decided.
const TELLING: u64 = 100;

/// One call of a run.
struct Course<'a> {
    province: &'a Arc<Province>,
    opened: Opened,
    waves: Waves,
    actor: &'a Actor,
    owner: &'a str,
    pace: Pace<'a>,
    status: Status,
    /// Of the present wave, in this call.
    decided: u64,
    refused: u64,
}

/// An item with its certificate.
struct Due {
    item: Item,
    certificate: Option<Certificate>,
    /// Its event has been sent before, so its answer is what counts.
    sent: bool,
}

impl Province {
    /// Wave after wave; how many failures of our own there were.
    pub(super) fn waves(
        self: &Arc<Self>,
        opened: Opened,
        actor: &Actor,
        owner: &str,
        pace: Pace<'_>,
        progress: &mut dyn FnMut(&Status),
    ) -> Result<u32, NodeError> {
        let status = self.convert_status(&opened.run.name)?;
        let Some(waves) = opened.body.waves.clone() else { return Ok(0) };
        let mut course =
            Course { province: self, opened, waves, actor, owner, pace, status, decided: 0, refused: 0 };
        course.recover()?;
        let mut begun = 0;
        let reason = loop {
            if course.waves.waves.is_some_and(|most| begun >= most) {
                break Some(format!("已按要求完成 {begun} 波"));
            }
            if !course.open_wave()? {
                break None;
            }
            begun += 1;
            if let Some(reason) = course.wave(progress)? {
                break Some(reason);
            }
        };
        let failures = course.status.failures;
        course.end(reason)?;
        Ok(failures)
    }
}

impl Course<'_> {
    /// A call that was killed may have left intents: they are finished first, else their certificates would stay busy.
    /// Those of other threads of this process are left alone.
    fn recover(&self) -> Result<(), NodeError> {
        if self.open_items(0, 1)?.is_empty() {
            return Ok(());
        }
        let now = (self.pace.clock)();
        self.province.recover(now.saturating_sub(self.pace.alive), now).map(|_| ())
    }

    fn open_items(&self, after: i64, most: usize) -> Result<Vec<Item>, NodeError> {
        let wave = (self.opened.run.id.as_str(), self.opened.body.wave);
        Ok(self.province.store.read(|session| convert::of_wave(session, wave, after, most as u32))?)
    }

    /// Goes on with the wave that is open, or opens the next one; false when nothing is left.
    fn open_wave(&mut self) -> Result<bool, NodeError> {
        (self.decided, self.refused) = (0, 0);
        if !self.open_items(0, 1)?.is_empty() {
            return Ok(true);
        }
        let (province, actor, id) =
            (Arc::clone(self.province), self.actor.clone(), self.opened.run.id.clone());
        let (now, size) = ((self.pace.clock)(), self.waves.size);
        let (opened, count) = self.province.store.write(move |session| -> Result<_, NodeError> {
            let mut opened = Opened::locked(session, &id)?;
            let wave = opened.body.wave + 1;
            let count = convert::assign_wave(session, (&id, wave), size, now)?;
            if count > 0 {
                opened.body.wave = wave;
                note(session, &province, &actor, ("convert.wave", "begun"), &opened.run.name, now)?;
                opened.save(session, now)?;
            }
            Ok((opened, count))
        })?;
        self.opened = opened;
        self.status.wave = self.opened.body.wave;
        Ok(count > 0)
    }

    /// One wave; the reason if it must not go on.
    fn wave(&mut self, progress: &mut dyn FnMut(&Status)) -> Result<Option<String>, NodeError> {
        loop {
            let (mut after, mut settled, mut failed) = (0, 0, None);
            loop {
                if let Some(reason) = self.keep()? {
                    return Ok(Some(reason));
                }
                let items = self.open_items(after, BATCH)?;
                let Some(last) = items.last() else { break };
                after = last.n;
                let (done, error) = self.batch(items)?;
                settled += done;
                failed = error.or(failed);
                progress(&self.status);
                if let Some(reason) = self.judged(false) {
                    return Ok(Some(reason));
                }
            }
            match failed {
                // Failures of our own are tried again as long as something else gets done.
                Some(why) if settled == 0 => return Ok(Some(format!("系统故障，未能继续：{why}"))),
                Some(_) => {}
                None => return Ok(self.judged(true)),
            }
        }
    }

    /// Keeps the lease; says so if somebody asked to stop.
    fn keep(&self) -> Result<Option<String>, NodeError> {
        if (self.pace.halt)() {
            // The run stays under way in the rows: the next process goes on with it.
            return Err(NodeError::refused("本节点正在停止，转化暂停", "本节点启动后会自动续办"));
        }
        let (id, owner, now) = (self.opened.run.id.clone(), self.owner.to_owned(), (self.pace.clock)());
        let (kept, stop) = self.province.store.write(move |session| -> Result<_, NodeError> {
            let kept = lease::take(session, &lease_of(&id), &owner, now, now + LEASE)?;
            Ok((kept, Opened::locked(session, &id)?.run.stop))
        })?;
        if !kept {
            let what = format!("另一进程接手了转化任务“{}”", self.opened.run.name);
            return Err(NodeError::refused(what, "请用 luzheng convert status 查看进度"));
        }
        Ok(stop.then(|| "按要求停止".to_owned()))
    }

    fn judged(&self, whole: bool) -> Option<String> {
        if let Some(most) = self.waves.failures.filter(|most| self.status.failures >= *most) {
            return Some(format!("系统故障已达 {} 次（上限 {most} 次）", self.status.failures));
        }
        let percent = self.waves.refused_percent?;
        let told = whole || self.decided >= TELLING;
        (told && self.refused * 100 > u64::from(percent) * self.decided).then(|| {
            format!(
                "第 {} 波已处理 {} 条，其中被拒 {} 条，超过 {percent}%",
                self.status.wave, self.decided, self.refused
            )
        })
    }

    /// Sends the events of some items and settles them: how many, and the last failure of our own.
    fn batch(&mut self, items: Vec<Item>) -> Result<(usize, Option<String>), NodeError> {
        let due = self.due(items)?;
        let mut settled = Vec::with_capacity(due.len());
        let mut sent = Vec::with_capacity(due.len());
        let mut events = Vec::with_capacity(due.len());
        for Due { mut item, certificate, sent: before } in due {
            match certificate {
                Some(one) if one.version == 0 || before => {
                    let at = item.sent_at.unwrap_or(self.opened.run.created_at);
                    let operator = &self.opened.body.operator;
                    let message = event::conversion(&one, (&item.run_id, item.n), at, operator);
                    events.push(Submitted { message, actor: self.actor.clone() });
                    sent.push(item);
                }
                // Its own next event was first (L6.1).
                _ => {
                    item::ELSEWHERE.clone_into(&mut item.state);
                    settled.push(item);
                }
            }
        }
        self.province.stage("convert.accept")?;
        let answers = self.province.accept(events, (self.pace.clock)());
        let mut failed = None;
        for (mut item, answer) in sent.into_iter().zip(answers) {
            match settle(self.province, &mut item, &answer)? {
                true => settled.push(item),
                false => {
                    self.status.failures += 1;
                    failed = answer.why.map(|why| why.what).or(failed);
                }
            }
        }
        self.province.stage("convert.settle")?;
        self.write(settled).map(|count| (count, failed))
    }

    fn due(&self, items: Vec<Item>) -> Result<Vec<Due>, NodeError> {
        self.province.store.read(|session| {
            let mut due = Vec::with_capacity(items.len());
            for item in items {
                let found = match &item.certificate_id {
                    Some(id) => certificate::by_id(session, id)?,
                    None => None,
                };
                let name = event::event_id(&item.run_id, item.n);
                let sent = match &found {
                    Some(one) => events::find(session, &one.source, &name)?.is_some(),
                    None => false,
                };
                due.push(Due { item, certificate: found, sent });
            }
            Ok(due)
        })
    }

    fn write(&mut self, settled: Vec<Item>) -> Result<usize, NodeError> {
        for item in &settled {
            self.status.counts.ready -= 1;
            self.status.counts.add(&item.state, 1);
            self.decided += u64::from(item.state != item::ELSEWHERE);
            self.refused += u64::from(item.state == item::REFUSED);
        }
        let count = settled.len();
        self.province.store.write(move |session| -> Result<_, NodeError> {
            settled.iter().try_for_each(|item| Ok(convert::settle(session, item)?))
        })?;
        Ok(count)
    }

    fn end(self, reason: Option<String>) -> Result<(), NodeError> {
        let Self { province, opened, actor, pace, .. } = self;
        // Whatever was met with the last record: with nothing left there is nothing to go on with.
        let left = province.convert_status(&opened.run.name)?.counts.ready;
        let reason = reason.filter(|_| left > 0);
        let (own, actor, id, now) = (Arc::clone(province), actor.clone(), opened.run.id, (pace.clock)());
        province.store.write(move |session| {
            let mut opened = Opened::locked(session, &id)?;
            let state = if reason.is_some() { phase::STOPPED } else { phase::DONE };
            state.clone_into(&mut opened.run.state);
            opened.body.reason.clone_from(&reason);
            note(session, &own, &actor, ("convert.run", state), &opened.run.name, now)?;
            opened.save(session, now)
        })
    }
}

/// Takes an answer over into an item; false when the event must be sent again.
fn settle(province: &Province, item: &mut Item, answer: &Answer) -> Result<bool, NodeError> {
    let state = match answer.result {
        Outcome::Busy | Outcome::Failed => return Ok(false),
        Outcome::Applied => item::CONVERTED,
        Outcome::Refused if answer.why.as_ref().is_some_and(|why| why.code == event::ALREADY_CONVERTED) => {
            item::ELSEWHERE
        }
        Outcome::Refused | Outcome::Unfit | Outcome::Work | Outcome::Waiting | Outcome::Conflict => {
            let mut findings = answer.findings.clone();
            for finding in &mut findings {
                // The event carries the record under its own name; the clerk knows it by the source's.
                finding.record_id.clone_from(&item.record_id);
            }
            findings.extend(answer.why.iter().map(|why| event::finding(&item.record_id, why)));
            label(province, item, &findings)?;
            item::REFUSED
        }
    };
    state.clone_into(&mut item.state);
    Ok(true)
}
