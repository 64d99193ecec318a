//! `/supervisor/tasks`: the open items of the own areas, to read: how old each is, and what it is about. Clerks close them.

use askama::Template;
use link::problem::Problem;
use node::certificate::within;
use node::overview::Listed;
use node::work::{Watched, WorkFilter, sort_name};

use super::watch::{Choice, age, day, instant, reach};
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/tasks", Access::Act("work.read"), |app, visit| Box::pin(show(app, visit)));

/// The same as a file.
pub static EXPORT: Page = Page::get("/supervisor/tasks/export", Access::Act("work.read"), |app, visit| {
    Box::pin(export(app, visit))
});

/// Columns of the file; the page shows all but the last.
const FILE: &[Head] = &[
    Head::short("事项"),
    Head::text("说明和处理办法"),
    Head::text("证照"),
    Head::text("业务事件"),
    Head::short("地区"),
    Head::short("提出时间"),
    Head::short("已等待"),
    Head::text("类别代码"),
];
const HEADS: &[Head] = FILE.split_at(FILE.len() - 1).0;

const FIELDS: &[&str] = &["code", "age", "area"];

/// Ages that the filter offers, in days.
const AGES: [i64; 4] = [1, 3, 7, 30];
const DAY: i64 = 86_400_000_000;

#[derive(Template)]
#[template(path = "supervisor/work.html")]
struct Shown {
    frame: Frame,
    at: String,
    list: String,
    codes: Vec<Choice>,
    ages: Vec<Choice>,
    area: String,
}

fn filter(visit: &Visit) -> Result<WorkFilter, Problem> {
    let days = AGES.into_iter().find(|days| days.to_string() == visit.query.get("age"));
    Ok(WorkFilter {
        reach: reach(visit.live()?, "work.read"),
        area: visit.query.get("area").chars().filter(char::is_ascii_digit).take(6).collect(),
        code: visit.query.get("code").to_owned(),
        opened_by: days.map(|days| visit.now.saturating_sub(days * DAY)),
    })
}

fn row(app: &App, visit: &Visit, one: Watched, file: bool) -> Vec<Cell> {
    let lists = visit.live.as_ref().is_some_and(|live| live.may("certificate.list", None));
    let event = match one.event {
        Some(of) if lists => {
            let date = day(of.recorded_at);
            let (source, id) = (encode(&of.source), encode(&of.event_id));
            let href = format!("/supervisor/events?from={date}&to={date}&source={source}&event={id}");
            Cell::Link(href, of.kind)
        }
        Some(of) => Cell::text(of.kind),
        None => Cell::text(""),
    };
    let mut cells = vec![
        Cell::text(sort_name(&one.code)),
        Cell::text(one.why),
        match one.certificate {
            // A number of a person's certificate may be that of a document: a list shows none. A file has no links, so it names it.
            Some(of) if file => Cell::text(format!("{}　{}", of.kind, of.identifier.unwrap_or_default())),
            Some(of) => Cell::Link(format!("/clerk/certificate/{}", of.id), of.kind),
            None => Cell::text(""),
        },
        event,
        Cell::text(app.province.area_text(&one.area, visit.now)),
        Cell::text(instant(one.opened_at)),
        Cell::text(age(visit.now.saturating_sub(one.opened_at))),
    ];
    if file {
        cells.push(Cell::Code(one.code));
    }
    cells
}

fn table(app: &App, visit: &Visit, listed: Listed<Watched>, file: bool) -> Table {
    let heads = if file { FILE } else { HEADS };
    let mut table = Table::new(visit, "待处理事项", heads, FIELDS);
    table.count = listed.count;
    table.next = listed.next;
    table.export = Some(EXPORT.path);
    table.empty = match FIELDS.iter().any(|field| !visit.query.get(field).is_empty()) {
        true => ("没有符合条件的待处理事项", "请放宽条件。"),
        false => ("没有待处理事项", "须由人决定的事项会出现在这里，由窗口经办处理。"),
    };
    table.rows = listed.rows.into_iter().map(|one| row(app, visit, one, file)).collect();
    table
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let filter = filter(&visit)?;
    let within = within(visit.live()?, "certificate.read");
    let (after, now, area) = (visit.query.get("after").to_owned(), visit.now, filter.area.clone());
    let (sorts, listed) = app
        .work(move |app| {
            let sorts = app.province.work_sorts(&filter)?;
            Ok((sorts, app.province.work_watch(&filter, &within, (&after, PAGE_ROWS), now)?))
        })
        .await?;
    let codes: Vec<(String, String)> = sorts
        .into_iter()
        .map(|(code, n)| {
            let name = format!("{} {code}（{n}）", sort_name(&code));
            (code, name)
        })
        .collect();
    let ages: Vec<(String, String)> =
        AGES.iter().map(|days| (days.to_string(), format!("{days} 天以上"))).collect();
    html(&Shown {
        list: table(&app, &visit, listed, false).html()?,
        codes: Choice::list(&codes, visit.query.get("code")),
        ages: Choice::list(&ages, visit.query.get("age")),
        area,
        at: instant(visit.now),
        frame: visit.frame("待处理事项"),
    })
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let filter = filter(&visit)?;
    let within = within(visit.live()?, "certificate.read");
    let now = visit.now;
    let listed =
        app.work(move |app| app.province.work_watch(&filter, &within, ("", EXPORT_ROWS), now)).await?;
    let words = |field: &str, value: &str| match (field, value) {
        (_, "") => None,
        ("code", code) => Some(sort_name(code).to_owned()),
        ("age", days) => Some(format!("{days} 天以上")),
        _ => None,
    };
    let export = Export { list: "work", more: listed.next.is_some(), words: &words };
    table(&app, &visit, listed, true).hand_out(&app, &visit, export).await
}
