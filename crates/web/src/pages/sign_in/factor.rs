//! `/sign-in/factor`: the second factor after the password.

use askama::Template;
use link::problem::Problem;
use node::operator::Again;
use node::session::Stage;

use super::{locked, onward, operator, proof_of};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/sign-in/factor", Access::Begun, |app, visit| Box::pin(async move { show(&app, &visit) }));

/// Its form.
pub static SEND: Page =
    Page::post("/sign-in/factor", Access::Begun, FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/factor.html")]
struct FactorPage {
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
    html(&FactorPage { frame: visit.frame("双因素登录"), next: next.to_owned(), totp, challenge, error })
}

fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let live = visit.live()?;
    if live.stage != Stage::Factor {
        return Ok(onward(live, visit.query.get("next")));
    }
    ask(app, visit, visit.query.get("next"), None)
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    let (form, now, next) = (visit.form.clone(), visit.now, visit.form.get("next").to_owned());
    if live.stage != Stage::Factor {
        return Ok(onward(&live, &next));
    }
    if proof_of(&form).is_none() {
        return Ok(ask(&app, &visit, &next, Some("请输入动态口令或签名。".into()))?.status(422));
    }
    let asked = live.clone();
    let answer = app
        .work(move |app| match proof_of(&form) {
            Some(proof) => app.province.operator_factor(&asked, proof, now),
            None => Ok(Again::Wrong),
        })
        .await?;
    match answer {
        Again::Done => Ok(onward(&live, &next)),
        Again::Wrong => {
            let error = "不对，或已经用过。请等动态口令换新后再输入；连续 5 次不对将锁定 15 分钟。";
            Ok(ask(&app, &visit, &next, Some(error.into()))?.status(403))
        }
        Again::Locked(until) => operator::ended(&app, &visit, locked(until)),
    }
}
