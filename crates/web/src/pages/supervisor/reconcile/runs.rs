//! `/supervisor/reconcile`: runs, newest first; what is under way; a new one.

use askama::Template;
use link::problem::Problem;
use model::state::party;
use node::reconcile::{Depth, Order, Run, Wish};

use super::{form, state};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page = Page::get("/supervisor/reconcile", Access::Act("reconcile.read"), |app, visit| {
    Box::pin(list(app, visit))
});

/// Asks for a run.
pub static ASK: Page =
    Page::post("/supervisor/reconcile", Access::Act("reconcile.repair"), FORM, |app, visit| {
        Box::pin(ask(app, visit))
    });

const HEADS: &[Head] = &[
    Head::short("比对时点"),
    Head::short("归集目标"),
    Head::short("方式"),
    Head::short("结果"),
    Head::number("对方缺失"),
    Head::number("对方多出"),
    Head::number("内容不符"),
    Head::number("在途"),
];

#[derive(Template)]
#[template(path = "supervisor/reconcile.html")]
struct Shown {
    frame: Frame,
    lanes: Vec<String>,
    waiting: Vec<String>,
    newest: Option<Newest>,
    can_ask: bool,
    /// Something is under way: the page looks again by itself.
    busy: bool,
    table: String,
}

/// The newest finished run.
struct Newest {
    id: String,
    lane: String,
    at: String,
    age: String,
    tone: &'static str,
    word: &'static str,
    ours: u64,
    theirs: u64,
    missing: u64,
    extra: u64,
    different: u64,
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let before = visit.query.get("after").to_owned();
    let (mut runs, newest, orders) = app
        .work(move |app| {
            let runs = app.province.reconcile_runs_page(&before, PAGE_ROWS + 1)?;
            let newest = app.province.reconcile_runs(20)?.into_iter().find(|run| run.state == "done");
            Ok((runs, newest, app.province.reconcile_orders()?))
        })
        .await?;
    let more = runs.len() > PAGE_ROWS as usize;
    runs.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "各次对账", HEADS, &[]);
    table.next = runs.last().filter(|_| more).map(|last| last.id.clone());
    table.empty = ("还没有对过账", "对账把本省的证照与部级所收逐一核对，找出缺失、多出和不符的。");
    let running = runs.iter().any(|run| run.state == "running");
    table.rows = runs.iter().map(row).collect();
    html(&Shown {
        lanes: app.province.lanes.clone(),
        waiting: orders.iter().map(waiting).collect(),
        busy: running || !orders.is_empty(),
        newest: newest.map(|run| summary(&run, visit.now)),
        can_ask: visit.live()?.may("reconcile.repair", Some(&app.province.area)),
        table: table.html()?,
        frame: visit.frame("部省对账"),
    })
}

fn row(run: &Run) -> Vec<Cell> {
    let (tone, word) = state(run);
    let found = &run.summary;
    let number = |count: u64| Cell::Number(i64::try_from(count).unwrap_or(i64::MAX));
    vec![
        Cell::Link(format!("/supervisor/reconcile/run?id={}", run.id), minute(run.watermark)),
        Cell::text(party(&run.lane)),
        Cell::text(form(run)),
        Cell::Badge(tone, word.into()),
        number(found.missing),
        number(found.extra),
        number(found.different),
        number(found.in_flight),
    ]
}

/// A wish in a sentence.
fn waiting(order: &Order) -> String {
    let who = order.actor.operator.as_deref().unwrap_or("系统");
    let what = match &order.wish {
        Wish::Run(Depth::Sums) => "摘要比对".to_owned(),
        Wish::Run(Depth::Leaves) => "逐证比对".to_owned(),
        Wish::Repair(_) => "修复全部未处理差异".to_owned(),
    };
    format!("{who} 于 {} 申请对“{}”{what}，正在等待或执行。", minute(order.asked_at), party(&order.lane))
}

fn summary(run: &Run, now: i64) -> Newest {
    let (tone, word) = state(run);
    let found = &run.summary;
    Newest {
        id: run.id.clone(),
        lane: party(&run.lane).to_owned(),
        at: minute(run.watermark),
        age: spaced(node::verify::age(now - run.watermark)),
        tone,
        word,
        ours: found.comparison.ours,
        theirs: found.comparison.theirs,
        missing: found.missing,
        extra: found.extra,
        different: found.different,
    }
}

/// A number stands apart from the word before it.
fn spaced(age: String) -> String {
    if age.starts_with(|first: char| first.is_ascii_digit()) { format!(" {age}") } else { age }
}

async fn ask(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    super::request::whole(&app, &live)?;
    let lane = visit.form.need("lane", "归集目标")?.to_owned();
    let depth = if visit.form.get("depth") == "leaves" { Depth::Leaves } else { Depth::Sums };
    let now = visit.now;
    app.work(move |app| app.province.reconcile_ask(&lane, &Wish::Run(depth), &live.actor(), now)).await?;
    Ok(go("/supervisor/reconcile?done=reconcile-asked"))
}
