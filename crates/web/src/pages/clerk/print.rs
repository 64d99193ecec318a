//! `/clerk/print`: 批量打印: sheets with a long-lived code for many certificates, one A4 page each.

use askama::Template;
use link::problem::Problem;
use node::share::{PRINT_MOST, PrintFacts, PrintSheet, PrintWish};

use super::{account, actor, refusal, within};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "issue.print";
/// Printings shown.
const RECENT: u32 = 20;
/// Two hundred identifiers fit.
const LIST: usize = 64 * 1024;

/// What to print, and what was printed.
pub static PAGE: Page = Page::get("/clerk/print", Access::Act(ACT), |app, visit| {
    Box::pin(async move { show(&app, &visit, None).await })
});

/// Makes the sheets.
pub static SEND: Page =
    Page::post("/clerk/print", Access::Act(ACT), LIST, |app, visit| Box::pin(send(app, visit)));

/// The sheets of a printing.
pub static SHEETS: Page =
    Page::get("/clerk/print/{id}", Access::Act(ACT), |app, visit| Box::pin(sheets(app, visit)));

#[derive(Template)]
#[template(path = "clerk/print.html")]
struct PrintPage {
    frame: Frame,
    names: String,
    proof: String,
    renew: bool,
    most: usize,
    error: Option<(String, String)>,
    recent: Vec<(PrintFacts, String)>,
}

async fn show(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (owner, actor, now) = (account(visit)?, actor(visit)?, visit.now);
    let batch = visit.query.get("batch").to_owned();
    let (recent, of_batch) = app
        .work(move |app| {
            let recent = app.province.print_list(&owner, RECENT)?;
            let known = !batch.is_empty() && app.province.batch_show(&owner, &batch)?.is_some();
            let items = match known {
                true => {
                    app.province.batch_items((&owner, &batch), ("done", 0, PRINT_MOST as u32), &actor, now)?
                }
                false => Vec::new(),
            };
            Ok((recent, items))
        })
        .await?;
    let of_batch: Vec<String> = of_batch.into_iter().filter_map(|item| item.identifier).collect();
    let typed = visit.form.raw("names");
    let failed = error.is_some();
    let page = PrintPage {
        frame: visit.frame("批量打印"),
        names: if typed.is_empty() { of_batch.join("\n") } else { typed.to_owned() },
        proof: visit.form.get("proof").to_owned(),
        renew: visit.form.get("renew") == "1",
        most: PRINT_MOST,
        error,
        recent: recent.into_iter().map(|one| (one.clone(), minute(one.created_at))).collect(),
    };
    Ok(html(&page)?.status(if failed { 422 } else { 200 }))
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let names = visit.form.raw("names").lines().map(str::trim).filter(|line| !line.is_empty());
    let wish = PrintWish {
        names: names.map(str::to_owned).collect(),
        proof: visit.form.get("proof").to_owned(),
        renew: visit.form.get("renew") == "1",
    };
    let done = app.work(move |app| refusal(app.province.print_make(&wish, (&within, &actor), now))).await?;
    match done {
        Ok(id) => Ok(go(format!("/clerk/print/{id}"))),
        Err(error) => show(&app, &visit, Some(error)).await,
    }
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
    one: PrintFacts,
    papers: Vec<Paper>,
}

async fn sheets(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let (owner, id) = (account(&visit)?, visit.param("id").to_owned());
    let found = app.work(move |app| app.province.print_show((&owner, &id), (&within, &actor), now)).await?;
    let (one, sheets) = found.ok_or_else(|| crate::problems::not_found("打印记录", visit.param("id")))?;
    let paper = |sheet: PrintSheet| -> Result<Paper, Problem> {
        Ok(Paper { made: minute(sheet.made_at), svg: crate::symbol::svg(&sheet.code)?, sheet })
    };
    let papers: Result<Vec<Paper>, Problem> = sheets.into_iter().map(paper).collect();
    html(&Sheets { frame: visit.frame("打印页"), one, papers: papers? })
}
