//! `/officer/history`: own stops, newest first, and one of them with its checks.

use askama::Template;
use link::problem::Problem;
use node::session::Visitor;
use node::verify::StopCheck;

use super::stop::outcomes;
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page =
    Page::get("/officer/history", Access::Act("verify.record"), |app, visit| Box::pin(list(app, visit)));

/// One stop.
pub static STOP: Page =
    Page::get("/officer/history/{id}", Access::Act("verify.record"), |app, visit| Box::pin(one(app, visit)));

/// Stops of a page.
const MOST: u32 = 30;

struct Stop {
    id: String,
    at: String,
    outcome: String,
    note: String,
    open: bool,
    checks: Vec<Line>,
}

/// A check in a row of the list.
struct Line {
    what: String,
    mark: String,
    verdict: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "officer/history.html")]
struct History {
    frame: Frame,
    stops: Vec<Stop>,
    next: Option<i64>,
}

struct Check {
    at: String,
    what: String,
    mark: String,
    place: String,
    identifier: String,
    verdict: String,
    tone: &'static str,
    offline: bool,
    svg: String,
    text: String,
}

#[derive(Template)]
#[template(path = "officer/one.html")]
struct One {
    frame: Frame,
    stop: Stop,
    checks: Vec<Check>,
    outcomes: Vec<&'static str>,
    officer: String,
    unit: String,
    printed: String,
}

pub(super) fn staff_no(visit: &Visit) -> Result<String, Problem> {
    match &visit.live()?.visitor {
        Visitor::Operator { staff_no, .. } => Ok(staff_no.clone()),
        Visitor::Holder(_) => Err(problems::internal()),
    }
}

/// Unit and number: two units may give the same number.
fn officer(visit: &Visit) -> Result<(String, String), Problem> {
    match &visit.live()?.visitor {
        Visitor::Operator { unit, staff_no, .. } => Ok((unit.clone(), staff_no.clone())),
        Visitor::Holder(_) => Err(problems::internal()),
    }
}

fn stop(entry: node::verify::GroupEntry) -> Stop {
    Stop {
        at: entry.opened_at.replace('T', " ").chars().take(16).collect(),
        open: entry.outcome == proof::receipt::Outcome::None.text(),
        id: entry.id,
        outcome: entry.outcome,
        note: entry.note,
        checks: Vec::new(),
    }
}

fn tone(verdict: &str) -> &'static str {
    match verdict {
        "有效" => "ok",
        "无效" => "bad",
        _ => "ask",
    }
}

/// What was checked, in a few words.
fn what(one: &StopCheck) -> String {
    match (one.kind.as_str(), &one.receipt.identifier) {
        ("", None) => "未查到电子证照".into(),
        ("", Some(_)) => "其他省份的证照".into(),
        (kind, _) => kind.to_owned(),
    }
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (unit, staff) = officer(&visit)?;
    let before = visit.query.get("before").parse().unwrap_or(i64::MAX);
    let now = visit.now;
    let (mut found, checks) = app
        .work(move |app| {
            let found = app.province.group_list((&unit, &staff), before, MOST + 1)?;
            let shown: Vec<String> = found.iter().take(MOST as usize).map(|one| one.id.clone()).collect();
            Ok((found, app.province.stop_checks(&shown, now)?))
        })
        .await?;
    let more = found.len() > MOST as usize;
    found.truncate(MOST as usize);
    let next = found.last().filter(|_| more).map(|last| last.place);
    let line = |one: StopCheck| Line {
        what: what(&one),
        tone: tone(&one.receipt.verdict),
        verdict: one.receipt.verdict,
        mark: one.mark,
    };
    let row = |(entry, checks): (node::verify::GroupEntry, Vec<StopCheck>)| Stop {
        checks: checks.into_iter().map(line).collect(),
        ..stop(entry)
    };
    let stops = found.into_iter().zip(checks).map(row).collect();
    html(&History { frame: visit.frame("核验记录"), stops, next })
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (own, id, now) = (officer(&visit)?, visit.param("id").to_owned(), visit.now);
    let (group, mut checks) = app
        .work(move |app| {
            let group = app.province.group_show(&id)?.group;
            Ok((group, app.province.stop_checks(&[id], now)?))
        })
        .await?;
    if (&group.unit, &group.staff_no) != (&own.0, &own.1) {
        // Whose it is is not said.
        return Err(problems::not_found("检查", visit.param("id")));
    }
    let checks: Result<Vec<Check>, Problem> =
        checks.pop().unwrap_or_default().into_iter().map(check).collect();
    html(&One {
        frame: visit.frame("一次检查"),
        officer: format!("{}（{}）", visit.name.clone().unwrap_or_default(), group.staff_no),
        unit: group.unit.clone(),
        printed: minute(now),
        stop: stop(group),
        checks: checks?,
        outcomes: outcomes(),
    })
}

fn check(one: StopCheck) -> Result<Check, Problem> {
    let what = what(&one);
    let line = one.receipt;
    Ok(Check {
        at: line.checked_at.replace('T', " ").chars().take(16).collect(),
        what,
        mark: one.mark,
        place: one.place,
        identifier: line.identifier.unwrap_or_default(),
        tone: tone(&line.verdict),
        verdict: line.verdict,
        offline: line.device.is_some(),
        svg: crate::symbol::svg(&line.text)?,
        text: line.text,
    })
}
