//! `/window/phone`: a stale phone is changed at the window with proof, of a holder with a certificate of the account's areas and kinds.
//! Whoever has the phone signs in as the holder, so the clerk gives the password anew.

use askama::Template;
use link::problem::Problem;
use node::certificate::within;
use node::deliver::ContactChange;

use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "deliver.window";

/// The page.
pub static PAGE: Page =
    Page::get("/window/phone", Access::Fresh(ACT), |_, visit| Box::pin(async move { page(&visit, None) }));

/// Its form.
pub static SEND: Page =
    Page::post("/window/phone", Access::Fresh(ACT), FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "window/phone.html")]
struct Phone {
    frame: Frame,
    name: String,
    number: String,
    phone: String,
    proof: String,
    error: Option<(String, String)>,
}

/// The page; after a refusal with what was typed, and why it was refused.
fn page(visit: &Visit, refused: Option<Problem>) -> Result<Reply, Problem> {
    let typed = |name: &str| visit.form.get(name).to_owned();
    let status = refused.as_ref().map_or(200, |problem| problem.status);
    let error =
        refused.map(|problem| (problem.detail.unwrap_or(problem.title), problem.fix.unwrap_or_default()));
    let shown = Phone {
        frame: visit.frame("变更手机号码"),
        name: typed("name"),
        number: typed("number"),
        phone: typed("phone"),
        proof: typed("proof"),
        error,
    };
    Ok(html(&shown)?.status(status))
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    match change(&app, &visit).await {
        Err(problem) if problem.status < 500 => page(&visit, Some(problem)),
        done => done,
    }
}

async fn change(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let form = &visit.form;
    let change = ContactChange {
        name: form.need("name", "姓名或名称")?.to_owned(),
        number: form.need("number", "证件号码")?.to_owned(),
        phone: form.need("phone", "新手机号码")?.to_owned(),
        proof: form.need("proof", "核对身份的方式")?.to_owned(),
    };
    let (live, now) = (visit.live()?, visit.now);
    let (within, actor) = (within(live, ACT), live.actor());
    app.work(move |app| app.province.contact_change(&change, (&within, &actor), now)).await?;
    Ok(go("/window/phone?done=phone"))
}
