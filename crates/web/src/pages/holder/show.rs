//! `/holder/show/{id}`: 亮证: the face and a code that changes every half minute, also without network.

use askama::Template;
use link::problem::Problem;
use node::share::{Presentation, Presented};

use super::{one, subject};
use crate::pages::asset::VERSION;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/holder/show/{id}", Access::Act("share.own"), |app, visit| Box::pin(show(app, visit)));

/// The codes of the next 24 hours, for the page's script.
pub static CODES: Page = Page::get("/holder/show/{id}/codes", Access::Act("share.own"), |app, visit| {
    Box::pin(async move {
        let shown = present(&app, &visit).await?;
        Ok(Reply::json(&shown))
    })
});

/// The service worker of the holder's pages.
pub static WORKER: Page = Page::get("/holder/worker.js", Access::Open, |_, _| {
    Box::pin(async { Ok(worker(include_str!("../../../assets/holder/worker.js"))) })
});

/// A service worker: its own text changes with any asset, so that browsers fetch the new ones.
pub(in crate::pages) fn worker(text: &str) -> Reply {
    let text = format!("const VERSION = '{}';\n{text}", *VERSION);
    Reply::bytes("text/javascript; charset=utf-8", text)
        .header("Cache-Control", "no-cache")
        .header("Service-Worker-Allowed", "/")
}

#[derive(Template)]
#[template(path = "holder/show.html")]
struct Show {
    frame: Frame,
    id: String,
    name: String,
    status: String,
    holder: String,
    number: String,
    validity: String,
    notes: Vec<String>,
    code: String,
    has_face: bool,
}

async fn present(app: &App, visit: &Visit) -> Result<Box<Presentation>, Problem> {
    let (subject, now) = (subject(visit)?, visit.now);
    let id = visit.param("id").to_owned();
    match app.work(move |app| app.province.share_present(&subject, &id, now)).await? {
        Presented::Shown(shown) => Ok(shown),
        Presented::Refused(why) => {
            Err(Problem::new(409, "NOT_SHOWABLE", "不能亮证").detail(why.what).fix(why.fix))
        }
    }
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let held = one(&app, &visit).await?;
    let shown = present(&app, &visit).await?;
    html(&Show {
        frame: visit.frame("亮证"),
        holder: visit.name.clone().unwrap_or_default(),
        validity: super::validity(&held),
        has_face: held.face.is_some(),
        number: held.certificate_no.unwrap_or_default(),
        id: held.id,
        name: shown.kind_name,
        status: shown.status,
        notes: shown.notes,
        code: crate::symbol::svg(&shown.code.text)?,
    })
}
