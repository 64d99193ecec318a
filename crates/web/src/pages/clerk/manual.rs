//! `/clerk/manual`: 应急办理, asked for by one person while the business system is away.

use askama::Template;
use link::problem::Problem;
use node::manual::{EVENTS, ManualRequest, ManualView};

use super::{account, actor, refusal, within};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "lifecycle.manual";

/// The form, and what was asked for before.
pub static PAGE: Page = Page::get("/clerk/manual", Access::Act(ACT), |app, visit| {
    Box::pin(async move { show(&app, &visit, None).await })
});

/// Asks.
pub static SEND: Page =
    Page::post("/clerk/manual", Access::Act(ACT), FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "clerk/manual.html")]
struct Manual {
    frame: Frame,
    outages: Vec<String>,
    events: [&'static str; 14],
    asked: ManualRequest,
    today: String,
    error: Option<(String, String)>,
    list: String,
}

pub(super) const HEADS: &[Head] = &[
    Head::short("业务"),
    Head::text("证照类型"),
    Head::text("证照标识"),
    Head::text("决定文号"),
    Head::short("状态"),
    Head::text("复核"),
    Head::short("申请时间"),
];

/// A request as a row of a list; `link` leads to it.
pub(super) fn row(one: ManualView, link: Option<String>) -> Vec<Cell> {
    let tone = match one.state.as_str() {
        "pending" | "confirming" => "ask",
        "confirmed" => "ok",
        _ => "bad",
    };
    let status = one.state_name().to_owned();
    let decided = one.decided.map(|(who, at, reason)| format!("{who}　{}　{reason}", minute(at)));
    vec![
        match link {
            Some(link) => Cell::Link(link, one.request.event),
            None => Cell::text(one.request.event),
        },
        Cell::text(one.kind_name),
        Cell::Code(one.request.identifier),
        Cell::text(one.request.decision_no),
        Cell::Badge(tone, status),
        Cell::text(decided.unwrap_or_default()),
        Cell::text(minute(one.times.0)),
    ]
}

fn asked(visit: &Visit) -> ManualRequest {
    let text = |name: &str| visit.form.get(name).to_owned();
    let identifier = match visit.form.get("identifier") {
        "" => visit.query.get("identifier").to_owned(),
        given => given.to_owned(),
    };
    ManualRequest {
        identifier,
        event: text("event"),
        effective_on: text("effective_on"),
        decision_no: text("decision_no"),
        decision_date: text("decision_date"),
        grounds: text("grounds"),
        valid_to: text("valid_to"),
        due: text("due"),
        result: text("result"),
    }
}

async fn show(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (owner, within, now) = (account(visit)?, within(visit, ACT)?, visit.now);
    let after = visit.query.get("after").to_owned();
    let (outages, mut found) = app
        .work(move |app| {
            let below = Some(after.as_str()).filter(|below| !below.is_empty());
            let wanted = (Some(owner.as_str()), false);
            let found = app.province.manual_list(wanted, &within, below, PAGE_ROWS + 1, now)?;
            Ok((app.province.manual_outages(now)?, found))
        })
        .await?;
    let mut table = Table::new(visit, "应急办理申请", HEADS, &[]);
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    table.next = found.last().filter(|_| more).map(|last| last.id.clone());
    table.rows = found.into_iter().map(|one| row(one, None)).collect();
    table.empty = ("没有提出过应急办理", "业务系统正常时，请在业务系统办理。");
    let failed = error.is_some();
    let page = Manual {
        frame: visit.frame("应急办理"),
        outages,
        events: EVENTS,
        asked: asked(visit),
        today: minute(now)[..10].to_owned(),
        error,
        list: table.html()?,
    };
    Ok(html(&page)?.status(if failed { 422 } else { 200 }))
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (request, within, actor, now) = (asked(&visit), within(&visit, ACT)?, actor(&visit)?, visit.now);
    let person = visit.name.clone().unwrap_or_default();
    let done = app
        .work(move |app| refusal(app.province.manual_ask(request, &person, (&within, &actor), now)))
        .await?;
    match done {
        Ok(_) => Ok(go("/clerk/manual?done=asked")),
        Err(error) => show(&app, &visit, Some(error)).await,
    }
}
