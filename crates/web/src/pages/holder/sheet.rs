//! `/holder/sheet/{id}`: a printed sheet with a long-lived code; a new one replaces what was printed before.

use askama::Template;
use link::problem::Problem;
use node::share::{Presented, SheetReason};

use super::{one, subject, validity};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/holder/sheet/{id}", Access::Act("share.own"), |app, visit| Box::pin(show(app, visit)));

/// Makes the next sheet.
pub static SEND: Page =
    Page::post("/holder/sheet/{id}", Access::Act("share.own"), FORM, |app, visit| Box::pin(send(app, visit)));

/// The sheet as it stands.
struct Paper {
    n: u16,
    made: String,
    code: String,
}

#[derive(Template)]
#[template(path = "holder/sheet.html")]
struct SheetPage {
    frame: Frame,
    id: String,
    name: String,
    holder: String,
    status: String,
    number: String,
    authority: String,
    validity: String,
    identifier: String,
    parts: usize,
    paper: Option<Paper>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let held = one(&app, &visit).await?;
    let (subject, now) = (subject(&visit)?, visit.now);
    let id = held.id.clone();
    let presented = app.work(move |app| app.province.share_present(&subject, &id, now)).await?;
    let sheet = match presented {
        Presented::Shown(shown) => shown.printed,
        Presented::Refused(why) => {
            return Err(Problem::new(409, "NOT_SHOWABLE", "不能打印").detail(why.what).fix(why.fix));
        }
    };
    let paper = |sheet: node::share::Sheet| -> Result<Paper, Problem> {
        Ok(Paper { n: sheet.n, made: minute(sheet.made_at), code: crate::symbol::svg(&sheet.code)? })
    };
    html(&SheetPage {
        frame: visit.frame("打印件"),
        validity: validity(&held),
        holder: visit.name.clone().unwrap_or_default(),
        number: held.certificate_no.unwrap_or_default(),
        identifier: held.identifier.unwrap_or_default(),
        parts: held.face.map_or(0, |face| face.parts.len()),
        paper: sheet.map(paper).transpose()?,
        id: held.id,
        name: held.kind_name,
        status: held.status,
        authority: held.authority,
    })
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let id = visit.param("id").to_owned();
    let reason = match visit.form.get("reason") {
        "lost" => SheetReason::Lost,
        "renewed" => SheetReason::Renewed,
        _ => SheetReason::First,
    };
    let certificate = id.clone();
    app.work(move |app| app.province.share_sheet(&subject, &certificate, reason, now)).await?;
    Ok(go(format!("/holder/sheet/{id}?done=sheet")))
}
