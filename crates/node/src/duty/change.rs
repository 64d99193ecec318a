//! Posts made, filled, vacated, given up.

use codes::{AreaCode, AreaLevel};
use jiff::civil::Date;
use lifecycle::day_of;
use store::Session;
use store::rows::certificate::{Work, insert_work};
use store::rows::duty::{self as rows, HolderRow, PostRow};
use store::rows::work;

use super::{EMPTY, NewHolder, NewPost, WHAT};
use crate::audit::{Act, Actor, append};
use crate::client::check_operator;
use crate::{NodeError, Province};

fn taken(name: &str) -> NodeError {
    let what = format!("该行政区划已有岗位“{}”", name.trim());
    NodeError::refused(what, "请换一个名称，或使用已有的岗位")
}

/// The longest name that a register needs.
const LONGEST: usize = 60;

impl Province {
    /// A new post. It is empty, and so its alarm is raised with it. Returns its row key.
    ///
    /// # Errors
    /// No operator; a name, area or subject that is none; an open post of this name in the area.
    pub fn duty_add(&self, new: &NewPost, actor: &Actor, now: i64) -> Result<String, NodeError> {
        check_operator(actor)?;
        let level = self.check_post(new, now)?;
        let (id, work) = (self.new_id(now), self.new_id(now));
        let post = PostRow {
            id: id.clone(),
            name: new.name.trim().to_owned(),
            level: level.to_owned(),
            area: new.area.clone(),
            what: new.what.clone(),
            basis: new.basis.trim().to_owned(),
            work_id: Some(work.clone()),
            created_at: now,
            closed_at: None,
        };
        let work = empty_work(&post, work, now);
        let act = act("duty.add", &post, actor, now, &[("what", &post.what), ("name", &post.name)]);
        let row = self.new_id(now);
        let done = self.store.write(move |session| {
            if rows::has_post(session, &post.area, &post.name)? {
                return Err(taken(&post.name));
            }
            insert_work(session, &work)?;
            rows::insert_post(session, &post)?;
            Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
        });
        // Two at once see nothing of each other: the index does.
        done.map_err(|error| match &error {
            NodeError::Store(cause) if cause.is_duplicate() => taken(&new.name),
            _ => error,
        })?;
        Ok(id)
    }

    fn check_post(&self, new: &NewPost, now: i64) -> Result<&'static str, NodeError> {
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST {
            return Err(NodeError::refused("没有写明岗位名称，或名称过长", "请写 1 到 60 个字的岗位名称"));
        }
        if !WHAT.contains(&new.what.as_str()) {
            let fix = format!("可用的负责事项：{}", WHAT.join("、"));
            return Err(NodeError::refused(format!("没有负责事项“{}”", new.what), fix));
        }
        let area = AreaCode::parse(&new.area)
            .map_err(|error| NodeError::refused(error.to_string(), "请写六位行政区划代码"))?;
        let known = self.data.catalogue.areas.name(area, day_of(now).date()).is_some();
        if !known || !new.area.starts_with(&self.area) {
            let what = format!("“{}”不是本省现行的行政区划代码", new.area);
            return Err(NodeError::refused(what, "请核对行政区划代码"));
        }
        Ok(match area.level() {
            AreaLevel::Nation | AreaLevel::Province => "省",
            AreaLevel::City => "市",
            AreaLevel::County => "县",
        })
    }

    /// Somebody takes a post; its alarm ends when the first day has come.
    ///
    /// # Errors
    /// No operator; no such post; somebody holds it; a name, telephone or day that is none.
    pub fn duty_fill(&self, post: &str, new: &NewHolder, actor: &Actor, now: i64) -> Result<(), NodeError> {
        check_operator(actor)?;
        let today = day_of(now).date();
        let (begins, ends) = days(new, today)?;
        check_person(new)?;
        let id = self.new_id(now);
        let holder = HolderRow {
            post_id: post.to_owned(),
            person_sealed: self.personal.seal(&HolderRow::place(&id, "person"), new.person.trim()),
            phone_sealed: self.personal.seal(&HolderRow::place(&id, "phone"), new.phone.trim()),
            unit: new.unit.trim().to_owned(),
            begins_on: begins.to_string(),
            ends_on: ends.map(|day| day.to_string()),
            recorded_by: actor.operator.clone().unwrap_or_default(),
            recorded_at: now,
            ended_by: None,
            ended_at: None,
            id,
        };
        let fields =
            [("holder".to_owned(), holder.id.clone()), ("from".to_owned(), holder.begins_on.clone())];
        let (post, actor, row) = (post.to_owned(), actor.clone(), self.new_id(now));
        self.store.write(move |session| {
            let found = open_post(session, &post)?;
            let busy = |one: &HolderRow| {
                one.ended_at.is_none() && one.ends_on.as_ref().is_none_or(|last| *last >= holder.begins_on)
            };
            if rows::holders(session, &post)?.iter().any(busy) {
                let what = format!("岗位“{}”已有人任职", found.name);
                return Err(NodeError::refused(what, "请先登记原任离任"));
            }
            rows::insert_holder(session, &holder)?;
            // Whoever begins later leaves the post empty until then, and its alarm standing.
            if begins <= today && ends.is_none_or(|last| last >= today) {
                calm(session, &found, now)?;
            }
            let mut act = act("duty.fill", &found, &actor, now, &[]);
            act.detail.extend(fields.clone());
            Ok(append(session, row.clone(), &[act])?)
        })
    }

    /// Whoever holds a post leaves it with `last_day` (ISO; today where empty); a day that is over raises the post's alarm at once. Where
    /// nobody does, the appointment of somebody who would have begun later is taken back.
    ///
    /// # Errors
    /// No operator; no such post; nobody holds it on that day or later; a day that is none or lies ahead.
    pub fn duty_vacate(&self, post: &str, last_day: &str, actor: &Actor, now: i64) -> Result<(), NodeError> {
        check_operator(actor)?;
        let today = day_of(now).date();
        let last = if last_day.trim().is_empty() { today } else { day(last_day)? };
        if last > today {
            let fix = "离任在其后的，请在任职时写明止期，或到时再登记";
            return Err(NodeError::refused(format!("离任日期 {last} 还没有到"), fix));
        }
        let (post, actor) = (post.to_owned(), actor.clone());
        let (row, work) = (self.new_id(now), self.new_id(now));
        let last = last.to_string();
        self.store.write(move |session| {
            let found = open_post(session, &post)?;
            let by = actor.operator.clone().unwrap_or_default();
            let terms = open_terms(session, &post, &today.to_string())?;
            // Who has begun is not undone by a day before that; an appointment is.
            let held = terms.iter().find(|one| one.begins_on <= last);
            let Some(one) = held.or_else(|| terms.iter().find(|one| one.begins_on > today.to_string()))
            else {
                let what = format!("岗位“{}”在 {last} 没有人任职", found.name);
                return Err(NodeError::refused(what, "请核对岗位和离任日期；任职起止见该岗位的任职记录"));
            };
            rows::end_holder(session, &one.id, &last, &by, now)?;
            raise(session, &found, work.clone(), now)?;
            Ok(append(session, row.clone(), &[act("duty.vacate", &found, &actor, now, &[("last", &last)])])?)
        })
    }

    /// A post is given up: whoever holds it leaves it, its alarm ends. Its past stays.
    ///
    /// # Errors
    /// No operator; no such post.
    pub fn duty_close(&self, post: &str, actor: &Actor, now: i64) -> Result<(), NodeError> {
        check_operator(actor)?;
        let (post, actor, row) = (post.to_owned(), actor.clone(), self.new_id(now));
        let today = day_of(now).to_string();
        self.store.write(move |session| {
            let found = open_post(session, &post)?;
            let by = actor.operator.clone().unwrap_or_default();
            for one in open_terms(session, &post, &today)? {
                rows::end_holder(session, &one.id, &today, &by, now)?;
            }
            calm(session, &found, now)?;
            rows::close_post(session, &post, now)?;
            Ok(append(session, row.clone(), &[act("duty.close", &found, &actor, now, &[])])?)
        })
    }
}

/// Terms that nobody has ended and that last on a day or begin after it.
fn open_terms(session: &mut Session, post: &str, day: &str) -> Result<Vec<HolderRow>, NodeError> {
    let mut terms = rows::holders(session, post)?;
    terms.retain(|one| one.ended_at.is_none() && one.ends_on.as_deref().is_none_or(|last| last >= day));
    Ok(terms)
}

/// Raises the alarm of a post that is empty, once.
pub(super) fn raise(session: &mut Session, post: &PostRow, work: String, now: i64) -> Result<(), NodeError> {
    if post.work_id.is_some() {
        return Ok(());
    }
    let work = empty_work(post, work, now);
    insert_work(session, &work)?;
    Ok(rows::set_work(session, &post.id, Some(&work.id))?)
}

/// Ends the alarm of a post that is not.
pub(super) fn calm(session: &mut Session, post: &PostRow, now: i64) -> Result<(), NodeError> {
    if let Some(work) = &post.work_id {
        work::close(session, work, ("node", "岗位已有人任职，或已撤销"), now)?;
        rows::set_work(session, &post.id, None)?;
    }
    Ok(())
}

/// The post, held until the transaction ends.
pub(super) fn open_post(session: &mut Session, id: &str) -> Result<PostRow, NodeError> {
    let found = rows::lock_post(session, id)?.filter(|post| post.closed_at.is_none());
    found.ok_or_else(|| NodeError::refused("没有这个岗位，或它已撤销", "请刷新登记册后核对"))
}

fn empty_work(post: &PostRow, id: String, now: i64) -> Work {
    let why = format!("岗位“{}”（{}级，负责{}）无人任职", post.name, post.level, post.what);
    Work { id, area: post.area.clone(), code: EMPTY.into(), why, opened_at: now, ..Work::default() }
}

pub(super) fn act(name: &str, post: &PostRow, actor: &Actor, now: i64, more: &[(&str, &str)]) -> Act {
    let pairs = [("post", post.id.as_str())].into_iter().chain(more.iter().copied());
    Act {
        act: name.into(),
        at: now,
        actor: actor.clone(),
        area: Some(post.area.clone()),
        outcome: "done".into(),
        detail: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        ..Act::default()
    }
}

/// A day as ISO text.
pub(super) fn day(text: &str) -> Result<Date, NodeError> {
    let wrong = |_| NodeError::refused(format!("“{text}”不是日期"), "请写成 2026-11-22");
    text.trim().parse().map_err(wrong)
}

fn days(new: &NewHolder, today: Date) -> Result<(Date, Option<Date>), NodeError> {
    let begins = if new.begins_on.trim().is_empty() { today } else { day(&new.begins_on)? };
    let ends = new.ends_on.as_deref().filter(|text| !text.trim().is_empty()).map(day).transpose()?;
    if ends.is_some_and(|last| last < begins) {
        return Err(NodeError::refused("任职止期早于起期", "请核对任职起止日期"));
    }
    Ok((begins, ends))
}

fn check_person(new: &NewHolder) -> Result<(), NodeError> {
    let fits = |text: &str| (1..=LONGEST).contains(&text.trim().chars().count());
    if !fits(&new.person) || !fits(&new.unit) {
        return Err(NodeError::refused("没有写明任职人姓名或单位", "请写明姓名和单位"));
    }
    let digits = new.phone.bytes().filter(u8::is_ascii_digit).count();
    let plain = new.phone.trim().bytes().all(|byte| byte.is_ascii_digit() || b"+- ".contains(&byte));
    if !plain || !(7..=15).contains(&digits) {
        return Err(NodeError::refused("联系电话不合规", "请写 7 到 15 位数字的电话号码，可带区号和“-”"));
    }
    Ok(())
}
