//! `/supervisor/convert/run?name=…`: how far a conversion is, by city and kind; begin, go on, stop; the report as a file.

use std::sync::LazyLock;

use askama::Template;
use link::problem::Problem;
use node::NodeError;
use node::convert::{Cause, REPORT_HEADERS, Report, Waves};
use node::session::Live;

use super::{address, percent, state};
use crate::pages::account::minute;
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::sign_in::fresh_or;
use crate::pages::table::{Cell, Head, Table, encode};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page = Page::get("/supervisor/convert/run", Access::Act("convert.read"), |app, visit| {
    Box::pin(show(app, visit))
});

/// The report as a workbook.
pub static REPORT: Page =
    Page::get("/supervisor/convert/report", Access::Act("convert.read"), |app, visit| {
        Box::pin(report(app, visit))
    });

/// Begins, goes on or stops.
pub static GO: Page =
    Page::post("/supervisor/convert/run", Access::Act("convert.run"), FORM, |app, visit| {
        Box::pin(drive(app, visit))
    });

struct Row {
    city: String,
    kind: String,
    total: i64,
    ready: i64,
    done: i64,
    wanting: i64,
    href: Option<String>,
}

struct Rate {
    city: String,
    standing: i64,
    electronic: i64,
    before: String,
    now: String,
    planned: String,
}

#[derive(Template)]
#[template(path = "supervisor/convert-run.html")]
struct Shown {
    frame: Frame,
    name: String,
    slug: String,
    tone: &'static str,
    word: &'static str,
    reason: Option<String>,
    counted: String,
    records: i64,
    ready: i64,
    done: i64,
    supplement: i64,
    refused: i64,
    repeated: i64,
    rates: Vec<Rate>,
    rows: Vec<Row>,
    causes: Vec<(String, i64)>,
    wanting: Option<String>,
    workbook: Option<String>,
    begun: bool,
    /// Nothing is left to be converted.
    over: bool,
    can_run: bool,
    busy: bool,
}

/// The conversion of that name, as counted, or 404.
async fn found(app: &App, name: &str, now: i64) -> Result<(i64, Report), Problem> {
    let own = name.to_owned();
    let found = app
        .work(move |app| {
            let known = app.province.convert_runs()?.into_iter().any(|(known, _)| known == own);
            known.then(|| app.province.convert_overview(&own, now)).transpose()
        })
        .await?;
    found.ok_or_else(|| problems::not_found("转化任务", name))
}

/// Does an account with these areas look after this city, or a part of it?
fn concerns(areas: &[String], city: &str) -> bool {
    areas.iter().any(|area| city.starts_with(area.as_str()) || (!city.is_empty() && area.starts_with(city)))
}

fn has_all(app: &App, live: &Live, act: &str) -> bool {
    live.may(act, Some(&app.province.area))
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    let (at, report) = found(&app, visit.query.get("name"), visit.now).await?;
    let areas = live.areas_of("convert.read");
    let all = has_all(&app, &live, "convert.read");
    let (_, kinds) = super::super::reconcile::whose(&live, "convert.read");
    let of_kind = |kind: &str| kinds.iter().any(|one| one.is_empty() || one == kind);
    let mine = |line: &&node::convert::Line| (all || concerns(&areas, &line.city)) && of_kind(&line.kind);
    let lines: Vec<_> = report.lines.iter().filter(mine).collect();
    let sum = |count: fn(&node::convert::Counts) -> i64| lines.iter().map(|line| count(&line.counts)).sum();
    let (tone, word) = state(&report.state);
    let wanting: i64 = sum(node::convert::Counts::wanting);
    let href = |city: &str| format!("{}&city={}", address("wanting", &report.name), encode(city));
    html(&Shown {
        rates: rates(&report, &areas, all),
        causes: causes(&report, &areas, all),
        rows: lines
            .iter()
            .map(|line| Row {
                city: line.city_name.clone(),
                kind: line.kind_name.clone(),
                total: line.counts.total(),
                ready: line.counts.ready,
                done: line.counts.converted + line.counts.elsewhere + line.counts.already,
                wanting: line.counts.wanting(),
                href: (line.counts.wanting() > 0).then(|| href(&line.city)),
            })
            .collect(),
        records: sum(node::convert::Counts::total),
        ready: sum(|counts| counts.ready),
        done: sum(|counts| counts.converted + counts.elsewhere + counts.already),
        supplement: sum(|counts| counts.supplement),
        refused: sum(|counts| counts.refused),
        repeated: sum(|counts| counts.repeated),
        wanting: (wanting > 0).then(|| address("wanting", &report.name)),
        workbook: all.then(|| address("report", &report.name)),
        counted: minute(at),
        over: report.total.ready == 0 && report.state != "running",
        begun: report.total.converted > 0 || matches!(report.state.as_str(), "running" | "stopped"),
        can_run: report.state != "planning" && has_all(&app, &live, "convert.run"),
        busy: report.state == "running",
        frame: visit.frame("存量转化"),
        slug: report.state,
        reason: report.reason,
        name: report.name,
        tone,
        word,
    })
}

fn rates(report: &Report, areas: &[String], all: bool) -> Vec<Rate> {
    let cities = report.cities.iter().filter(|city| all || concerns(areas, &city.city));
    cities
        .map(|city| Rate {
            city: city.city_name.clone(),
            standing: city.standing,
            electronic: city.electronic,
            before: city.before.map_or_else(|| "—".to_owned(), percent),
            now: percent(city.now),
            planned: percent(city.planned),
        })
        .collect()
}

/// Why records are not converted, most frequent first.
fn causes(report: &Report, areas: &[String], all: bool) -> Vec<(String, i64)> {
    let mut sums: Vec<(String, i64)> = Vec::new();
    let mine = |cause: &&Cause| all || concerns(areas, &cause.city);
    for cause in report.causes.iter().filter(mine) {
        match sums.iter_mut().find(|(name, _)| *name == cause.rule_name) {
            Some((_, count)) => *count += cause.records,
            None => sums.push((cause.rule_name.clone(), cause.records)),
        }
    }
    sums.sort_by_key(|(_, count)| -count);
    sums
}

async fn report(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    let name = visit.query.get("name").to_owned();
    found(&app, &name, visit.now).await?;
    if !has_all(&app, &live, "convert.read") {
        return Err(problems::not_found("转化报告", &name));
    }
    let (own, now) = (name.clone(), visit.now);
    let rows = app.work(move |app| app.province.convert_rows(&own, now)).await?;
    let mut table = Table::new(&visit, "存量转化报告", &COLUMNS, &["name"]);
    let cell = |text: String| text.parse().map_or(Cell::Text(text), Cell::Number);
    // The first columns are codes and names.
    let cells = |row: Vec<String>| {
        let row = row.into_iter().enumerate();
        row.map(|(at, text)| if at < 3 { Cell::Text(text) } else { cell(text) }).collect()
    };
    table.rows = rows.into_iter().map(cells).collect();
    table.hand_out(&app, &visit, Export { list: "conversion", more: false, words: &|_, _| None }).await
}

/// Columns of the report.
static COLUMNS: LazyLock<Vec<Head>> = LazyLock::new(|| REPORT_HEADERS.map(Head::text).into());

/// A number of a form; `None` where it is empty.
fn number<T: std::str::FromStr>(visit: &Visit, field: &str, what: &str) -> Result<Option<T>, Problem> {
    match visit.form.get(field) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            Problem::new(422, "FORM_NUMBER", format!("{what}填写不合规"))
                .item(what)
                .detail(format!("“{text}”不是可用的数字"))
                .fix("请返回改填整数；百分比在 0 到 100 之间")
        }),
    }
}

async fn drive(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    let name = visit.form.need("name", "转化任务")?.to_owned();
    found(&app, &name, visit.now).await?;
    if !has_all(&app, &live, "convert.run") {
        return Err(Problem::new(409, "AREA", "不能办理")
            .detail("存量转化涉及全省证照，当前账号的行政区划不是全省")
            .fix("请由行政区划为全省的省级主管办理"));
    }
    let waves = match visit.form.get("do") {
        "begin" => Some(Waves {
            size: number(&visit, "size", "每批条数")?.unwrap_or(1000),
            refused_percent: number(&visit, "refused", "被拒比例")?.filter(|percent| *percent <= 100),
            failures: number(&visit, "failures", "故障次数")?,
            waves: None,
        }),
        _ => None,
    };
    let (stop, now) = (visit.form.get("do") == "stop", visit.now);
    // Whoever sees it go wrong stops it at once; making thousands of certificates takes the person's password anew.
    if !stop && let Some(reply) = fresh_or(&live, now, &address("run", &name)) {
        return Ok(reply);
    }
    let done = if stop { "convert-stopping" } else { "convert-running" };
    let to = format!("{}&done={done}", address("run", &name));
    app.work(move |app| -> Result<_, NodeError> {
        match stop {
            true => app.province.convert_stop(&name, &live.actor(), now),
            false => app.province.convert_ask(&name, waves.as_ref(), &live.actor(), now),
        }
    })
    .await?;
    Ok(go(to))
}
