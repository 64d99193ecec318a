//! `/sign-in/again`: password and second factor once more, before a dangerous act (等保三级 8.1.4.1).

use askama::Template;
use link::problem::Problem;
use node::operator::Again;
use node::session::Visitor;

use super::{locked, onward, operator, proof_of};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// Where it is.
pub(super) const PATH: &str = "/sign-in/again";

/// The page.
pub static PAGE: Page =
    Page::get(PATH, Access::Act("session.own"), |app, visit| Box::pin(async move { show(&app, &visit) }));

/// Its form.
pub static SEND: Page =
    Page::post(PATH, Access::Act("session.own"), FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/again.html")]
struct AgainPage {
    frame: Frame,
    next: String,
    totp: bool,
    challenge: Option<String>,
    error: Option<String>,
}

fn ask(app: &App, visit: &Visit, next: &str, error: Option<String>) -> Result<Reply, Problem> {
    let live = visit.live()?;
    let (totp, certificate) = live.factors;
    let challenge = certificate.then(|| app.province.operator_challenge(live));
    html(&AgainPage { frame: visit.frame("再次验证"), next: next.to_owned(), totp, challenge, error })
}

fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let live = visit.live()?;
    match &live.visitor {
        // Holders have no password, and no page that asks for it.
        Visitor::Holder(_) => Ok(onward(live, "")),
        Visitor::Operator { .. } => ask(app, visit, visit.query.get("next"), None),
    }
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    if matches!(live.visitor, Visitor::Holder(_)) {
        return Ok(onward(&live, ""));
    }
    let (form, now, next) = (visit.form.clone(), visit.now, visit.form.get("next").to_owned());
    let asked = live.clone();
    let _place = app.sign_ins.acquire().await.map_err(|_| crate::problems::internal())?;
    let answer = app
        .work(move |app| app.province.operator_again(&asked, form.raw("password"), proof_of(&form), now))
        .await?;
    match answer {
        Again::Done => Ok(onward(&live, &next)),
        Again::Wrong => {
            let error = "口令或动态口令不对，或动态口令已经用过。连续 5 次不对将锁定 15 分钟。".to_owned();
            Ok(ask(&app, &visit, &next, Some(error))?.status(403))
        }
        Again::Locked(until) => operator::ended(&app, &visit, locked(until)),
    }
}
