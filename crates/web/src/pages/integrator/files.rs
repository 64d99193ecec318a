//! `/integrator/files`: the batches of the file interface, and what lies in the drop folder.

use askama::Template;
use link::problem::Problem;
use node::intake::{Batch, BatchState, Lying};

use super::{READ, sources};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/integrator/files", Access::Act(READ), |app, visit| Box::pin(show(app, visit)));

const HEADS: &[Head] = &[
    Head::text("批次"),
    Head::short("开始受理"),
    Head::text("回执"),
    Head::number("行数"),
    Head::number("受理"),
    Head::text("整批退回的原因"),
];

#[derive(Template)]
#[template(path = "integrator/files.html")]
struct Shown {
    frame: Frame,
    sources: Vec<String>,
    source: String,
    configured: bool,
    lying: Vec<Lying>,
    trouble: Option<String>,
    list: String,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (all, source) = sources(&app, &visit).await?;
    let drops = app.installation().map(|one| one.drops.clone()).unwrap_or_default();
    let folder = drops.into_iter().find(|drop| Some(&drop.source) == source.as_ref()).map(|drop| drop.folder);
    let configured = folder.is_some();
    let mut table = Table::new(&visit, "文件接口批次", HEADS, &["source"]);
    table.empty = (
        "还没有批次",
        "把数据文件（.jsonl）和校验文件（.sm3）放入投放目录，几秒后开始受理；格式见文件接口说明。",
    );
    let (mut lying, mut trouble) = (Vec::new(), None);
    if let Some(source) = source.clone() {
        let after = visit.query.get("after").split_once('.');
        let before = after.and_then(|(at, name)| Some((at.parse::<i64>().ok()?, name.to_owned())));
        let found = app
            .work(move |app| {
                let page =
                    app.province.intake_batches(&source, folder.as_deref(), before.as_ref(), PAGE_ROWS)?;
                let lying = folder.as_deref().map(|folder| app.province.intake_lying(folder));
                Ok((page, lying))
            })
            .await?;
        table.next = found.0.next.map(|(at, name)| format!("{at}.{name}"));
        table.rows = found.0.batches.into_iter().map(row).collect();
        match found.1 {
            Some(Ok(files)) => lying = files,
            Some(Err(error)) => trouble = Some(error.to_string()),
            None => {}
        }
    }
    html(&Shown {
        frame: visit.frame("文件接口"),
        sources: all,
        source: source.unwrap_or_default(),
        configured,
        lying,
        trouble,
        list: table.html()?,
    })
}

fn row(one: Batch) -> Vec<Cell> {
    let state = match (one.state, &one.problem) {
        (_, Some(_)) => Cell::Badge("bad", "整批退回".into()),
        (BatchState::Working, None) => Cell::Badge("ask", "受理中".into()),
        (BatchState::Answered, None) => Cell::Badge("info", "待取回执".into()),
        (BatchState::Fetched, None) => Cell::Badge("ok", "已取回执".into()),
        (BatchState::Elsewhere, None) => Cell::Badge("", "目录不在本机配置中".into()),
    };
    let (lines, accepted) = match one.lines {
        Some((lines, accepted)) => (Cell::Number(lines as i64), Cell::Number(accepted as i64)),
        None => (Cell::text(""), Cell::text("")),
    };
    vec![
        Cell::Code(one.name),
        Cell::text(minute(one.begun_at)),
        state,
        lines,
        accepted,
        Cell::text(one.problem.unwrap_or_default()),
    ]
}
