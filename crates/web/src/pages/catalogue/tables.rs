//! `/catalogue/tables`: code tables, and one with its codes and their days of effect.

use askama::Template;
use link::problem::Problem;

use super::{days, effect, today};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page = Page::get("/catalogue/tables", Access::Act("catalogue.read"), |app, visit| {
    Box::pin(async move { list(&app, &visit) })
});

/// One.
pub static ONE: Page = Page::get("/catalogue/table", Access::Act("catalogue.read"), |app, visit| {
    Box::pin(async move { one(&app, &visit) })
});

const HEADS: &[Head] = &[
    Head::text("代码表"),
    Head::text("标识"),
    Head::number("代码数"),
    Head::text("来源"),
    Head::short("性质"),
];
const CODES: &[Head] = &[
    Head::short("代码"),
    Head::text("名称"),
    Head::text("上级"),
    Head::short("有效期间"),
    Head::short("状态"),
];

#[derive(Template)]
#[template(path = "catalogue/tables.html")]
struct Shown {
    frame: Frame,
    title: String,
    source: String,
    illustrative: bool,
    back: bool,
    table: String,
}

fn list(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let mut table = Table::new(visit, "代码表", HEADS, &[]);
    let row = |one: &codes::CodeTable| {
        vec![
            Cell::Link(format!("/catalogue/table?id={}", encode(one.id())), one.name().to_owned()),
            Cell::Code(one.id().to_owned()),
            Cell::Number(i64::try_from(one.iter().count()).unwrap_or(i64::MAX)),
            Cell::text(one.source()),
            if one.illustrative() {
                Cell::Badge("ask", "示意".into())
            } else {
                Cell::Badge("ok", "正式".into())
            },
        ]
    };
    table.rows = app.province.data.catalogue.tables.iter().map(row).collect();
    table.count = i64::try_from(table.rows.len()).ok();
    html(&Shown {
        table: table.html()?,
        frame: visit.frame("代码表"),
        title: "代码表".into(),
        source: String::new(),
        illustrative: false,
        back: false,
    })
}

fn one(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let id = visit.query.get("id");
    let found = app.province.data.catalogue.tables.table(id);
    let found = found.ok_or_else(|| problems::not_found("代码表", id))?;
    let day = today(visit.now);
    let mut table = Table::new(visit, "代码", CODES, &[]);
    for (code, periods) in found.iter() {
        for period in periods {
            let (tone, word) = effect(period.from, period.to, day);
            table.rows.push(vec![
                Cell::Code(code.to_owned()),
                Cell::text(period.name.clone()),
                Cell::text(period.parent.clone().unwrap_or_default()),
                Cell::text(days(period.from, period.to)),
                Cell::Badge(tone, word.into()),
            ]);
        }
    }
    table.count = i64::try_from(table.rows.len()).ok();
    html(&Shown {
        table: table.html()?,
        frame: visit.frame(found.name()),
        title: found.name().to_owned(),
        source: found.source().to_owned(),
        illustrative: found.illustrative(),
        back: true,
    })
}
