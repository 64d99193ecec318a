//! `/integrator/results`: the result feed of a source, newest first.

use askama::Template;
use link::problem::Problem;
use node::lifecycle::ResultLine;

use super::{READ, sources};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Method, Reply};

/// The feed.
pub static PAGE: Page = Page {
    method: Method::Get,
    path: "/integrator/results",
    access: Access::Act(READ),
    body_limit: 0,
    handler: |app, visit| Box::pin(show(app, visit)),
};

/// The same as a file.
pub static EXPORT: Page = Page {
    method: Method::Get,
    path: "/integrator/results/export",
    access: Access::Act(READ),
    body_limit: 0,
    handler: |app, visit| Box::pin(export(app, visit)),
};

const HEADS: &[Head] = &[
    Head::number("序号"),
    Head::text("时间"),
    Head::text("业务事件"),
    Head::text("结果"),
    Head::text("说明"),
    Head::text("证照编号"),
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
        let found = app.work(move |app| app.province.results_back(&source, i64::MAX, EXPORT_ROWS)).await?;
        table.rows = found.into_iter().map(row).collect();
    }
    table.xlsx()
}

fn row(one: ResultLine) -> Vec<Cell> {
    let (tone, what) = match one.what.as_str() {
        "issued" => ("ok", "已签发"),
        "collected" => ("ok", "已归集"),
        "applied" => ("ok", "已办理"),
        "refused" => ("bad", "已拒绝"),
        "work" => ("ask", "待人工处理"),
        "waiting" => ("ask", "等待"),
        "dead" => ("bad", "归集死信"),
        other => ("", other),
    };
    let say = |name: &str| one.body.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let text = ["what", "why", "identifier", "error", "fix"].iter().find_map(|name| say(name));
    vec![
        Cell::Number(one.seq),
        Cell::text(one.recorded_at.replace('T', " ").chars().take(19).collect::<String>()),
        Cell::Code(one.event_id.clone()),
        Cell::Badge(tone, what.to_owned()),
        Cell::text(text.unwrap_or_default()),
        Cell::Code(one.certificate.clone().unwrap_or_else(|| "—".into())),
    ]
}
