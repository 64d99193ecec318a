//! `/clerk/print`: 批量打印: sheets with a long-lived code for many certificates, one A4 page each, made by a worker.

use askama::Template;
use link::problem::Problem;
use node::certificate::By;
use node::job::JobFacts;
use node::share::{PRINT_MOST, PrintLine, PrintSheet, PrintWish};

use super::job::{JobView, bad, progress};
use super::{account, actor, refusal, within};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::{go, html};
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "issue.print";
/// Two hundred identifiers fit.
const LIST: usize = 64 * 1024;

/// What to print, and what was printed.
pub static PAGE: Page = Page::get("/clerk/print", Access::Act(ACT), |app, visit| {
    Box::pin(async move { show(&app, &visit, None).await })
});

/// Has the sheets made.
pub static SEND: Page =
    Page::post("/clerk/print", Access::Act(ACT), LIST, |app, visit| Box::pin(send(app, visit)));

/// How far a printing has come, and what cannot be printed.
pub static ONE: Page =
    Page::get("/clerk/print/{id}", Access::Act(ACT), |app, visit| Box::pin(one(app, visit)));

/// The sheets of a printing.
pub static SHEETS: Page =
    Page::get("/clerk/print/{id}/sheets", Access::Act(ACT), |app, visit| Box::pin(sheets(app, visit)));

#[derive(Template)]
#[template(path = "clerk/print.html")]
struct PrintPage {
    frame: Frame,
    names: String,
    proof: String,
    renew: bool,
    most: usize,
    error: Option<(String, String)>,
    list: String,
}

const PRINTINGS: &[Head] = &[
    Head::short("提交时间"),
    Head::short("状态"),
    Head::number("证照"),
    Head::number("已生成"),
    Head::number("没有打印"),
];

async fn show(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (owner, actor, now) = (account(visit)?, actor(visit)?, visit.now);
    let query = |name: &str| visit.query.get(name).to_owned();
    let (batch, again, after) = (query("batch"), query("again"), query("after"));
    let (mut found, names) = app
        .work(move |app| {
            let below = Some(after.as_str()).filter(|below| !below.is_empty());
            let found = app.province.print_list(&owner, below, PAGE_ROWS + 1)?;
            let mut names = Vec::new();
            if !batch.is_empty() && app.province.batch_show(&owner, &batch)?.is_some() {
                let wanted = ("done", 0, PRINT_MOST as u32);
                let items = app.province.batch_items((&owner, &batch), wanted, &actor, now)?;
                names.extend(items.into_iter().filter_map(|item| item.identifier));
            }
            if !again.is_empty() && app.province.print_show(&owner, &again)?.is_some() {
                let lines = app.province.print_lines((&owner, &again), ("", 0, PRINT_MOST as u32))?;
                names.extend(lines.into_iter().filter(is_missing).map(|line| line.name));
            }
            Ok((found, names))
        })
        .await?;
    let mut table = Table::new(visit, "打印记录", PRINTINGS, &[]);
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    table.next = found.last().filter(|_| more).map(|last| last.id.clone());
    table.rows = found.iter().map(row).collect();
    table.empty = ("还没有批量打印过", "提交后的进度、结果和打印页都留在这里，随时可以再次打开。");
    let typed = visit.form.raw("names");
    let failed = error.is_some();
    let page = PrintPage {
        frame: visit.frame("批量打印"),
        names: if typed.is_empty() { names.join("\n") } else { typed.to_owned() },
        proof: visit.form.get("proof").to_owned(),
        renew: visit.form.get("renew") == "1",
        most: PRINT_MOST,
        error,
        list: table.html()?,
    };
    Ok(html(&page)?.status(if failed { 422 } else { 200 }))
}

fn missing(one: &JobFacts) -> i64 {
    one.count("refused") + one.count("failed")
}

fn is_missing(line: &PrintLine) -> bool {
    line.state == "refused" || line.state == "failed"
}

/// Tone and word of a printing.
fn state(one: &JobFacts) -> (&'static str, &'static str) {
    if one.is_running() { ("info", "正在生成") } else { ("ok", "已完成") }
}

fn row(one: &JobFacts) -> Vec<Cell> {
    let (tone, word) = state(one);
    vec![
        Cell::Link(format!("/clerk/print/{}", one.id), minute(one.created_at)),
        Cell::Badge(tone, word.to_owned()),
        Cell::Number(one.total),
        Cell::Number(one.count("done")),
        Cell::Number(missing(one)),
    ]
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let names = visit.form.raw("names").lines().map(str::trim).filter(|line| !line.is_empty());
    let wish = PrintWish {
        names: names.map(str::to_owned).collect(),
        proof: visit.form.get("proof").to_owned(),
        renew: visit.form.get("renew") == "1",
    };
    let done = app.work(move |app| refusal(app.province.print_start(&wish, (&within, &actor), now))).await?;
    match done {
        Ok(id) => Ok(go(format!("/clerk/print/{id}"))),
        Err(error) => show(&app, &visit, Some(error)).await,
    }
}

#[derive(Template)]
#[template(path = "clerk/printing.html")]
struct Printing {
    frame: Frame,
    job: JobView,
    id: String,
    made: i64,
    missing: i64,
    list: String,
}

const LINES: &[Head] = &[
    Head::number("序号"),
    Head::text("证照标识或证照编号"),
    Head::short("结果"),
    Head::short("打印件"),
    Head::text("说明"),
];

fn nothing(visit: &Visit) -> Problem {
    crate::problems::not_found("打印记录", visit.param("id"))
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (owner, id) = (account(&visit)?, visit.param("id").to_owned());
    let found = app
        .work(move |app| {
            let Some(one) = app.province.print_show(&owner, &id)? else { return Ok(None) };
            let lines = app.province.print_lines((&owner, &id), ("", 0, PRINT_MOST as u32))?;
            Ok(Some((one, lines)))
        })
        .await?;
    let (one, mut lines) = found.ok_or_else(|| nothing(&visit))?;
    // What needs somebody comes first; the order of the list otherwise.
    lines.sort_by_key(|line| !is_missing(line));
    let mut table = Table::new(&visit, "逐件结果", LINES, &[]);
    let session = visit.live()?.id.clone();
    for line in lines {
        // The candidates are looked at as any search, and logged as one.
        let candidates = match line.is_ambiguous() {
            true => {
                let token = app.province.search_token(&line.name, Some(By::Number), &session);
                Some(format!("/clerk?find={}", encode(&token.map_err(|error| crate::problems::of(&error))?)))
            }
            false => None,
        };
        table.rows.push(line_row(line, candidates));
    }
    let (made, missing) = (one.count("done"), missing(&one));
    let page = Printing {
        frame: visit.frame("批量打印"),
        job: JobView {
            back: ("/clerk/print", "批量打印"),
            title: format!("打印 {} 件证照", one.total),
            about: format!("{} 提交", minute(one.created_at)),
            state: state(&one),
            meter: [
                ("证照", one.total, ""),
                ("等待生成", one.count("ready"), ""),
                ("已生成", made, "ok"),
                ("没有打印", missing, bad(missing)),
            ],
            progress: progress(&one, ("正在生成打印页", "件"), visit.now),
            error: None,
        },
        id: one.id,
        made,
        missing,
        list: table.html()?,
    };
    html(&page)
}

fn line_row(line: PrintLine, candidates: Option<String>) -> Vec<Cell> {
    let tone = match line.state.as_str() {
        "ready" => "info",
        "done" => "ok",
        _ => "bad",
    };
    let state = line.state_name().to_owned();
    vec![
        Cell::Number(line.n),
        match (line.certificate, candidates) {
            (Some(id), _) => Cell::Link(format!("/clerk/certificate/{id}"), line.name),
            (None, Some(list)) => Cell::Link(list, line.name),
            (None, None) => Cell::Code(line.name),
        },
        Cell::Badge(tone, state),
        Cell::text(line.sheet.map_or_else(String::new, |n| format!("第 {n} 号"))),
        Cell::text(line.why),
    ]
}

struct Paper {
    sheet: PrintSheet,
    made: String,
    svg: String,
}

#[derive(Template)]
#[template(path = "clerk/sheets.html")]
struct Sheets {
    frame: Frame,
    one: JobFacts,
    missing: i64,
    papers: Vec<Paper>,
}

async fn sheets(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let (owner, id) = (account(&visit)?, visit.param("id").to_owned());
    let found = app
        .work(move |app| {
            let Some(one) = app.province.print_show(&owner, &id)? else { return Ok(None) };
            if one.is_running() {
                return Ok(Some((one, Vec::new())));
            }
            app.province.print_sheets((&owner, &id), (&within, &actor), now)
        })
        .await?;
    let (one, sheets) = found.ok_or_else(|| nothing(&visit))?;
    if one.is_running() {
        // Not all of them are there yet: the page of the job says how far it is.
        return Ok(go(format!("/clerk/print/{}", one.id)));
    }
    let paper = |sheet: PrintSheet| -> Result<Paper, Problem> {
        Ok(Paper { made: minute(sheet.made_at), svg: crate::symbol::svg(&sheet.code)?, sheet })
    };
    let papers: Result<Vec<Paper>, Problem> = sheets.into_iter().map(paper).collect();
    html(&Sheets { frame: visit.frame("打印页"), missing: missing(&one), one, papers: papers? })
}
