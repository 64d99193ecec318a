//! `/integrator/results`: the result feed of a source, newest first.

use askama::Template;
use link::problem::Problem;
use model::state;
use node::lifecycle::ResultLine;

use super::{READ, sources};
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The feed.
pub static PAGE: Page =
    Page::get("/integrator/results", Access::Act(READ), |app, visit| Box::pin(show(app, visit)));

/// The same as a file.
pub static EXPORT: Page =
    Page::get("/integrator/results/export", Access::Act(READ), |app, visit| Box::pin(export(app, visit)));

const HEADS: &[Head] = &[
    Head::number("序号"),
    Head::short("时间"),
    Head::short("业务事件"),
    Head::short("结果"),
    Head::text("证照标识或说明"),
];

#[derive(Template)]
#[template(path = "integrator/results.html")]
struct Shown {
    frame: Frame,
    sources: Vec<String>,
    source: String,
    list: String,
}

fn table(visit: &Visit) -> Table {
    let mut table = Table::new(visit, "结果反馈", HEADS, &["source"]);
    table.export = Some("/integrator/results/export");
    table.empty = ("还没有结果", "报送业务事件后，受理、签发、归集等结果会按先后显示在这里。");
    table
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (all, source) = sources(&app, &visit).await?;
    let before = visit.query.get("after").parse().unwrap_or(i64::MAX);
    let mut table = table(&visit);
    if let Some(source) = source.clone() {
        let mut found =
            app.work(move |app| app.province.results_back(&source, before, PAGE_ROWS + 1)).await?;
        let more = found.len() > PAGE_ROWS as usize;
        found.truncate(PAGE_ROWS as usize);
        table.next = found.last().filter(|_| more).map(|last| last.seq.to_string());
        table.rows = found.into_iter().map(row).collect();
    }
    html(&Shown {
        frame: visit.frame("结果反馈"),
        sources: all,
        source: source.unwrap_or_default(),
        list: table.html()?,
    })
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (_, source) = sources(&app, &visit).await?;
    let mut table = table(&visit);
    if let Some(source) = source {
        let found =
            app.work(move |app| app.province.results_back(&source, i64::MAX, EXPORT_ROWS + 1)).await?;
        table.rows = found.into_iter().map(row).collect();
    }
    let more = table.rows.len() > EXPORT_ROWS as usize;
    table.rows.truncate(EXPORT_ROWS as usize);
    table.hand_out(&app, &visit, Export { list: "results", more, words: &|_, _| None }).await
}

fn row(one: ResultLine) -> Vec<Cell> {
    let (tone, what) = match one.what.as_str() {
        "event.applied" => ("ok", state::APPLIED),
        "event.refused" => ("bad", state::REFUSED),
        "event.conflict" => ("bad", state::CONFLICT),
        "event.unfit" => ("bad", state::UNFIT),
        event if event.starts_with("event.") => ("ask", state::event(&event["event.".len()..])),
        "collected" => ("ok", "已归集"),
        "collect.refused" => ("bad", "归集被退回"),
        other => ("", other),
    };
    // What went wrong and how to mend it, or what came of it.
    let say = |body: &serde_json::Value, name: &str| body.get(name)?.as_str().map(str::to_owned);
    let why = one.body.get("why").and_then(|why| match (say(why, "what"), say(why, "fix")) {
        (Some(what), Some(fix)) => Some(format!("{what}；{fix}")),
        (what, _) => what,
    });
    let text =
        why.or_else(|| ["why", "error", "identifier", "what"].iter().find_map(|name| say(&one.body, name)));
    vec![
        Cell::Number(one.seq),
        Cell::text(one.recorded_at.replace('T', " ").chars().take(19).collect::<String>()),
        Cell::Code(one.event_id.clone()),
        Cell::Badge(tone, what.to_owned()),
        Cell::Code(text.unwrap_or_else(|| "—".into())),
    ]
}
