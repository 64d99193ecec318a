//! `/supervisor`: the overview of the own areas, with charts that print.

use askama::Template;
use link::problem::Problem;
use node::overview::{Bar, Overview};

use super::tile::{Tile, tiles};
use super::watch::{instant, reach};
use crate::pages::chart::{self, Fill, Series, grouped};
use crate::pages::frame::Frame;
use crate::pages::table::encode;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/supervisor", Access::Act("overview.read"), |app, visit| Box::pin(show(app, visit)));

/// A line of a list of bars.
struct Line {
    name: String,
    href: String,
    bar: String,
    number: String,
    share: String,
}

#[derive(Template)]
#[template(path = "supervisor/overview.html")]
struct Shown {
    frame: Frame,
    at: String,
    whose: String,
    tiles: Vec<Tile>,
    /// Code, one of their texts, how many, what they are called.
    work: Vec<(String, String, i64, &'static str)>,
    events: String,
    days: Vec<[String; 6]>,
    /// What the links behind a day's numbers ask for; the first one is the day's.
    statuses: [&'static str; 5],
    kinds: Vec<Line>,
    cities: Vec<Line>,
    counties: bool,
    lag: String,
    hours: Vec<[String; 3]>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?;
    let (reach, now) = (reach(live, "overview.read"), visit.now);
    let named = reach.areas.clone();
    // A province is two digits.
    let part = named.iter().all(|area| area != "*" && area.len() > 2);
    let (all, whose) = app
        .work(move |app| {
            let name = |area: &String| match area.as_str() {
                "*" => "全部".to_owned(),
                area => app.province.area_text(&format!("{area:0<6}"), now),
            };
            let whose: Vec<String> = named.iter().map(name).collect();
            Ok((app.province.overview(&reach, now)?, whose.join("、")))
        })
        .await?;
    let counties = all.cities.iter().any(|one| !one.code.ends_with("00"));
    html(&Shown {
        frame: visit.frame("运行总览"),
        at: instant(all.at),
        whose,
        tiles: tiles(&visit, &all, part),
        events: events(&all),
        days: all.days.iter().rev().map(day_row).collect(),
        kinds: lines(&all.kinds, "kind"),
        cities: lines(&all.cities, "area"),
        counties,
        lag: lag(&all),
        hours: all.lags.iter().rev().filter(|one| one.n > 0).map(hour_row).collect(),
        statuses: ["", "applied", "waiting", "unfit", "refused"],
        work: all
            .work
            .into_iter()
            .map(|(code, why, n)| {
                let name = node::work::sort_name(&code);
                (code, why, n, name)
            })
            .collect(),
    })
}

fn events(all: &Overview) -> String {
    let days: Vec<String> = all.days.iter().map(|one| one.day.clone()).collect();
    let of = |n: fn(&node::overview::DayCount) -> i64| all.days.iter().map(n).collect();
    let series = [
        Series { name: "已办理", fill: Fill::Plain, values: of(|day| day.applied) },
        Series { name: "待处理或待补正", fill: Fill::Dots, values: of(|day| day.waiting + day.unfit) },
        Series { name: "已拒绝", fill: Fill::Strokes, values: of(|day| day.refused) },
    ];
    chart::bars_by_day("近 30 天业务事件", "业务事件", &days, &series)
}

fn lag(all: &Overview) -> String {
    let points: Vec<(String, Option<i64>)> =
        all.lags.iter().map(|one| (one.hour.clone(), one.within)).collect();
    chart::curve("近 48 小时归集用时", &points)
}

fn day_row(one: &node::overview::DayCount) -> [String; 6] {
    [
        one.day.clone(),
        grouped(one.all()),
        grouped(one.applied),
        grouped(one.waiting),
        grouped(one.unfit),
        grouped(one.refused),
    ]
}

fn hour_row(one: &node::overview::HourLag) -> [String; 3] {
    let within =
        one.within.map_or_else(|| "超过 1 天".into(), |within| chart::seconds(within).trim().to_owned());
    [format!("{} 时", one.hour), grouped(one.n), within]
}

fn lines(bars: &[Bar], field: &str) -> Vec<Line> {
    let most = bars.iter().map(|one| one.n).max().unwrap_or(0);
    let all: i64 = bars.iter().map(|one| one.n).sum();
    // A list of a city with its counties is asked for by the city's four digits; beside its counties a city is itself alone.
    let counties = bars.iter().any(|one| !one.code.ends_with("00"));
    let value = |one: &Bar| match field {
        "area" if !counties => one.code.strip_suffix("00").unwrap_or(&one.code).to_owned(),
        _ => one.code.clone(),
    };
    let share = |n: i64| {
        let tenths = if all > 0 { n * 1_000 / all } else { 0 };
        format!("{}.{}%", tenths / 10, tenths % 10)
    };
    let line = |one: &Bar| Line {
        name: one.name.clone(),
        href: format!("/supervisor/certificates?{field}={}", encode(&value(one))),
        bar: chart::bar(one.n, most),
        number: grouped(one.n),
        share: share(one.n),
    };
    bars.iter().map(line).collect()
}
