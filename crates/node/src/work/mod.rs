//! `work`: what waits for a person: open items, and events that are unfit, waiting or refused, each with what is wrong and what to do.

mod event;
mod watch;

use store::rows::certificate::{self, Work};
use store::rows::work as rows;

use crate::audit::{self, Act, Actor};
use crate::certificate::Within;
use crate::{NodeError, Province};

pub use event::{EventStatus, OpenEvent};
pub use store::rows::work::WorkFilter;
pub use watch::{CertificateRef, EventRef, Watched};

/// Items of these codes are the administrators', who see them elsewhere.
const OTHERS: [&str; 2] = ["BREAK_GLASS", crate::duty::EMPTY];

/// An open item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkItem {
    /// Row key.
    pub id: String,
    /// Stable code.
    pub code: String,
    /// What, and what to do.
    pub why: String,
    /// Area code.
    pub area: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Kind and number of its certificate, where it has one that the caller may look at.
    pub about: String,
    /// Row key of that certificate.
    pub certificate: Option<String>,
    /// Row key of its event.
    pub event: Option<String>,
}

impl WorkItem {
    /// What it is, in Chinese.
    #[must_use]
    pub fn name(&self) -> &'static str {
        sort_name(&self.code)
    }
}

/// What the items of a code are, in Chinese.
#[must_use]
pub fn sort_name(code: &str) -> &'static str {
    match code {
        "MANUAL_ACT" => "应急办理补录",
        "BREAK_GLASS" => "账号应急办理",
        crate::duty::EMPTY => "岗位空缺",
        "WAIT_OVER" => "等待先行业务逾期",
        "EVENT_CONFLICT" => "业务内容冲突",
        "ISSUE_DUE" | "DUE_ISSUED" => "到期制证",
        _ if code.starts_with("LICENCE") => "许可变动",
        _ if code.starts_with("LATE") => "迟到业务",
        _ if code.starts_with("AUDIT") => "审计日志异常",
        _ if code.starts_with("OUTAGE") => "中断时限",
        _ if code.starts_with("RECEIPT") => "核验回执异常",
        _ => "业务处理",
    }
}

impl Province {
    /// The open items of areas, oldest first, behind (opened at, key).
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn work_list(
        &self,
        within: &Within,
        after: (i64, &str),
        most: u32,
        now: i64,
    ) -> Result<Vec<WorkItem>, NodeError> {
        self.store.read(|session| {
            let found = rows::open(session, within, (after, OTHERS), most)?;
            found.into_iter().map(|one| self.work_item(session, one, within, now)).collect()
        })
    }

    /// One open item within what the caller may see.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn work_show(&self, id: &str, within: &Within, now: i64) -> Result<Option<WorkItem>, NodeError> {
        self.store.read(|session| {
            let found = rows::get(session, id)?.filter(|one| is_ours(within, one));
            found.map(|one| self.work_item(session, one, within, now)).transpose()
        })
    }

    /// Closes an item with a reason. Audited.
    ///
    /// # Errors
    /// No reason; no such open item; a database that cannot be written.
    pub fn work_close(
        &self,
        id: &str,
        reason: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<(), NodeError> {
        let reason = reason.trim().to_owned();
        if reason.chars().count() < 4 {
            return Err(NodeError::refused("没有写明处理情况", "请写明怎样处理的，至少 4 个字"));
        }
        let gone = || NodeError::refused("没有这个待办事项，或已由他人关闭", "请刷新待办事项列表");
        let found = self.store.read(|session| rows::get(session, id))?;
        let one = found.filter(|one| is_ours(within, one)).ok_or_else(gone)?;
        let mut act = Act {
            act: "work.close".into(),
            at: now,
            actor: actor.clone(),
            object: one.certificate_id.clone(),
            area: Some(one.area),
            outcome: "closed".into(),
            ..Act::default()
        };
        act.detail.insert("work".into(), one.id.clone());
        act.detail.insert("code".into(), one.code);
        let by = actor.operator.clone().unwrap_or_default();
        let (id, entry) = (one.id, self.new_id(now));
        self.store.write(move |session| -> Result<_, NodeError> {
            if !rows::close(session, &id, (&by, &reason), now)? {
                return Err(gone());
            }
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })
    }

    fn work_item(
        &self,
        session: &mut store::Session,
        one: Work,
        within: &Within,
        now: i64,
    ) -> Result<WorkItem, NodeError> {
        let found = match &one.certificate_id {
            Some(id) => certificate::by_id(session, id)?,
            None => None,
        };
        let seen = found.filter(|found| within.has(&found.area, &found.kind));
        // The event may be of another area: a licence that ended there, over a vehicle here.
        let event =
            one.event_row.as_deref().map(|id| store::rows::event::by_id(session, id)).transpose()?.flatten();
        let event = event.filter(|row| in_area(within, &row.area)).map(|row| row.id);
        Ok(WorkItem {
            about: seen.as_ref().map_or_else(String::new, |found| self.called(found, now)),
            certificate: seen.map(|found| found.id),
            id: one.id,
            code: one.code,
            why: one.why,
            area: one.area,
            opened_at: one.opened_at,
            event,
        })
    }

    /// Kind and number of a certificate.
    fn called(&self, one: &certificate::Certificate, now: i64) -> String {
        let kind = self.data.catalogue.kind(&one.kind, ::lifecycle::day_of(now).date());
        let kind = kind.map_or(one.kind.as_str(), |kind| &kind.name);
        format!("{kind} {}", one.certificate_no.as_deref().unwrap_or_default()).trim().to_owned()
    }
}

fn is_ours(within: &Within, one: &Work) -> bool {
    !OTHERS.contains(&one.code.as_str()) && in_area(within, &one.area)
}

/// Work is by area alone.
fn in_area(within: &Within, area: &str) -> bool {
    let begins = |one: &String| one == "*" || (!one.is_empty() && area.starts_with(one.as_str()));
    within.areas.iter().any(begins)
}
