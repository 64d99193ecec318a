//! `/ministry`: provinces side by side.

use askama::Template;
use link::problem::Problem;
use node::collect::{COUNTED, ProvinceState};

use super::{Standing, elsewhere};
use crate::pages::chart::grouped;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/ministry", Access::Act("ministry.read"), |app, visit| Box::pin(show(app, visit)));

const HEADS: &[Head] = &[
    Head::short("省份"),
    Head::number("持有"),
    Head::number("正常"),
    Head::number("今日收"),
    Head::number("未收"),
    Head::short("最近归集"),
    Head::short("对账"),
    Head::short("数据包"),
    Head::short("节点证书"),
    Head::short("日志见证"),
];

/// A province that somebody has to look at.
struct Look {
    id: String,
    name: String,
    /// How long ago it delivered last.
    last: String,
    reasons: Vec<super::Mark>,
    /// Deliveries that were not taken, by cause.
    causes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "ministry/provinces.html")]
struct Shown {
    frame: Frame,
    provinces: usize,
    holdings: String,
    today: String,
    refused: String,
    different: String,
    attention: usize,
    alarms: Vec<String>,
    looks: Vec<Look>,
    table: String,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let now = visit.now;
    let all = app.work(move |app| app.province.provinces(now)).await?;
    let mut table = Table::new(&visit, "各省情况", HEADS, &[]);
    table.empty = ("还没有登记省级节点", "请系统管理员用“luzheng peer add”登记各省的节点证书。");
    table.rows = all.iter().map(|one| row(one, now)).collect();
    let sum = |count: &dyn Fn(&ProvinceState) -> i64| grouped(all.iter().map(count).sum());
    let refused: i64 = all.iter().map(|one| one.refused).sum();
    let different =
        |one: &ProvinceState| one.told.as_ref().map_or(0, |told| told.missing + told.extra + told.different);
    let looks: Vec<Look> = all.iter().filter_map(|one| look(one, now)).collect();
    html(&Shown {
        frame: visit.frame("各省情况"),
        provinces: all.len(),
        holdings: sum(&ProvinceState::total),
        today: sum(&taken_today),
        refused: match refused >= i64::from(COUNTED) {
            true => format!("超过 {}", grouped(refused)),
            false => grouped(refused),
        },
        different: sum(&different),
        attention: looks.len(),
        looks,
        alarms: all.iter().filter_map(|one| one.alarm.clone()).collect(),
        table: table.html()?,
    })
}

/// Why somebody has to look at a province; `None` where nobody has to.
fn look(one: &ProvinceState, now: i64) -> Option<Look> {
    let standing = Standing::of(one, now);
    let reasons = standing.reasons(one.refused);
    (!reasons.is_empty()).then(|| Look {
        id: one.peer.id.clone(),
        name: one.peer.name.clone(),
        last: standing.delivered.1,
        reasons,
        causes: one.causes.iter().map(|(code, count)| (super::cause(code), grouped(*count))).collect(),
    })
}

fn taken_today(one: &ProvinceState) -> i64 {
    one.today.get("applied").copied().unwrap_or_default()
}

fn row(one: &ProvinceState, now: i64) -> Vec<Cell> {
    let standing = Standing::of(one, now);
    let normal = one.holdings.iter().filter(|(_, base, _)| base == "正常").map(|(.., count)| count).sum();
    let badge = |(tone, text): super::Mark| Cell::Badge(tone, text);
    vec![
        Cell::Link(format!("/ministry/province?id={}", one.peer.id), one.peer.name.clone()),
        Cell::Number(one.total()),
        Cell::Number(normal),
        Cell::Number(taken_today(one)),
        match one.refused {
            0 => Cell::Number(0),
            count => {
                let list = format!("/ministry/receipts?province={}&state=refused", one.peer.id);
                Cell::Link(list, grouped(count))
            }
        },
        badge(standing.delivered),
        badge(standing.compared),
        badge(standing.pack),
        badge(standing.certificate),
        badge(standing.log),
    ]
}
