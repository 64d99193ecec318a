//! The outages with their clocks, and the form for one that people noticed or announce.

use askama::Template;
use link::problem::Problem;
use node::NodeError;
use node::outage::{Leg, NewOutage, OutageClock, ShownOutage};

use super::{kind, leg, state};
use crate::pages::frame::Frame;
use crate::pages::supervisor::watch::{instant, instant_of};
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/outages", Access::Act("outage.read"), |app, visit| Box::pin(show(app, visit)));

/// Records one.
pub static OPEN: Page =
    Page::post("/supervisor/outages", Access::Act("outage.record"), FORM, |app, visit| {
        Box::pin(open(app, visit))
    });

const HEADS: &[Head] = &[
    Head::short("开始"),
    Head::text("对方"),
    Head::short("方向"),
    Head::short("类别"),
    Head::text("状态"),
    Head::short("结束"),
    Head::text("原因"),
];

/// An outage that is not completed.
struct Clock {
    href: String,
    party: String,
    leg: &'static str,
    tone: &'static str,
    word: &'static str,
    text: String,
    deadline: String,
    left: i64,
    held: i64,
}

#[derive(Template)]
#[template(path = "supervisor/outages.html")]
struct Shown {
    frame: Frame,
    at: String,
    clocks: Vec<Clock>,
    list: String,
    may: bool,
    parties: Vec<String>,
    form: Vec<String>,
    error: Option<(String, String)>,
}

/// Fields of the form, in the order of [`Shown::form`].
const FIELDS: [&str; 7] = ["leg", "party", "planned", "started", "ends", "cause", "measures"];

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    page(app, visit, None).await
}

fn clock(one: OutageClock, now: i64) -> Clock {
    let (tone, word) = state(&one, now);
    let record = &one.shown.record;
    Clock {
        href: format!("{}/{}", PAGE.path, record.id),
        party: model::state::party(&record.party).to_owned(),
        leg: leg(record),
        tone,
        word,
        text: one.text(),
        deadline: one.shown.deadline.clone(),
        left: one.shown.held - one.shown.sent,
        held: one.shown.held,
    }
}

fn row(one: ShownOutage, app: &App, now: i64) -> Vec<Cell> {
    let clock = app.province.clock(one, now);
    let (tone, word) = state(&clock, now);
    let record = clock.shown.record;
    vec![
        Cell::Link(format!("{}/{}", PAGE.path, record.id), instant(record.started_at)),
        Cell::text(model::state::party(&record.party)),
        Cell::text(leg(&record)),
        Cell::text(kind(&record)),
        Cell::Badge(tone, word.into()),
        Cell::text(record.ended_at.map(instant).unwrap_or_default()),
        Cell::text(record.cause),
    ]
}

async fn page(app: App, visit: Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let now = visit.now;
    let after = visit.query.get("after").to_owned();
    let (clocks, mut records) = app
        .work(move |app| {
            let place = after.split_once('-').and_then(|(at, id)| Some((at.parse().ok()?, id)));
            let found = app.province.outage_page(place.unwrap_or((i64::MAX, "")), PAGE_ROWS + 1)?;
            Ok((app.province.outage_clocks(now)?, found))
        })
        .await?;
    let more = records.len() > PAGE_ROWS as usize;
    records.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "中断记录", HEADS, &[]);
    table.next = records.last().filter(|_| more).map(|last| format!("{}-{}", last.started_at, last.id));
    table.empty = ("没有中断记录", "业务系统和归集去向的连接中断会自动发现并列在这里。");
    let plain = |record| ShownOutage { record, held: 0, sent: 0, deadline: String::new() };
    table.rows = records.into_iter().map(|record| row(plain(record), &app, now)).collect();
    let status = if error.is_some() { 422 } else { 200 };
    let shown = Shown {
        at: instant(now),
        clocks: clocks.into_iter().map(|one| clock(one, now)).collect(),
        list: table.html()?,
        may: visit.live()?.may("outage.record", None),
        parties: app.province.lanes.clone(),
        form: FIELDS.iter().map(|field| visit.form.get(field).to_owned()).collect(),
        frame: visit.frame("中断记录"),
        error,
    };
    Ok(html(&shown)?.status(status))
}

async fn open(app: App, visit: Visit) -> Result<Reply, Problem> {
    let new = match read(&visit) {
        Ok(new) => new,
        Err(why) => return page(app, visit, Some(why)).await,
    };
    let (actor, now, province) = (visit.live()?.actor(), visit.now, std::sync::Arc::clone(&app.province));
    let done = app.work(move |_| Ok(province.outage_open(new, &actor, now))).await?;
    match done {
        Ok(id) => Ok(go(format!("{}/{id}?done=outage-opened", PAGE.path))),
        Err(NodeError::Refused { what, fix }) => page(app, visit, Some((what, fix))).await,
        Err(error) => Err(crate::problems::of(&error)),
    }
}

/// What the form says; what is wrong with it and the fix.
fn read(visit: &Visit) -> Result<NewOutage, (String, String)> {
    let form = |field: &str, most: usize| visit.form.get(field).chars().take(most).collect::<String>();
    let time = |field: &str, what: &str| match visit.form.get(field) {
        "" => Ok(None),
        text => instant_of(text).map(Some).ok_or_else(|| {
            (format!("{what}不是时间"), "请按“2026-11-22T18:00”的格式填写（北京时间）".to_owned())
        }),
    };
    let leg = match visit.form.get("leg") {
        "in" => Leg::In,
        "out" => Leg::Out,
        _ => return Err(("没有选择方向".into(), "请选择业务系统报送或归集去向".into())),
    };
    if visit.form.get("cause").is_empty() {
        return Err(("没有填写原因".into(), "请填写已知的原因；暂不明的写“待查”".into()));
    }
    Ok(NewOutage {
        leg,
        party: form("party", 100),
        planned: visit.form.get("planned") == "1",
        started_at: time("started", "开始时间")?.unwrap_or(visit.now),
        ends_at: time("ends", "结束时间")?,
        cause: form("cause", 1_000),
        measures: form("measures", 1_000),
    })
}
