//! The search: newest first, page by page, as a file.

use askama::Template;
use link::problem::Problem;
use node::NodeError;
use node::audit::{ACT_NAMES, Found, Page as Entries, act_name, outcome_name};
use serde::Deserialize;

use super::ACT;
use super::query::{Asked, FIELDS, Wrong, cursor};
use crate::api::local_time;
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The search.
pub static PAGE: Page = Page::get("/admin/audit", Access::Act(ACT), |app, visit| Box::pin(list(app, visit)));

/// The same as a file.
pub static EXPORT: Page =
    Page::get("/admin/audit/export", Access::Act(ACT), |app, visit| Box::pin(export(app, visit)));

const HEADS: &[Head] = &[
    Head::number("序号"),
    Head::short("时间"),
    Head::text("事项"),
    Head::text("经办人"),
    Head::text("客户端"),
    Head::text("证照"),
    Head::text("结果"),
];

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Search {
    frame: Frame,
    asked: Asked,
    wrong: Option<Wrong>,
    acts: &'static [(&'static str, &'static str)],
    list: String,
}

impl Search {
    fn why(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|wrong| wrong.field == field).map(|wrong| wrong.why.as_str())
    }
}

/// What of an entry stands in the list.
#[derive(Deserialize)]
struct Line {
    act: String,
    at: i64,
    actor: Who,
    #[serde(default)]
    object: Option<String>,
    outcome: String,
}

#[derive(Deserialize)]
struct Who {
    client: String,
    #[serde(default)]
    operator: Option<String>,
    #[serde(default)]
    staff_no: Option<String>,
}

/// Why there is no list, or the list.
type Searched = Result<Entries, Wrong>;

fn search(app: &App, visit: &Visit, asked: &Asked, most: u32, after: &str) -> Result<Searched, NodeError> {
    let wanted = match asked.wanted(app)? {
        Ok(wanted) => wanted,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let refused = |problem: Problem| NodeError::Refused {
        what: problem.detail.unwrap_or_default(),
        fix: problem.fix.unwrap_or_default(),
    };
    let after = cursor(after).map_err(refused)?;
    let actor = visit.live.as_ref().map(node::session::Live::actor).unwrap_or_default();
    let look = app.province.looking(&actor, visit.now);
    Ok(Ok(app.province.audit_log().audit_latest(&wanted, after, most, look)?))
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (visit, asked, found) = app
        .work(move |app| {
            let asked = Asked::read(&visit);
            let found = search(app, &visit, &asked, PAGE_ROWS, visit.query.get("after"))?;
            Ok((visit, asked, found))
        })
        .await?;
    let mut table = Table::new(&visit, "审计日志", HEADS, FIELDS);
    table.export = Some("/admin/audit/export");
    table.empty =
        ("这段时间没有符合条件的记录", "可核对证照编号、放宽时间范围或去掉部分条件；新记录约一秒后可检索。");
    let (status, wrong) = match found {
        Ok(page) => {
            table.next = page.next.map(|next| format!("{}.{}", next.at, next.n));
            table.rows = page.entries.iter().map(row).collect();
            (200, None)
        }
        Err(wrong) => (422, Some(wrong)),
    };
    let list = if wrong.is_some() { String::new() } else { table.html()? };
    let page = Search { frame: visit.frame("审计日志"), asked, wrong, acts: ACT_NAMES, list };
    Ok(html(&page)?.status(status))
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (visit, found) = app
        .work(move |app| {
            let asked = Asked::read(&visit);
            let found = search(app, &visit, &asked, EXPORT_ROWS, "")?;
            Ok((visit, found))
        })
        .await?;
    let page = found.map_err(|wrong| {
        Problem::new(422, "AUDIT_QUERY", "检索条件不合规")
            .item(wrong.field)
            .detail(wrong.why)
            .fix("请返回修改检索条件后再导出")
    })?;
    let more = page.next.is_some();
    let mut table = Table::new(&visit, "审计日志", HEADS, FIELDS);
    table.rows = page.entries.iter().map(row).collect();
    let words = |field: &str, value: &str| match (field, value) {
        (_, "") => None,
        ("act", act) => Some(act_name(act).to_owned()),
        ("outcome", outcome) => Some(outcome_name(outcome).to_owned()),
        _ => None,
    };
    table.hand_out(&app, &visit, Export { list: "audit", more, words: &words }).await
}

fn row(found: &Found) -> Vec<Cell> {
    let n = Cell::Link(format!("/admin/audit/{}", found.n), found.n.to_string());
    // An entry that was altered into something else is shown as what it is; its page says that it does not hold.
    let Ok(line) = serde_json::from_str::<Line>(&found.entry) else {
        let broken = Cell::Badge("bad", "条目已损坏".into());
        return vec![n, text(""), text(""), text(""), text(""), text(""), broken];
    };
    vec![
        n,
        text(&second(line.at)),
        text(act_name(&line.act)),
        text(&line.actor.operator.or(line.actor.staff_no).unwrap_or_default()),
        text(client_name(&line.actor.client)),
        line.object.map_or_else(
            || text(""),
            |key| Cell::Link(format!("/admin/audit?object={}", encode(&key)), tail(&key)),
        ),
        outcome(&line.outcome),
    ]
}

fn text(text: &str) -> Cell {
    Cell::text(text)
}

/// An instant to the second.
pub(in crate::pages) fn second(at: i64) -> String {
    local_time(at)[..19].replace('T', " ")
}

/// Clients that are no API clients have names of ours.
pub(super) fn client_name(client: &str) -> &str {
    match client {
        "web" => "管理页面",
        "cli" => "命令行",
        "node" => "本节点",
        other => other,
    }
}

/// The end of a row key: its beginning is the time.
pub(super) fn tail(key: &str) -> String {
    let skipped = key.chars().count().saturating_sub(10);
    if skipped == 0 {
        key.to_owned()
    } else {
        format!("…{}", key.chars().skip(skipped).collect::<String>())
    }
}

/// An outcome with its tone.
pub(super) fn outcome(outcome: &str) -> Cell {
    let tone = match outcome {
        "refused" | "failed" | "conflict" | "invalid" | "locked" | "raised" => "bad",
        "work" | "unfit" | "undecided" | "waiting" | "pending" | "unknown" => "ask",
        _ => "",
    };
    Cell::Badge(tone, outcome_name(outcome).to_owned())
}
