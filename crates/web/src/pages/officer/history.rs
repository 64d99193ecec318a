//! `/officer/history`: own stops, newest first, and one of them with its checks.

use askama::Template;
use link::problem::Problem;
use node::session::Visitor;
use node::verify::ReceiptLine;

use super::stop::outcomes;
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
    }
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (unit, staff) = officer(&visit)?;
    let before = visit.query.get("before").parse().unwrap_or(i64::MAX);
    let mut found = app.work(move |app| app.province.group_list((&unit, &staff), before, MOST + 1)).await?;
    let more = found.len() > MOST as usize;
    found.truncate(MOST as usize);
    let next = found.last().filter(|_| more).map(|last| last.place);
    html(&History { frame: visit.frame("核验记录"), stops: found.into_iter().map(stop).collect(), next })
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (own, id) = (officer(&visit)?, visit.param("id").to_owned());
    let found = app.work(move |app| app.province.group_show(&id)).await?;
    if (&found.group.unit, &found.group.staff_no) != (&own.0, &own.1) {
        // Whose it is is not said.
        return Err(problems::not_found("检查", visit.param("id")));
    }
    let checks: Result<Vec<Check>, Problem> = found.receipts.into_iter().map(check).collect();
    html(&One {
        frame: visit.frame("一次检查"),
        stop: stop(found.group),
        checks: checks?,
        outcomes: outcomes(),
    })
}

fn check(line: ReceiptLine) -> Result<Check, Problem> {
    Ok(Check {
        at: line.checked_at.replace('T', " ").chars().take(16).collect(),
        what: line.identifier.unwrap_or_else(|| "未查到证照".into()),
        tone: match line.verdict.as_str() {
            "有效" => "ok",
            "无效" => "bad",
            _ => "ask",
        },
        verdict: line.verdict,
        offline: line.device.is_some(),
        svg: crate::symbol::svg(&line.text)?,
        text: line.text,
    })
}
