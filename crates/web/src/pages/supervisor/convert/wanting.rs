//! `/supervisor/convert/wanting?name=…`: records that must be supplemented, with what is wrong and how to mend it.

use askama::Template;
use link::problem::Problem;
use node::convert::Wanting;

use super::super::reconcile::whose;
use super::address;
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/convert/wanting", Access::Act("convert.read"), |app, visit| {
        Box::pin(list(app, visit))
    });

/// The same as a workbook.
pub static EXPORT: Page =
    Page::get("/supervisor/convert/wanting/export", Access::Act("convert.read"), |app, visit| {
        Box::pin(export(app, visit))
    });

const HEADS: &[Head] = &[
    Head::short("记录号"),
    Head::short("来源"),
    Head::text("类型"),
    Head::short("行政区划"),
    Head::short("阶段"),
    Head::text("项目"),
    Head::text("问题"),
    Head::text("怎么补正"),
];

const FILTERS: &[&str] = &["name", "city"];

#[derive(Template)]
#[template(path = "supervisor/convert-wanting.html")]
struct Shown {
    frame: Frame,
    name: String,
    back: String,
    city: String,
    table: String,
}

/// Areas and kinds of whoever looks, narrowed to a city where one is named.
fn reach(visit: &Visit) -> Result<(Vec<String>, Vec<String>), Problem> {
    let (own, kinds) = whose(visit.live()?, "convert.read");
    let city = visit.query.get("city");
    if city.is_empty() {
        return Ok((own, kinds));
    }
    let narrow = own.into_iter().filter_map(|area| match area {
        area if city.starts_with(area.as_str()) => Some(city.to_owned()),
        area if area.starts_with(city) => Some(area),
        _ => None,
    });
    Ok((narrow.collect(), kinds))
}

async fn rows(app: &App, visit: &Visit, after: i64, most: u32) -> Result<Vec<Wanting>, Problem> {
    let name = visit.query.get("name").to_owned();
    let ((areas, kinds), actor, now) = (reach(visit)?, visit.live()?.actor(), visit.now);
    let own = name.clone();
    let found = app
        .work(move |app| {
            let known = app.province.convert_runs()?.into_iter().any(|(known, _)| known == own);
            let get = || app.province.convert_wanting(&own, (&areas, &kinds), (after, most), (&actor, now));
            known.then(get).transpose()
        })
        .await?;
    found.ok_or_else(|| problems::not_found("转化任务", &name))
}

/// One row a finding, so that whoever mends can go down the list.
fn cells(app: &App, one: &Wanting, now: i64) -> Vec<Vec<Cell>> {
    let kind = app.province.data.catalogue.kinds().iter().find(|kind| kind.slug == one.kind);
    let kind = kind.map_or_else(|| one.kind.clone(), |kind| kind.name.clone());
    let area = app.province.area_name(&one.area, now).unwrap_or_else(|| one.area.clone());
    let stage = if one.refused { "制发时被拒" } else { "导入核查" };
    let row = |item: &str, what: &str, fix: &str| {
        vec![
            Cell::Code(one.record_id.clone()),
            Cell::text(if one.source.is_empty() { "没有入库" } else { &one.source }),
            Cell::text(kind.clone()),
            Cell::text(area.clone()),
            Cell::text(stage),
            Cell::text(item),
            Cell::text(what),
            Cell::text(fix),
        ]
    };
    match one.findings.is_empty() {
        true => vec![row("", "原因未记录", "请重新导入后再核查")],
        false => one.findings.iter().map(|found| row(&found.item_name, &found.what, &found.fix)).collect(),
    }
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let after = visit.query.get("after").parse().unwrap_or(0);
    let mut found = rows(&app, &visit, after, PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "补正清单", HEADS, FILTERS);
    table.next = found.last().filter(|_| more).map(|last| last.n.to_string());
    table.export = Some("/supervisor/convert/wanting/export");
    table.empty = ("没有须补正的记录", "本辖区的记录都已转化或等待转化。");
    table.rows = found.iter().flat_map(|one| cells(&app, one, visit.now)).collect();
    let name = visit.query.get("name").to_owned();
    let city = visit.query.get("city");
    html(&Shown {
        back: address("run", &name),
        city: match city {
            "" => String::new(),
            city => {
                app.province.area_name(&format!("{city}00"), visit.now).unwrap_or_else(|| city.to_owned())
            }
        },
        table: table.html()?,
        frame: visit.frame("补正清单"),
        name,
    })
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let found = rows(&app, &visit, 0, EXPORT_ROWS + 1).await?;
    let more = found.len() > EXPORT_ROWS as usize;
    let found = &found[..found.len().min(EXPORT_ROWS as usize)];
    let mut table = Table::new(&visit, "补正清单", HEADS, FILTERS);
    table.rows = found.iter().flat_map(|one| cells(&app, one, visit.now)).collect();
    table.hand_out(&app, &visit, Export { list: "wanting", more, words: &|_, _| None }).await
}
