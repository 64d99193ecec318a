//! `/supervisor/reconcile/requests`: 数据维护申请 (附表1) that were drafted, and one of them, to be checked and printed.

use askama::Template;
use link::problem::Problem;
use node::certificate::within;
use node::reconcile::{Change, Item};
use node::session::Live;

use super::area_name;
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/reconcile/requests", Access::Act("reconcile.read"), |app, visit| {
        Box::pin(list(app, visit))
    });

/// One.
pub static ONE: Page =
    Page::get("/supervisor/reconcile/request", Access::Act("reconcile.read"), |app, visit| {
        Box::pin(one(app, visit))
    });

const HEADS: &[Head] = &[
    Head::short("起草时间"),
    Head::text("编号"),
    Head::short("行政区划"),
    Head::short("状态"),
    Head::short("更新时间"),
];

#[derive(Template)]
#[template(path = "supervisor/requests.html")]
struct List {
    frame: Frame,
    table: String,
}

#[derive(Template)]
#[template(path = "supervisor/request.html")]
struct One {
    frame: Frame,
    id: String,
    title: String,
    items: Vec<Item>,
    changes: Vec<Change>,
    href: Option<String>,
    updated: String,
}

/// What concerns the whole province needs a right to all of it.
pub(super) fn whole(app: &App, live: &Live) -> Result<(), Problem> {
    if live.may("reconcile.repair", Some(&app.province.area)) {
        return Ok(());
    }
    Err(Problem::new(409, "AREA", "不能办理")
        .detail("对账和整批修复涉及全省证照，当前账号的行政区划不是全省")
        .fix("请由行政区划为全省的省级主管办理"))
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, before) = (within(visit.live()?, "reconcile.read"), visit.query.get("after").to_owned());
    let mut found = app.work(move |app| app.province.maintain_page(&within, &before, PAGE_ROWS + 1)).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "数据维护申请", HEADS, &[]);
    table.next = found.last().filter(|_| more).map(|last| last.id.clone());
    table.empty = ("没有数据维护申请", "处理对账差异时选“起草数据维护申请”，草稿会出现在这里。");
    table.rows = found
        .into_iter()
        .map(|row| {
            vec![
                Cell::Link(format!("/supervisor/reconcile/request?id={}", row.id), minute(row.created_at)),
                Cell::Code(row.id),
                Cell::text(area_name(&app.province, &row.area, visit.now)),
                Cell::Badge("info", if row.state == "draft" { "草稿".into() } else { row.state }),
                Cell::text(minute(row.updated_at)),
            ]
        })
        .collect();
    html(&List { table: table.html()?, frame: visit.frame("数据维护申请") })
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    let id = visit.query.get("id").to_owned();
    let live = visit.live()?.clone();
    let (own, now) = (id.clone(), visit.now);
    let found = app
        .work(move |app| {
            let province = &app.province;
            let place = province.maintain_place(&own)?;
            match place.filter(|(area, kind)| live.may_kind("reconcile.read", area, kind)) {
                Some(_) => province.maintain_show(&own, &live.actor(), now).map(Some),
                None => Ok(None),
            }
        })
        .await?;
    let (row, form) = found.ok_or_else(|| problems::not_found("数据维护申请", &id))?;
    let href =
        row.run_id.zip(row.certificate_id).map(|(run, certificate)| super::address(&run, &certificate));
    html(&One {
        frame: visit.frame("数据维护申请"),
        id,
        title: form.title,
        items: form.items,
        changes: form.changes,
        href,
        updated: minute(row.updated_at),
    })
}
