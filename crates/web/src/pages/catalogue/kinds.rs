//! `/catalogue`: all kinds with their versions.

use askama::Template;
use link::problem::Problem;

use super::{address, days, effect, today};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page = Page::get("/catalogue", Access::Act("catalogue.read"), |app, visit| {
    Box::pin(async move { list(&app, &visit) })
});

const HEADS: &[Head] = &[
    Head::text("证照类型"),
    Head::text("类型代码"),
    Head::short("版本"),
    Head::short("生效"),
    Head::short("状态"),
    Head::short("依据"),
    Head::number("照面项"),
    Head::number("规则"),
];

#[derive(Template)]
#[template(path = "catalogue/kinds.html")]
struct Shown {
    frame: Frame,
    table: String,
}

fn list(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let day = today(visit.now);
    let kinds = app.province.data.catalogue.kinds();
    let mut table = Table::new(visit, "证照类型", HEADS, &[]);
    table.count = i64::try_from(kinds.len()).ok();
    table.empty = ("目录中没有证照类型", "请系统管理员核对目录数据。");
    table.rows = kinds
        .iter()
        .map(|kind| {
            let (tone, word) = effect(kind.effective_from, kind.effective_to, day);
            let count = |count: usize| Cell::Number(i64::try_from(count).unwrap_or(i64::MAX));
            vec![
                Cell::Link(address(kind), kind.name.clone()),
                Cell::Code(kind.type_code.clone()),
                Cell::text(kind.version.clone()),
                Cell::text(days(kind.effective_from, kind.effective_to)),
                Cell::Badge(tone, word.into()),
                match kind.illustrative {
                    true => Cell::Badge("ask", "示意".into()),
                    false => Cell::text(kind.standard.clone()),
                },
                count(kind.items.len()),
                count(kind.rules.len()),
            ]
        })
        .collect();
    html(&Shown { table: table.html()?, frame: visit.frame("证照目录") })
}
