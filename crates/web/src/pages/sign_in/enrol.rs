//! `/sign-in/enrol`: an authenticator app becomes the second factor; ten recovery codes are shown once.

use askama::Template;
use link::problem::Problem;
use node::operator::Enrolment;
use node::session::{Stage, Visitor};

use super::{fresh_or, onward, with_next};
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const PATH: &str = "/sign-in/enrol";

/// The page.
pub static PAGE: Page = Page::get(PATH, Access::Begun, |app, visit| Box::pin(show(app, visit)));

/// Its form.
pub static SEND: Page = Page::post(PATH, Access::Begun, FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/enrol.html")]
struct EnrolPage {
    frame: Frame,
    next: String,
    must: bool,
    svg: String,
    secret: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/recovery.html")]
struct RecoveryPage {
    frame: Frame,
    next: String,
    codes: Vec<String>,
}

/// Who may not enrol now, and where they go instead.
fn elsewhere(visit: &Visit, next: &str) -> Result<Option<Reply>, Problem> {
    let live = visit.live()?;
    Ok(match (&live.visitor, live.stage) {
        (Visitor::Holder(_), _) => Some(onward(live, "")),
        (_, Stage::Enrol) => None,
        // Another app in the place of the one that is there: only for the person, not for an open screen.
        (_, Stage::Full) => fresh_or(live, visit.now, &with_next(PATH, next)),
        (_, stage) => stage.page().map(|page| go(with_next(page, next))),
    })
}

async fn ask(app: App, visit: Visit, next: String, error: Option<String>) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    let must = live.stage == Stage::Enrol;
    let shown = app.look(move |app| app.province.operator_enrol_begin(&live)).await?;
    let svg = crate::symbol::svg(&shown.uri)?;
    let frame = visit.frame("绑定动态口令");
    let wrong = error.is_some();
    let reply = html(&EnrolPage { frame, next, must, svg, secret: shown.secret, error })?;
    let reply = reply.header("Cache-Control", "no-store");
    Ok(if wrong { reply.status(403) } else { reply })
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let next = visit.query.get("next").to_owned();
    match elsewhere(&visit, &next)? {
        Some(reply) => Ok(reply),
        None => ask(app, visit, next, None).await,
    }
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let next = visit.form.get("next").to_owned();
    if let Some(reply) = elsewhere(&visit, &next)? {
        return Ok(reply);
    }
    let (live, now, code) = (visit.live()?.clone(), visit.now, visit.form.get("code").to_owned());
    let home = live.role.home.clone();
    match app.work(move |app| app.province.operator_enrol_finish(&live, &code, now)).await? {
        Enrolment::Wrong => {
            let error = "动态口令不对。请核对手机的时间是否准确，等换新后再输入。".to_owned();
            ask(app, visit, next, Some(error)).await
        }
        Enrolment::Done(codes) => {
            let next = if super::is_ours(&next) { next } else { home };
            let page = RecoveryPage { frame: visit.frame("恢复码"), next, codes };
            Ok(html(&page)?.header("Cache-Control", "no-store"))
        }
    }
}
