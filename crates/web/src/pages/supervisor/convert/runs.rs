//! `/supervisor/convert`: the imports of paper stock, newest first.

use askama::Template;
use link::problem::Problem;

use super::{address, state};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/convert", Access::Act("convert.read"), |app, visit| Box::pin(list(app, visit)));

const HEADS: &[Head] = &[
    Head::text("转化任务"),
    Head::short("状态"),
    Head::number("读入"),
    Head::number("待转化"),
    Head::number("已转化"),
    Head::number("须补正"),
    Head::number("被拒"),
];

/// Runs that the page shows at most; a province has one or two a year.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "supervisor/convert.html")]
struct Shown {
    frame: Frame,
    table: String,
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let now = visit.now;
    let reports = app
        .work(move |app| {
            let names = app.province.convert_runs()?.into_iter().map(|(name, _)| name).take(MOST);
            names.map(|name| Ok(app.province.convert_overview(&name, now)?.1)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let mut table = Table::new(&visit, "转化任务", HEADS, &[]);
    table.empty = (
        "还没有导入存量证件",
        "请系统管理员在服务器上运行“luzheng convert plan 名称 数据文件”导入，然后在本页开始转化。",
    );
    table.rows = reports
        .into_iter()
        .map(|report| {
            let (tone, word) = state(&report.state);
            let total = report.total;
            vec![
                Cell::Link(address("run", &report.name), report.name.clone()),
                Cell::Badge(tone, word.into()),
                Cell::Number(report.records),
                Cell::Number(total.ready),
                Cell::Number(total.converted + total.elsewhere + total.already),
                Cell::Number(total.supplement),
                Cell::Number(total.refused),
            ]
        })
        .collect();
    html(&Shown { table: table.html()?, frame: visit.frame("存量转化") })
}
