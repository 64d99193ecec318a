//! `/sign-in/password`: the own password is changed; at the first sign-in before anything else.

use askama::Template;
use link::problem::Problem;
use node::operator::{Again, OwnPassword};
use node::session::{Stage, Visitor};

use super::{is_ours, locked, onward, operator, with_next};
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/sign-in/password", Access::Begun, |_, visit| Box::pin(async move { show(&visit) }));

/// Its form.
pub static SEND: Page =
    Page::post("/sign-in/password", Access::Begun, FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/password.html")]
struct PasswordPage {
    frame: Frame,
    next: String,
    must: bool,
    error: Option<String>,
}

fn ask(visit: &Visit, next: &str, error: Option<String>) -> Result<Reply, Problem> {
    let must = visit.live()?.stage == Stage::Password;
    html(&PasswordPage { frame: visit.frame("更改口令"), next: next.to_owned(), must, error })
}

/// Who has no password to change now, and where they go instead.
fn elsewhere(visit: &Visit, next: &str) -> Result<Option<Reply>, Problem> {
    let live = visit.live()?;
    Ok(match (&live.visitor, live.stage) {
        (Visitor::Holder(_), _) => Some(onward(live, "")),
        (_, Stage::Full | Stage::Password) => None,
        (_, stage) => stage.page().map(|page| go(with_next(page, next))),
    })
}

fn show(visit: &Visit) -> Result<Reply, Problem> {
    let next = visit.query.get("next");
    match elsewhere(visit, next)? {
        Some(reply) => Ok(reply),
        None => ask(visit, next, None),
    }
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let next = visit.form.get("next").to_owned();
    if let Some(reply) = elsewhere(&visit, &next)? {
        return Ok(reply);
    }
    let live = visit.live()?.clone();
    let (old, new) = (visit.form.raw("old").to_owned(), visit.form.raw("new").to_owned());
    if new != visit.form.raw("repeat") {
        return Ok(ask(&visit, &next, Some("两次输入的新口令不同。".into()))?.status(422));
    }
    let account = live.subject.strip_prefix("operator:").unwrap_or_default().to_owned();
    let (now, session) = (visit.now, live.id.clone());
    let _place = app.sign_ins.acquire().await.map_err(|_| crate::problems::internal())?;
    let answer = app
        .work(move |app| {
            let change = OwnPassword { account: &account, old: &old, new: &new, session: Some(&session) };
            match app.province.operator_password(change, now) {
                // What is wrong with the new password is said beside its field.
                Err(node::NodeError::Refused { what, fix }) => Ok(Err(format!("{what}；{fix}。"))),
                other => other.map(Ok),
            }
        })
        .await?;
    match answer {
        Err(why) => Ok(ask(&visit, &next, Some(why))?.status(422)),
        Ok(Again::Done) if is_ours(&next) => Ok(go(next)),
        Ok(Again::Done) if live.stage == Stage::Full => Ok(go("/account?done=password")),
        Ok(Again::Done) => Ok(go(live.role.home)),
        Ok(Again::Wrong) => {
            let error = "原口令不对。连续 5 次不对将锁定 15 分钟。".to_owned();
            Ok(ask(&visit, &next, Some(error))?.status(403))
        }
        Ok(Again::Locked(until)) => operator::ended(&app, &visit, locked(until)),
    }
}
