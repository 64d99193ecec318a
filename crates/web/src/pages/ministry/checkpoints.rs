//! `/ministry/checkpoints`: which checkpoints of the provinces' logs this node has signed, and who was refused.

use askama::Template;
use link::problem::Problem;

use super::{elsewhere, found, log};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list of logs.
pub static PAGE: Page =
    Page::get("/ministry/checkpoints", Access::Act("ministry.read"), |app, visit| Box::pin(list(app, visit)));

/// One log.
pub static ONE: Page = Page::get("/ministry/checkpoints/one", Access::Act("ministry.read"), |app, visit| {
    Box::pin(one(app, visit))
});

/// A checkpoint as a file.
pub static NOTE: Page =
    Page::get("/ministry/checkpoints/note", Access::Act("ministry.read"), |app, visit| {
        Box::pin(note(app, visit))
    });

const HEADS: &[Head] = &[
    Head::short("省份"),
    Head::text("节点"),
    Head::short("见证"),
    Head::number("条数"),
    Head::short("检查点时间"),
];
const NOTES: &[Head] = &[Head::number("条数"), Head::short("检查点时间"), Head::short("文件")];

#[derive(Template)]
#[template(path = "ministry/checkpoints.html")]
struct Shown {
    frame: Frame,
    title: String,
    back: bool,
    alarms: Vec<String>,
    table: String,
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let now = visit.now;
    let all = app.work(move |app| app.province.provinces(now)).await?;
    let mut table = Table::new(&visit, "日志见证", HEADS, &[]);
    table.empty = ("还没有登记省级节点", "请系统管理员用“luzheng peer add”和“luzheng peer log”登记。");
    table.rows = all
        .iter()
        .map(|one| {
            let (tone, word) = log(one, now);
            vec![
                Cell::Link(
                    format!("/ministry/checkpoints/one?id={}", encode(&one.peer.id)),
                    one.peer.name.clone(),
                ),
                Cell::Code(one.peer.id.clone()),
                Cell::Badge(tone, word),
                one.witnessed.map_or_else(
                    || Cell::text(""),
                    |(size, _)| Cell::Number(i64::try_from(size).unwrap_or(i64::MAX)),
                ),
                Cell::text(one.witnessed.map_or_else(String::new, |(_, at)| minute(at))),
            ]
        })
        .collect();
    html(&Shown {
        alarms: all.into_iter().filter_map(|one| one.alarm).collect(),
        title: "日志见证".into(),
        back: false,
        table: table.html()?,
        frame: visit.frame("日志见证"),
    })
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let one = found(&app, visit.query.get("id"), visit.now).await?;
    let below = visit.query.get("after").parse().unwrap_or(i64::MAX);
    let id = one.peer.id.clone();
    let mut notes = app.work(move |app| app.province.province_checkpoints(&id, below, PAGE_ROWS + 1)).await?;
    let more = notes.len() > PAGE_ROWS as usize;
    notes.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "已见证的检查点", NOTES, &["id"]);
    table.next = notes.last().filter(|_| more).map(|(size, ..)| size.to_string());
    table.empty = ("还没有见证过该节点的检查点", "登记其日志证书后，该节点会自动请求见证。");
    table.rows = notes
        .iter()
        .map(|(size, at, _)| {
            let href = format!("/ministry/checkpoints/note?id={}&size={size}", encode(&one.peer.id));
            vec![Cell::Number(*size), Cell::text(minute(*at)), Cell::Link(href, "下载".into())]
        })
        .collect();
    html(&Shown {
        alarms: one.alarm.into_iter().collect(),
        title: format!("{}的日志见证", one.peer.name),
        back: true,
        table: table.html()?,
        frame: visit.frame("日志见证"),
    })
}

async fn note(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let id = visit.query.get("id").to_owned();
    let size: i64 = visit.query.get("size").parse().unwrap_or(0);
    let own = id.clone();
    let notes =
        app.work(move |app| app.province.province_checkpoints(&own, size.saturating_add(1), 1)).await?;
    let found = notes.into_iter().find(|(held, ..)| *held == size);
    let (_, _, text) = found.ok_or_else(|| problems::not_found("检查点", &id))?;
    let file = encode(&format!("{id}-{size}.checkpoint"));
    Ok(Reply::bytes("text/plain; charset=utf-8", text)
        .header("Content-Disposition", format!("attachment; filename*=UTF-8''{file}"))
        .header("Cache-Control", "no-store"))
}
