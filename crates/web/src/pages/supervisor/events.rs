//! `/supervisor/events`: the business events of the own areas by day, kind, answer and source.

use askama::Template;
use link::problem::Problem;
use model::state;
use node::overview::{EventFilter, EventItem, Listed};

use super::watch::{Choice, day, day_of, instant, reach};
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/events", Access::Act("certificate.list"), |app, visit| Box::pin(show(app, visit)));

/// The same as a file.
pub static EXPORT: Page =
    Page::get("/supervisor/events/export", Access::Act("certificate.list"), |app, visit| {
        Box::pin(export(app, visit))
    });

const HEADS: &[Head] = &[
    Head::short("答复时间"),
    Head::short("业务"),
    Head::short("答复"),
    Head::text("证照"),
    Head::short("地区"),
    Head::short("生效日期"),
    Head::text("来源"),
    Head::text("事件编号"),
];

const FIELDS: &[&str] = &["from", "to", "kind", "status", "source", "event"];
/// What `status` asks for, and how it is said.
const STATUSES: [(&str, &str, &[&str]); 6] = [
    ("applied", state::APPLIED, &["applied"]),
    ("waiting", "等待先行业务或转人工处理", &["waiting", "work"]),
    ("ahead", state::WAITING, &["waiting"]),
    ("work", state::WORK, &["work"]),
    ("refused", state::REFUSED, &["refused"]),
    ("unfit", state::UNFIT, &["unfit"]),
];
const DAY: i64 = 86_400_000_000;

#[derive(Template)]
#[template(path = "supervisor/events.html")]
struct Shown {
    frame: Frame,
    list: String,
    kinds: Vec<Choice>,
    statuses: Vec<Choice>,
    source: String,
    event: String,
    from: String,
    to: String,
    at: String,
}

fn filter(visit: &Visit) -> Result<EventFilter, Problem> {
    let to = day_of(visit, "to")?.unwrap_or(visit.now);
    // A month unless more is asked for: what is older is rarely meant.
    let from = day_of(visit, "from")?.unwrap_or(to - 29 * DAY);
    let start = |at: i64| at - (at + 8 * 3_600_000_000).rem_euclid(DAY);
    let status = STATUSES.iter().find(|(code, ..)| *code == visit.query.get("status"));
    Ok(EventFilter {
        reach: reach(visit.live()?, "certificate.list"),
        span: (start(from), start(to) + DAY),
        kind: visit.query.get("kind").to_owned(),
        statuses: status
            .map(|(.., rows)| rows.iter().map(|one| (*one).to_owned()).collect())
            .unwrap_or_default(),
        source: visit.query.get("source").to_owned(),
        event_id: visit.query.get("event").to_owned(),
    })
}

fn row(app: &App, one: EventItem, now: i64) -> Vec<Cell> {
    let status = state::event(&one.status);
    let tone = match one.status.as_str() {
        "applied" => "ok",
        "refused" | "unfit" => "bad",
        _ => "ask",
    };
    let certificate = match one.certificate_id {
        Some(id) => Cell::Link(
            format!("/clerk/certificate/{id}?for=supervise"),
            one.identifier.unwrap_or_else(|| "未转化".into()),
        ),
        None => Cell::text(""),
    };
    vec![
        Cell::text(instant(one.recorded_at)),
        Cell::text(one.kind),
        Cell::Badge(tone, status.to_owned()),
        certificate,
        Cell::text(app.province.area_text(&one.area, now)),
        Cell::text(one.effective_on),
        Cell::text(state::party(&one.source)),
        Cell::Code(one.event_id),
    ]
}

fn table(app: &App, visit: &Visit, listed: Listed<EventItem>) -> Table {
    let mut table = Table::new(visit, "业务事件", HEADS, FIELDS);
    table.count = listed.count;
    table.next = listed.next;
    table.export = Some(EXPORT.path);
    table.empty = ("没有符合条件的业务事件", "请核对日期和筛选条件；没有填写日期时只列出近 30 天。");
    table.rows = listed.rows.into_iter().map(|one| row(app, one, visit.now)).collect();
    table
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let filter = filter(&visit)?;
    let (span, kind, source) = (filter.span, filter.kind.clone(), filter.source.clone());
    let after = visit.query.get("after").to_owned();
    let listed = app.work(move |app| app.province.event_list(&filter, &after, PAGE_ROWS)).await?;
    let kinds: Vec<(String, String)> = lifecycle::EventKind::ALL
        .iter()
        .map(|kind| (kind.name().to_owned(), kind.name().to_owned()))
        .collect();
    let statuses: Vec<(String, String)> =
        STATUSES.iter().map(|(code, name, _)| ((*code).to_owned(), (*name).to_owned())).collect();
    html(&Shown {
        list: table(&app, &visit, listed).html()?,
        kinds: Choice::list(&kinds, &kind),
        statuses: Choice::list(&statuses, visit.query.get("status")),
        source,
        event: visit.query.get("event").to_owned(),
        from: day(span.0),
        to: day(span.1 - DAY),
        at: instant(visit.now),
        frame: visit.frame("业务事件"),
    })
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let filter = filter(&visit)?;
    let listed = app.work(move |app| app.province.event_list(&filter, "", EXPORT_ROWS)).await?;
    let words = |field: &str, value: &str| match field {
        "status" => STATUSES.iter().find(|(code, ..)| *code == value).map(|(_, name, _)| (*name).to_owned()),
        _ => None,
    };
    let export = Export { list: "events", more: listed.next.is_some(), words: &words };
    table(&app, &visit, listed).hand_out(&app, &visit, export).await
}
